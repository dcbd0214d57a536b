package stat

import (
	"math"
	"math/bits"
	"slices"
)

// Quantile returns the p-quantile of x, 0 <= p <= 1, by linear interpolation
// between order statistics: definition 7 of Hyndman and Fan, "Sample quantiles
// in statistical packages", 1996, the default of NumPy and pandas. x must not
// hold NaN; it is reordered. The quantile of nothing is NaN. The expected cost
// is linear.
func Quantile(x []float64, p float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	at := p * float64(len(x)-1)
	i := int(at)
	low := Select(x, i)
	if i+1 == len(x) {
		return low
	}
	return Interpolate(low, slices.Min(x[i+1:]), at-float64(i))
}

// Interpolate returns the number that lies at a share of the way from a to b. It
// starts from the nearer end, which is exact at both ends.
func Interpolate(a, b, share float64) float64 {
	if share >= 0.5 {
		return b - (b-a)*(1-share)
	}
	return a + (b-a)*share
}

// Select returns the k-th smallest value of x, k counted from 0, and reorders x
// so that it stands at k with nothing larger before it and nothing smaller after
// it. x must not hold NaN. It is the algorithm of Hoare, "Algorithm 65: Find",
// 1961, with a sort for the inputs on which that would turn quadratic.
func Select(x []float64, k int) float64 {
	low, high := 0, len(x)-1
	for rounds := 2 * bits.Len(uint(len(x))); low < high; rounds-- {
		if rounds == 0 {
			slices.Sort(x[low : high+1])
			break
		}
		i, j := partition(x, low, high)
		switch {
		case k <= j:
			high = j
		case k >= i:
			low = i
		default:
			return x[k]
		}
	}
	return x[k]
}

// Nth is [Select] for an x that stays as it is. As in Floyd and Rivest, "Expected
// time bounds for selection", 1975, a sample tells between which values the
// result is likely to lie, and few lie there.
func Nth(x []float64, k int) float64 {
	const few = 1 << 13
	if len(x) > few {
		low, high := bracket(x, k)
		below, between := part(x, low, high)
		if k >= below && k < below+len(between) {
			return Select(between, k-below)
		}
	}
	return Select(slices.Clone(x), k)
}

// bracket returns two values of x between which its k-th smallest probably lies.
func bracket(x []float64, k int) (low, high float64) {
	const size, margin = 4096, 128 // four standard deviations of a rank, at most
	sample := make([]float64, size)
	for i := range sample {
		sample[i] = x[int(uint64(i)*uint64(len(x))/size)]
	}
	slices.Sort(sample)
	low, high = math.Inf(-1), math.Inf(1)
	at := int(float64(k) / float64(len(x)) * size)
	if at >= margin {
		low = sample[at-margin]
	}
	if at+margin < size {
		high = sample[at+margin]
	}
	return low, high
}

// part counts the values below low and copies those from low to high.
func part(x []float64, low, high float64) (below int, between []float64) {
	between = make([]float64, 0, len(x)/8)
	for _, v := range x {
		if v < low {
			below++
		} else if v <= high {
			between = append(between, v)
		}
	}
	return below, between
}

// partition reorders x[low:high+1] around a pivot: x[low:j+1] is at most the
// pivot, x[i:high+1] at least, and what lies between equals it.
func partition(x []float64, low, high int) (i, j int) {
	pivot := middle(x[low], x[low+(high-low)/2], x[high])
	i, j = low, high
	for i <= j {
		for x[i] < pivot {
			i++
		}
		for x[j] > pivot {
			j--
		}
		if i <= j {
			x[i], x[j] = x[j], x[i]
			i++
			j--
		}
	}
	return i, j
}

func middle(a, b, c float64) float64 {
	return max(min(a, b), min(max(a, b), c))
}
