package tree

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/internal/rng"
)

// outside says, by tree and row, which rows were not drawn.
func outside(f *Forest) [][]bool {
	out := make([][]bool, len(f.Ensemble.Trees))
	for t := range out {
		weights := make([]uint32, len(f.y))
		drawRows(weights, rng.Stream(f.cfg.Seed, uint64(t)))
		for _, w := range weights {
			out[t] = append(out[t], w == 0)
		}
	}
	return out
}

func TestOutOfBagPredictionsAreThoseOfUnknowingTrees(t *testing.T) {
	for _, c := range []struct{ rows, trees int }{{5, 3}, {90, 1}, {700, 400}, {3000, 10}} {
		columns, y := mixed(c.rows, 1)
		f := grow(t, columns, y, Config{Trees: c.trees, Seed: 5})
		x, unknowing := rowsOf(columns), outside(f)
		found := make([][]float64, c.rows)
		if err := f.OutOfBag(t.Context(), func(row int, p []float64) { found[row] = slices.Clone(p) }); err != nil {
			t.Fatal(err)
		}
		means, err := f.OutOfBagMeans(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for row := range y {
			var want []float64
			sum := 0.0
			for k := range f.Ensemble.Trees {
				if tree := &f.Ensemble.Trees[k]; unknowing[k][row] {
					leaf := tree.Nodes[tree.Find(x[row*4:row*4+4])].Value
					want = append(want, f.Ensemble.Base+leaf)
					sum += f.Ensemble.Base + leaf
				}
			}
			if !slices.Equal(found[row], want) {
				t.Fatalf("%+v: row %d has predictions %v, want %v", c, row, found[row], want)
			}
			if mean := sum / float64(len(want)); means[row] != mean && !(math.IsNaN(means[row]) && len(want) == 0) {
				t.Fatalf("%+v: row %d has the mean %v, want %v", c, row, means[row], mean)
			}
		}
	}
}

// On rows that it did not see a forest is about as good as out of its bags, where
// fewer trees have a say; on those that it was grown from its R2 is 0.97.
func TestOutOfBagIsHonest(t *testing.T) {
	columns, y := housing(4000, 2)
	f := grow(t, cut(columns, 0, 2000), y[:2000], Config{})
	means, err := f.OutOfBagMeans(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fresh := make([]float64, 2000)
	f.Ensemble.Evaluate(fresh, rowsOf(cut(columns, 2000, 4000)))
	if got, want := r2(y[:2000], means), r2(y[2000:], fresh); math.Abs(got-want) > 0.05 {
		t.Errorf("out-of-bag R2 %.3f, on other rows %.3f", got, want)
	}
}

func TestOutOfBagNeedsBootstrap(t *testing.T) {
	columns, y := mixed(20, 3)
	f := grow(t, columns, y, Config{Trees: 2, NoBootstrap: true})
	if _, err := f.OutOfBagMeans(t.Context()); !errors.Is(err, ErrNoBootstrap) {
		t.Errorf("error %v, want %v", err, ErrNoBootstrap)
	}
	if _, err := f.Permutation(t.Context(), [][]int{{0}}); !errors.Is(err, ErrNoBootstrap) {
		t.Errorf("error %v, want %v", err, ErrNoBootstrap)
	}
}

func TestQuestionsEndWithTheirContext(t *testing.T) {
	columns, y := mixed(500, 4)
	f := grow(t, columns, y, Config{Trees: 5})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.OutOfBagMeans(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("out-of-bag: error %v, want %v", err, context.Canceled)
	}
	if _, err := f.Permutation(ctx, [][]int{{0}}); !errors.Is(err, context.Canceled) {
		t.Errorf("permutation: error %v, want %v", err, context.Canceled)
	}
}
