// Package kernel holds the innermost loops of the library: small functions on
// flat slices, without allocation, checks or branches that depend on data. A
// point is d values in a row; a block is points end to end.
package kernel

import "math"

// SquaredDistance returns the squared Euclidean distance of two points of equal
// dimension. Each square is rounded before it is added, on any processor.
func SquaredDistance(a, b []float64) float64 {
	b = b[:len(a)]
	sum := 0.0
	for i, v := range a {
		diff := v - b[i]
		sum += float64(diff * diff)
	}
	return sum
}

// Nearest returns the index of the point of the block that is nearest to p, the
// first of equals, and its squared distance. The block must not be empty.
func Nearest(p, block []float64) (index int, squared float64) {
	if len(p) == 3 {
		return nearest3(p, block)
	}
	d := len(p)
	best := int64(math.MaxInt64)
	for i := 0; len(block) >= d; i++ {
		s := int64(math.Float64bits(SquaredDistance(p, block[:d])))
		block = block[d:]
		if s < best {
			index = i
		}
		if s < best {
			best = s
		}
	}
	return index, math.Float64frombits(uint64(best))
}

// nearest3 is Nearest in three dimensions, where a customer table most often
// lives. It adds in the same order. Squares are not negative, so their bits
// compare as integers, which spares a branch that nobody can predict.
func nearest3(p, block []float64) (index int, squared float64) {
	p0, p1, p2 := p[0], p[1], p[2]
	best := int64(math.MaxInt64)
	for i := 0; len(block) >= 3; i++ {
		d0, d1, d2 := p0-block[0], p1-block[1], p2-block[2]
		block = block[3:]
		s := int64(math.Float64bits(float64(d0*d0) + float64(d1*d1) + float64(d2*d2)))
		if s < best {
			index = i
		}
		if s < best {
			best = s
		}
	}
	return index, math.Float64frombits(uint64(best))
}

// SumDistances returns the sum of the Euclidean distances of p from the points
// of the block. It adds the even and the odd points apart, so that two square
// roots are under way at a time.
func SumDistances(p, block []float64) float64 {
	if len(p) == 3 {
		return sumDistances3(p, block)
	}
	d := len(p)
	var even, odd float64
	for len(block) >= 2*d {
		even += math.Sqrt(SquaredDistance(p, block[:d]))
		odd += math.Sqrt(SquaredDistance(p, block[d:2*d]))
		block = block[2*d:]
	}
	if len(block) > 0 {
		even += math.Sqrt(SquaredDistance(p, block))
	}
	return even + odd
}

func sumDistances3(p, block []float64) float64 {
	p0, p1, p2 := p[0], p[1], p[2]
	var even, odd float64
	for len(block) >= 6 {
		b := block[:6]
		block = block[6:]
		a0, a1, a2 := p0-b[0], p1-b[1], p2-b[2]
		b0, b1, b2 := p0-b[3], p1-b[4], p2-b[5]
		even += math.Sqrt(float64(a0*a0) + float64(a1*a1) + float64(a2*a2))
		odd += math.Sqrt(float64(b0*b0) + float64(b1*b1) + float64(b2*b2))
	}
	if len(block) > 0 {
		a0, a1, a2 := p0-block[0], p1-block[1], p2-block[2]
		even += math.Sqrt(float64(a0*a0) + float64(a1*a1) + float64(a2*a2))
	}
	return even + odd
}

// AddDistances adds to to[j] the Euclidean distance of p from point j of the
// block, which has as many points as to is long, and returns the sum of them.
func AddDistances(p, block, to []float64) float64 {
	if len(p) == 3 {
		return addDistances3(p, block, to)
	}
	d, total := len(p), 0.0
	for j := range to {
		distance := math.Sqrt(SquaredDistance(p, block[j*d:j*d+d]))
		to[j] += distance
		total += distance
	}
	return total
}

func addDistances3(p, block, to []float64) float64 {
	p0, p1, p2 := p[0], p[1], p[2]
	total := 0.0
	block = block[:3*len(to)]
	for j := range to {
		b := block[:3]
		block = block[3:]
		d0, d1, d2 := p0-b[0], p1-b[1], p2-b[2]
		distance := math.Sqrt(float64(d0*d0) + float64(d1*d1) + float64(d2*d2))
		to[j] += distance
		total += distance
	}
	return total
}
