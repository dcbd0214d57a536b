package kernel

import "math"

// Centre sets to to a column less its mean; they may be the same, and must not be
// empty. The mean is origin + mean, where origin is the first value: a large common
// offset costs no accuracy. The result is the same on any processor to the last bit.
func Centre(to, x []float64) (origin, mean float64) {
	var sums [Lanes]float64
	origin = x[0]
	whole := len(x) / Lanes * Lanes
	addDifferences(x[:whole], origin, &sums)
	for i, v := range x[whole:] {
		sums[i] += v - origin
	}
	mean = addLanes(&sums) / float64(len(x))
	subtractBoth(to[:whole], x[:whole], origin, mean)
	subtractBothPlain(to[whole:], x[whole:], origin, mean)
	return origin, mean
}

// addDifferencesPlain adds up x - origin, every eighth value apart.
func addDifferencesPlain(x []float64, origin float64, sums *[Lanes]float64) {
	for ; len(x) >= Lanes; x = x[Lanes:] {
		for lane, v := range x[:Lanes] {
			sums[lane] += v - origin
		}
	}
}

func subtractBothPlain(to, x []float64, a, b float64) {
	for i, v := range x {
		to[i] = (v - a) - b
	}
}

// AddSlopes adds to each to[i] the slope times (x[i] - centre) of one column after
// the other, and nothing where x[i] is NaN. A product is rounded before it is
// added, on any processor.
func AddSlopes(to []float64, columns [][]float64, slopes, centres []float64) {
	whole := len(to) / Lanes * Lanes
	fast := addSlopes(to[:whole], columns, slopes, centres)
	for j, x := range columns {
		from := whole
		if j >= fast {
			from = 0
		}
		addSlopePlain(to[from:], x[from:len(to)], slopes[j], centres[j])
	}
}

func addSlopePlain(to, x []float64, slope, centre float64) {
	for i, v := range x {
		effect := float64(slope * (v - centre))
		if math.IsNaN(v) {
			effect = 0
		}
		to[i] += effect
	}
}

// Misses returns the sums of the squares and of the absolute values of a - b, which
// are as long. Those of every eighth value are added apart.
func Misses(a, b []float64) (squares, absolutes float64) {
	var square, absolute [Lanes]float64
	b = b[:len(a)]
	whole := len(a) / Lanes * Lanes
	addMisses(a[:whole], b[:whole], &square, &absolute)
	addMissesPlain(a[whole:], b[whole:], &square, &absolute)
	return addLanes(&square), addLanes(&absolute)
}

// addMissesPlain adds the misses of values, the first of which belongs to the first
// lane.
func addMissesPlain(a, b []float64, squares, absolutes *[Lanes]float64) {
	for i, v := range a {
		miss := v - b[i]
		squares[i%Lanes] += float64(miss * miss)
		absolutes[i%Lanes] += math.Abs(miss)
	}
}

// Range returns the least and the greatest value of a column, infinities where
// there is none, and whether there are NaN, which are left out. A zero has no sign.
func Range(x []float64) (low, high float64, missing bool) {
	whole := len(x) / Lanes * Lanes
	low, high, missing = rangeOf(x[:whole])
	lowRest, highRest, missingRest := rangePlain(x[whole:])
	return min(low, lowRest) + 0, max(high, highRest) + 0, missing || missingRest
}

func rangePlain(x []float64) (low, high float64, missing bool) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range x {
		if v < low {
			low = v
		}
		if v > high {
			high = v
		}
		if v != v {
			missing = true
		}
	}
	return low, high, missing
}

// Part copies the values of x whose bit in chosen is set to one slice, and the
// others to the other, and returns how many are chosen. Bit i%8 of chosen[i/8]
// stands for x[i]. Both slices are as long as x; what stands beyond the values
// copied is overwritten.
func Part(x []float64, chosen []uint8, to, others []float64) int {
	whole := len(x) / Lanes * Lanes
	n := part(x[:whole], chosen, to, others)
	to, others = to[n:], others[whole-n:]
	return n + partPlain(x[whole:], chosen[min(whole/Lanes, len(chosen)):], to, others)
}

func partPlain(x []float64, chosen []uint8, to, others []float64) int {
	n := 0
	for i, v := range x {
		to[n], others[i-n] = v, v
		n += int(chosen[i/Lanes] >> (i % Lanes) & 1)
	}
	return n
}
