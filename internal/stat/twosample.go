package stat

import "math"

// SmirnovTail returns the chance that the distribution functions of m and of n
// values, split at random, differ by distance or more somewhere. It follows all
// splits, as paths on a grid: Hodges, "The significance probability of the Smirnov
// two-sample test", 1958. Ties are not accounted for, which makes the chance too
// large for them. The cost is m times n times twice the distance at most.
func SmirnovTail(m, n int, distance float64) float64 {
	g := gcd(m, n)
	a, b := m/g, n/g
	// Distances are multiples of 1/(a n).
	least := int(math.Round(distance * float64(a) * float64(n)))
	if least == 0 {
		return 1
	}
	// touched[j] is the share of the paths to (i, j) that were that far out.
	touched := make([]float64, n+1)
	for i := range m + 1 {
		low, high := max(0, floorDiv(i*b-least, a)+1), min(n, floorDiv(i*b+least-1, a))
		if low > 0 {
			touched[low-1] = 1
		}
		for j := low; j <= high; j++ {
			touched[j] = touchedAt(touched, i, j)
		}
		for j := high + 1; j <= min(n, high+1+b/a+1); j++ {
			touched[j] = 1
		}
	}
	return touched[n]
}

// touchedAt takes the share from the two points before (i, j).
func touchedAt(touched []float64, i, j int) float64 {
	switch {
	case i == 0:
		return 0
	case j == 0:
		return touched[0]
	}
	return (float64(i)*touched[j] + float64(j)*touched[j-1]) / float64(i+j)
}

func gcd(a, b int) int {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}

// floorDiv rounds towards minus infinity.
func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
