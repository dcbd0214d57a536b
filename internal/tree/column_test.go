package tree

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestColumnRanksValues(t *testing.T) {
	nan := math.NaN()
	random := rand.New(rand.NewPCG(5, 5))
	pool := []float64{0, math.Copysign(0, -1), 1, -1, math.MaxFloat64, -math.MaxFloat64, 5e-324, -5e-324, 1e-300, 3.25, nan}
	for range 300 {
		x := make([]float64, 1+random.IntN(60))
		kinds := 1 + random.IntN(len(pool))
		for i := range x {
			x[i] = pool[random.IntN(kinds)]
			if random.IntN(3) == 0 && kinds > 5 {
				x[i] = random.NormFloat64()
			}
		}
		c, err := newColumn(t.Context(), x)
		if err != nil {
			t.Fatal(err)
		}
		checkColumn(t, c, x)
	}
}

func checkColumn(t *testing.T, c *column, x []float64) {
	t.Helper()
	var values []float64
	for _, v := range x {
		if !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	if want := slices.Compact(values); !slices.Equal(c.values, want) {
		t.Fatalf("values %v, want %v", c.values, want)
	}
	code := func(row int) int {
		if math.IsNaN(x[row]) {
			return len(c.values)
		}
		return slices.Index(c.values, x[row])
	}
	if (c.codes != nil) != (len(c.values) <= 2) || (c.codes == nil) == (c.sorted == nil) {
		t.Fatalf("%d values: codes %v, sorted %v", len(c.values), c.codes, c.sorted)
	}
	for row, got := range c.codes {
		if int(got) != code(row) {
			t.Fatalf("code of row %d is %d, want %d", row, got, code(row))
		}
	}
	rows := make([]int, len(x))
	for i := range rows {
		rows[i] = i
	}
	slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(code(a), code(b)) })
	for i, e := range c.sorted {
		if e.code() != code(rows[i]) || int(e.row()) != rows[i] {
			t.Fatalf("entry %d is code %d of row %d, want %d of %d", i, e.code(), e.row(), code(rows[i]), rows[i])
		}
	}
}
