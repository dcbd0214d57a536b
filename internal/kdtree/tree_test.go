package kdtree

import (
	"math"
	"testing"

	"github.com/cohortlens/cohortlens/internal/rng"
)

// Answers are right for any tree, but quick only for one that is divided well.
func TestTreeIsDividedAtMedians(t *testing.T) {
	for seed := range uint64(30) {
		const n, d = 3000, 2
		random := rng.Stream(seed)
		x := make([]float64, n*d)
		for i := range x {
			x[i] = math.Round(random.NormFloat64()*100) / float64(1+seed%3*10)
			if seed%5 == 0 {
				x[i] = float64(i % 700)
			}
		}
		tree, err := Build(t.Context(), 2, x, d)
		if err != nil {
			t.Fatal(err)
		}
		for i, node := range tree.nodes {
			if size := node.size(); size < leafRows/2 || tree.leaf(i) && size > leafRows+1 {
				t.Fatalf("seed %d: node %d has %d rows", seed, i, size)
			}
			if tree.leaf(i) {
				continue
			}
			_, high := tree.box(left(i))
			low, _ := tree.box(right(i))
			if j := node.column; high[j] > node.split || low[j] < node.split {
				t.Fatalf("seed %d: node %d is divided at %v, its halves end at %v and begin at %v", seed, i, node.split, high[j], low[j])
			}
		}
	}
}
