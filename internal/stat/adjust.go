package stat

import (
	"cmp"
	"slices"
)

// BenjaminiHochberg returns p-values adjusted so that those up to a level q have
// an expected share of at most q false ones: Benjamini and Hochberg, "Controlling
// the false discovery rate", 1995.
func BenjaminiHochberg(p []float64) []float64 {
	order := ascending(p)
	out := make([]float64, len(p))
	least := 1.0
	for rank := len(order) - 1; rank >= 0; rank-- {
		i := order[rank]
		least = min(least, p[i]*float64(len(p))/float64(rank+1))
		out[i] = least
	}
	return out
}

// Holm returns p-values adjusted so that the chance of any false one up to a level
// is at most that level: Holm, "A simple sequentially rejective multiple test
// procedure", 1979.
func Holm(p []float64) []float64 {
	out := make([]float64, len(p))
	greatest := 0.0
	for rank, i := range ascending(p) {
		greatest = max(greatest, min(1, p[i]*float64(len(p)-rank)))
		out[i] = greatest
	}
	return out
}

// ascending returns the numbers of p-values from the least to the greatest.
func ascending(p []float64) []int {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	return order
}
