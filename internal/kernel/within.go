package kernel

import "math"

// The functions of this file decide whether points are within a distance. They
// add squares in the order of the coordinates, each rounded by itself, as
// [SquaredDistance] does. Rounding never reverses an order, so a box is never
// said to be farther than the nearest point in it, nor nearer than the farthest.
// Pruning by boxes is therefore exact to the last bit.

// CountWithin returns how many points of the block are within a squared
// distance of p.
func CountWithin(p, block []float64, squared float64) int {
	if len(p) == 3 {
		return countWithin3(p, block, squared)
	}
	d, count := len(p), 0
	for ; len(block) >= 4*d; block = block[4*d:] {
		s0, s1, s2, s3 := fourDistances(p, block, squared)
		count += within(s0, squared) + within(s1, squared) + within(s2, squared) + within(s3, squared)
	}
	for ; len(block) >= d; block = block[d:] {
		count += within(SquaredDistance(p, block[:d]), squared)
	}
	return count
}

func within(s, squared float64) int {
	if s <= squared {
		return 1
	}
	return 0
}

func countWithin3(p, block []float64, squared float64) int {
	p0, p1, p2 := p[0], p[1], p[2]
	count := 0
	for ; len(block) >= 3; block = block[3:] {
		d0, d1, d2 := p0-block[0], p1-block[1], p2-block[2]
		count += within(float64(d0*d0)+float64(d1*d1)+float64(d2*d2), squared)
	}
	return count
}

// FirstWithin returns the index of the first point of the block that is within a
// squared distance of p, or -1.
func FirstWithin(p, block []float64, squared float64) int {
	d, i := len(p), 0
	for ; len(block) >= 4*d; i += 4 {
		s0, s1, s2, s3 := fourDistances(p, block, squared)
		if min(s0, s1, s2, s3) <= squared {
			break
		}
		block = block[4*d:]
	}
	for ; len(block) >= d; i++ {
		if SquaredDistance(p, block[:d]) <= squared {
			return i
		}
		block = block[d:]
	}
	return -1
}

// fourDistances returns the squared distances of p from the first four points of
// the block; they do not wait for one another. It stops early, with lesser
// values, when all four exceed the limit.
func fourDistances(p, block []float64, limit float64) (s0, s1, s2, s3 float64) {
	const step = 8
	d := len(p)
	b0, b1, b2, b3 := block[:d], block[d:2*d], block[2*d:3*d], block[3*d:4*d]
	for len(p) > 0 {
		few := min(step, len(p))
		q0, q1, q2, q3 := b0[:few], b1[:few], b2[:few], b3[:few]
		for j, v := range p[:few] {
			d0, d1, d2, d3 := v-q0[j], v-q1[j], v-q2[j], v-q3[j]
			s0 += float64(d0 * d0)
			s1 += float64(d1 * d1)
			s2 += float64(d2 * d2)
			s3 += float64(d3 * d3)
		}
		if s0 > limit && s1 > limit && s2 > limit && s3 > limit {
			break
		}
		p, b0, b1, b2, b3 = p[few:], b0[few:], b1[few:], b2[few:], b3[few:]
	}
	return s0, s1, s2, s3
}

// Bounds sets low and high to the least and the greatest value of each
// coordinate of the block, which must not be empty.
func Bounds(block, low, high []float64) {
	d := len(low)
	high = high[:d]
	copy(low, block)
	copy(high, block)
	for block = block[d:]; len(block) >= d; block = block[d:] {
		for j, v := range block[:d] {
			if v < low[j] {
				low[j] = v
			}
			if v > high[j] {
				high[j] = v
			}
		}
	}
}

// BoxNearest returns the squared distance of p from the nearest point of the box
// between low and high. It stops early, with a lesser value, when that exceeds
// the limit.
func BoxNearest(p, low, high []float64, limit float64) float64 {
	const step = 8
	sum := 0.0
	for len(p) > 0 && !(sum > limit) {
		few := min(step, len(p))
		lows, highs := low[:few], high[:few]
		for j, v := range p[:few] {
			gap := positivePart(lows[j]-v) + positivePart(v-highs[j])
			sum += float64(gap * gap)
		}
		p, low, high = p[few:], low[few:], high[few:]
	}
	return sum
}

// positivePart returns max(v, 0), exactly and without a branch.
func positivePart(v float64) float64 { return (v + math.Abs(v)) / 2 }

// BoxFarthest returns the squared distance of p from the farthest point of the
// box between low and high.
func BoxFarthest(p, low, high []float64) float64 {
	low, high = low[:len(p)], high[:len(p)]
	sum := 0.0
	for j, v := range p {
		far := v - low[j]
		if other := high[j] - v; other > far {
			far = other
		}
		sum += float64(far * far)
	}
	return sum
}

// BoxGap returns the squared distances of the nearest and of the farthest pair
// of points of two boxes.
func BoxGap(lowA, highA, lowB, highB []float64) (nearest, farthest float64) {
	highA, lowB, highB = highA[:len(lowA)], lowB[:len(lowA)], highB[:len(lowA)]
	for j, low := range lowA {
		above, below := highA[j]-lowB[j], highB[j]-low
		far, gap := above, -below
		if below > above {
			far, gap = below, -above
		}
		farthest += float64(far * far)
		if gap > 0 {
			nearest += float64(gap * gap)
		}
	}
	return nearest, farthest
}
