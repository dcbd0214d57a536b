package explain_test

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/explain"
)

// Pairs and their summary are what the matrices say, over several parts of rows.
func TestPairsAreThoseOfTheMatrices(t *testing.T) {
	s := forestSpec{features: 6, trees: 5, depth: 5, bushy: 0.9}
	trees, x := randomForest(stream(3), s), randomRows(stream(4), s, 40)
	for _, wide := range []int{6, 600} { // columns, of which 600 go into many parts
		columns := names(wide)
		columns[1].Group = columns[4].Name
		rows := spreadRows(x, 6, wide, 1)
		steps := 0
		e, err := explain.New(t.Context(), spreadTrees(trees, wide, 1), columns, explain.Config{Progress: func(done, total int) {
			if steps++; total == 40 && done == total {
				steps = -1000
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		r, err := e.Interactions(t.Context(), rows)
		if err != nil {
			t.Fatal(err)
		}
		g := len(r.Contributions.Groups)
		sizes := map[[2]string]float64{}
		for row := range 40 {
			got := r.Pairs(row)
			if !slices.IsSortedFunc(got, func(a, b explain.Pair) int { return cmp.Compare(math.Abs(b.Effect), math.Abs(a.Effect)) }) {
				t.Errorf("row %d: pairs are not in order", row)
			}
			sum := 0.0
			for _, p := range got {
				i, j := slices.Index(r.Contributions.Groups, p.Groups[0]), slices.Index(r.Contributions.Groups, p.Groups[1])
				near(t, "pair", []float64{p.Effect}, []float64{r.Values[(row*g+i)*g+j] + r.Values[(row*g+j)*g+i]})
				sizes[p.Groups] += math.Abs(p.Effect) / 40
				sum += p.Effect
			}
			for i := range g {
				sum += r.Values[(row*g+i)*g+i]
			}
			near(t, "prediction", []float64{r.Contributions.Base + sum}, r.Contributions.Predictions[row:row+1])
		}
		summary, err := e.InteractionSummary(t.Context(), rows)
		if err != nil || len(summary) != len(sizes) || len(summary) == 0 {
			t.Fatalf("%d columns: %d pairs, want %d, error %v", wide, len(summary), len(sizes), err)
		}
		for i, p := range summary {
			near(t, "mean size", []float64{p.Effect}, []float64{sizes[p.Groups]})
			if i > 0 && p.Effect > summary[i-1].Effect {
				t.Errorf("%d columns: pair %d is out of order", wide, i)
			}
		}
		if steps >= 0 {
			t.Errorf("%d columns: progress did not come to its end", wide)
		}
	}
}

func TestInteractionSummaryOfNoRows(t *testing.T) {
	e, err := explain.New(t.Context(), randomForest(stream(3), forestSpec{features: 3, trees: 2, depth: 3, bushy: 1}), names(3), explain.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := e.InteractionSummary(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := e.InteractionSummary(t.Context(), make([]float64, 4)); err == nil {
		t.Error("four values for three columns: no error")
	}
}
