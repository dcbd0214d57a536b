package explain_test

import (
	"math"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/explain"
)

// wiggly is a model with interactions of all orders, for which a missing value is
// a value like others.
func wiggly(row []float64) float64 {
	v := 1.0
	for j, x := range row {
		if math.IsNaN(x) {
			x = 0.3
		}
		v = v*math.Cos(x+float64(j)) + x*x/4
	}
	return v
}

func estimated(t *testing.T, columns []explain.Column, c explain.Config, x []float64) *explain.Result {
	t.Helper()
	c.Method = explain.Permutation
	e, err := explain.New(t.Context(), modelFunc{len(columns), wiggly}, columns, c)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Explain(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Over many values, the errors must be as large as the standard errors say. With
// more than one row in the background they are smaller, since each row of it counts
// alike.
func TestPermutationErrsByItsStandardErrors(t *testing.T) {
	const d = 5
	s := forestSpec{features: d}
	for rows, least := range map[int]float64{1: 0.85, 8: 0.1} {
		background := randomRows(stream(1), s, rows)
		x := randomRows(stream(2), s, 200)
		m := modelFunc{d, wiggly}
		sum, n := 0.0, 0.0
		for seed := range uint64(200) {
			row := x[seed*d : (seed+1)*d]
			r := estimated(t, names(d), explain.Config{Background: background, Permutations: 64, Seed: seed}, row)
			exact := worthsOf(d, func(known uint) float64 { return replacedWorth(m, row, background, known) }).shapley()
			for j, want := range exact {
				off, stdError := r.Encoded[j]-want, r.EncodedStdErrors[j]
				if math.Abs(off) > 6*stdError+1e-12 {
					t.Errorf("%d rows, seed %d: column %d is %v, want %v, off by more than six times %v", rows, seed, j, r.Encoded[j], want, stdError)
				}
				if stdError > 1e-12 {
					sum += off * off / stdError / stdError
					n++
				}
			}
		}
		if z := math.Sqrt(sum / n); z < least || z > 1.15 {
			t.Errorf("%d rows: errors are %v times their standard errors", rows, z)
		}
	}
}

func TestPermutationErrsLessWithMoreDraws(t *testing.T) {
	s := forestSpec{features: 5}
	background, x := randomRows(stream(3), s, 4), randomRows(stream(4), s, 20)
	few := estimated(t, names(5), explain.Config{Background: background, Permutations: 50}, x)
	many := estimated(t, names(5), explain.Config{Background: background, Permutations: 800}, x)
	a, b := 0.0, 0.0
	for i := range few.EncodedStdErrors {
		a += few.EncodedStdErrors[i]
		b += many.EncodedStdErrors[i]
	}
	if ratio := a / b; ratio < 3.5 || ratio > 4.5 {
		t.Errorf("16 times as many draws make standard errors %v times smaller, want about 4", ratio)
	}
}

// What one column of a group gains by chance another one loses: the group is known
// better than its columns.
func TestPermutationErrsOfGroups(t *testing.T) {
	s := forestSpec{features: 4}
	columns := names(4)
	for j := range columns {
		columns[j].Group = "all"
	}
	r := estimated(t, columns, explain.Config{Background: randomRows(stream(5), s, 1)}, randomRows(stream(6), s, 10))
	for row := range r.Rows {
		near(t, "the one group", r.Row(row), []float64{r.Predictions[row] - r.Base})
		near(t, "its standard error", r.StdErrors[row:row+1], []float64{0})
	}
	if greatest := slices.Max(r.EncodedStdErrors); greatest < 1e-3 {
		t.Errorf("the standard errors of the columns are %v at most", greatest)
	}
}

func TestPermutationHasNoInteractions(t *testing.T) {
	e, err := explain.New(t.Context(), modelFunc{1, wiggly}, names(1), explain.Config{Background: []float64{0}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Interactions(t.Context(), []float64{1}); err == nil {
		t.Error("want an error")
	}
	r, err := e.Explain(t.Context(), []float64{1}) // a single column has no way but one
	if err != nil {
		t.Fatal(err)
	}
	near(t, "the only column", r.Encoded, []float64{wiggly([]float64{1}) - wiggly([]float64{0})})
}
