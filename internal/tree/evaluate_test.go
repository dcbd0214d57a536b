package tree

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

func TestEvaluateEqualsPlainWalks(t *testing.T) {
	columns, y := mixed(400, 1)
	x := rowsOf(columns)
	for _, trees := range []int{1, 2, 15, 16, 17, 300} {
		e := grow(t, columns, y, Config{Trees: trees, MaxDepth: trees % 7}).Ensemble
		want := bitsOf(plain(e, x))
		for _, rows := range []int{0, 1, 2, 15, 16, 17, 255, 256, 257, 400} {
			got := make([]float64, rows)
			e.Evaluate(got, x)
			if !slices.Equal(bitsOf(got), want[:rows]) {
				t.Fatalf("%d rows of %d trees differ from walks one by one", rows, trees)
			}
		}
	}
}

func TestLeavesAreThoseOfEachTree(t *testing.T) {
	columns, y := mixed(200, 2)
	x := rowsOf(columns)
	e := grow(t, columns, y, Config{Trees: 37}).Ensemble
	got := make([]float64, 37)
	for i := range y {
		row := x[i*4 : (i+1)*4]
		e.Leaves(got, row)
		for k := range got {
			if want := e.Trees[k].Nodes[e.Trees[k].Find(row)].Value; got[k] != want {
				t.Fatalf("row %d, tree %d: leaf %v, want %v", i, k, got[k], want)
			}
		}
	}
}

func TestEvaluateDoesNotAllocate(t *testing.T) {
	columns, y := mixed(300, 3)
	x := rowsOf(columns)
	e := grow(t, columns, y, Config{Trees: 30}).Ensemble
	dst := make([]float64, 300)
	for _, rows := range []int{1, 300} {
		if n := testing.AllocsPerRun(20, func() { e.Evaluate(dst[:rows], x) }); n > 0 {
			t.Errorf("predicting %d rows allocates %v times", rows, n)
		}
	}
}

// A value equal to the threshold goes to the left, and infinite ones to their side.
func TestSidesOfASplit(t *testing.T) {
	inf := math.Inf(1)
	for _, missingLeft := range []bool{false, true} {
		e := &Ensemble{Features: 1, Scale: 1, Trees: []Tree{{
			Nodes: []Node{{Value: 2, Right: 2, MissingLeft: missingLeft}, {Value: -1, Feature: Leaf}, {Value: 1, Feature: Leaf}},
			Cover: []float64{2, 1, 1},
		}}}
		missing := 1.0
		if missingLeft {
			missing = -1
		}
		x := []float64{2, math.Nextafter(2, 3), inf, -inf, math.NaN(), 1}
		got := make([]float64, len(x))
		e.Evaluate(got, x)
		if want := []float64{-1, 1, 1, -1, missing, -1}; !slices.Equal(got, want) {
			t.Errorf("with missing to the left %t: %v, want %v", missingLeft, got, want)
		}
		if want := plain(e, x); !slices.Equal(got, want) {
			t.Errorf("walks one by one give %v, Evaluate %v", want, got)
		}
	}
}

func BenchmarkEvaluate(b *testing.B) {
	columns, y := housing(37_000, 1)
	x := rowsOf(columns)
	e := grow(b, columns, y, Config{}).Ensemble
	p := e.Features
	dst := make([]float64, len(y))
	// One customer again and again finds its nodes in the cache, many do not.
	for _, customers := range []int{1, 4096} {
		b.Run(fmt.Sprint("one of ", customers), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				i = (i + 1) % customers
				e.Evaluate(dst[:1], x[i*p:(i+1)*p])
			}
		})
	}
	b.Run("all at once", func(b *testing.B) {
		for b.Loop() {
			e.Evaluate(dst, x)
		}
	})
}
