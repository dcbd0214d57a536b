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

// SumDistances returns the sum of the Euclidean distances of p from the points from
// low to high of x, which has their coordinates by columns. It adds those of every
// eighth point apart, and is the same on any processor to the last bit.
func SumDistances(p, x []float64, low, high int) float64 {
	var sums [Lanes]float64
	n := len(x) / len(p)
	low = sumDistances(p, x, n, low, high, &sums)
	var distances [Lanes]float64
	for ; low < high; low += Lanes {
		few := distances[:min(Lanes, high-low)]
		measureFew(p, x, n, low, few)
		for lane, v := range few {
			sums[lane] += v
		}
	}
	return addLanes(&sums)
}

// AddDistances adds to to[j] the Euclidean distance of p from point low + j of x,
// which has the coordinates of points by columns, and returns the sum of the distances,
// that of [SumDistances].
func AddDistances(p, x []float64, low int, to []float64) float64 {
	var sums [Lanes]float64
	n := len(x) / len(p)
	done := addDistances(p, x, n, low, to, &sums)
	var distances [Lanes]float64
	for to, low = to[done:], low+done; len(to) > 0; low += Lanes {
		few := distances[:min(Lanes, len(to))]
		measureFew(p, x, n, low, few)
		for lane, v := range few {
			to[lane] += v
			sums[lane] += v
		}
		to = to[len(few):]
	}
	return addLanes(&sums)
}

// measureFew sets distances to those of p from the points from low on of n points by
// columns.
func measureFew(p, x []float64, n, low int, distances []float64) {
	clear(distances)
	for j, v := range p {
		for lane, w := range x[j*n+low:][:len(distances)] {
			distances[lane] += float64((v - w) * (v - w))
		}
	}
	for lane, v := range distances {
		distances[lane] = math.Sqrt(v)
	}
}
