package stat

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// ChiSquared compares the counts of two tables by category with Pearson's test,
// without a correction for continuity. Categories that neither table has are left
// out. Freedom is 0, and p is 1, with fewer than two categories or with an empty
// table.
func ChiSquared(a, b []int) (statistic float64, freedom int, p float64) {
	totalA, totalB := float64(Total(a)), float64(Total(b))
	if totalA == 0 || totalB == 0 {
		return 0, 0, 1
	}
	categories := 0
	for i := range a {
		both := float64(a[i]) + float64(b[i])
		if both == 0 {
			continue
		}
		categories++
		expectedA, expectedB := both*totalA/(totalA+totalB), both*totalB/(totalA+totalB)
		da, db := float64(a[i])-expectedA, float64(b[i])-expectedB
		statistic += da*da/expectedA + db*db/expectedB
	}
	if categories < 2 {
		return 0, 0, 1
	}
	freedom = categories - 1
	return statistic, freedom, ChiSquaredTail(statistic, freedom)
}

// ChiSquaredTail returns the chance of a value of more than x.
func ChiSquaredTail(x float64, freedom int) float64 {
	return mathext.GammaIncRegComp(float64(freedom)/2, x/2)
}

// Total returns the sum of counts.
func Total(counts []int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}

// exactMargin is up to which number of cases or of others two shares are compared
// by Fisher's test.
const exactMargin = 1000

// TwoShares returns the two-sided p-value of the hypothesis that k of n and l of m
// come from one share: Fisher's exact test where the numbers are small, and the
// test of two proportions with a pooled variance where they are large. It is 1
// with an empty table.
func TwoShares(k, n, l, m int) float64 {
	cases, others := k+l, n+m-k-l
	switch {
	case n == 0 || m == 0 || cases == 0 || others == 0:
		return 1
	case min(cases, others, n, m) <= exactMargin:
		return fisher(k, n, l, m)
	}
	_, _, p := ChiSquared([]int{k, n - k}, []int{l, m - l})
	return p
}

// fisher adds up the chances of all tables with the same margins that are no
// likelier than the given one. Each follows from its neighbour, so that large
// tables cost no digits.
func fisher(k, n, l, m int) float64 {
	cases := k + l
	least, most := max(0, cases-m), min(n, cases)
	// up is how much likelier the table with x+1 of n is than that with x.
	up := func(x int) float64 {
		return float64(n-x) * float64(cases-x) / (float64(x+1) * float64(m-cases+x+1))
	}
	const equal = 1e-7 // likelihoods that differ by less are equal
	all, tail := 1.0, 1.0
	add := func(share float64) {
		all += share
		if share <= 1+equal {
			tail += share
		}
	}
	for x, share := k, 1.0; x < most; x++ {
		share *= up(x)
		add(share)
	}
	for x, share := k, 1.0; x > least; x-- {
		share /= up(x - 1)
		add(share)
	}
	if math.IsInf(all, 1) {
		return 0
	}
	return min(1, tail/all)
}
