package tree

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/internal/rng"
)

// The slow way: for each tree and group, a table of the out-of-bag rows with the
// group's columns in another order, predicted row by row.
func TestPermutationEqualsItsDefinition(t *testing.T) {
	columns, y := mixed(120, 1)
	groups := [][]int{{0}, {1, 2}, {3}, {}, {0, 1, 2, 3}}
	const trees = 6
	f := grow(t, columns, y, Config{Trees: trees, Seed: 2})
	got, err := f.Permutation(t.Context(), groups)
	if err != nil {
		t.Fatal(err)
	}
	unknowing := outside(f)
	for g, group := range groups {
		var increases []float64
		for k := range trees {
			var rows []int
			for row, is := range unknowing[k] {
				if is {
					rows = append(rows, row)
				}
			}
			order := rng.Stream(2, uint64(k), uint64(g), permutations).Perm(len(rows))
			increase := 0.0
			for i, row := range rows {
				values := make([]float64, len(columns))
				for j := range columns {
					values[j] = columns[j][row]
				}
				before := square(f.predictByTree(k, values) - y[row])
				for _, j := range group {
					values[j] = columns[j][rows[order[i]]]
				}
				increase += square(f.predictByTree(k, values)-y[row]) - before
			}
			increases = append(increases, increase/float64(len(rows)))
		}
		mean, deviation := 0.0, 0.0
		for _, v := range increases {
			mean += v / trees
		}
		for _, v := range increases {
			deviation += square(v-mean) / (trees - 1)
		}
		if e := got[g]; math.Abs(e.Mean-mean) > 1e-9 || math.Abs(e.StdError-math.Sqrt(deviation/trees)) > 1e-9 {
			t.Errorf("group %v has %+v, want %v with an error of %v", group, e, mean, math.Sqrt(deviation/trees))
		}
	}
}

func (f *Forest) predictByTree(k int, values []float64) float64 {
	tree := &f.Ensemble.Trees[k]
	return f.Ensemble.Base + tree.Nodes[tree.Find(values)].Value
}

// Impurity likes a useless column of many values; permutation does not.
func TestImportancesTellUsefulColumns(t *testing.T) {
	columns, y := mixed(1500, 3)
	f := grow(t, columns, y, Config{Trees: 30})
	effects, err := f.Permutation(t.Context(), [][]int{{0}, {1}, {2}, {3}})
	if err != nil {
		t.Fatal(err)
	}
	for j, e := range effects {
		if useful := j != 3; useful && e.Mean < 20*e.StdError || !useful && math.Abs(e.Mean) > 4*e.StdError {
			t.Errorf("column %d: %+v, useful: %t", j, e, useful)
		}
	}
	if f.Impurity[3] < 0.05 {
		t.Errorf("impurity of the useless column is %v, below what its bias makes", f.Impurity[3])
	}
	sum := 0.0
	for _, v := range f.Impurity {
		sum += v
	}
	if math.Abs(sum-1) > 1e-12 {
		t.Errorf("the impurities add up to %v, want 1", sum)
	}
}

func TestPermutationDoesNotDependOnWorkers(t *testing.T) {
	columns, y := mixed(300, 4)
	var all [][]Effect
	for _, workers := range []int{1, 2, 8} {
		e, err := grow(t, columns, y, Config{Trees: 7, Workers: workers}).Permutation(t.Context(), [][]int{{0}, {2, 3}})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	if !slices.Equal(all[0], all[1]) || !slices.Equal(all[0], all[2]) {
		t.Errorf("1, 2 and 8 workers find %v", all)
	}
}

func TestPermutationRefusesUnknownColumns(t *testing.T) {
	columns, y := mixed(20, 5)
	f := grow(t, columns, y, Config{Trees: 2})
	for _, j := range []int{-1, 4} {
		if _, err := f.Permutation(t.Context(), [][]int{{0}, {j}}); err == nil || !strings.Contains(err.Error(), "group 1: column must be from 0 to 3") {
			t.Errorf("column %d: error %v", j, err)
		}
	}
}
