package explain_test

import (
	"slices"
	"testing"
	"time"

	"github.com/cohortlens/cohortlens/explain"
	"github.com/cohortlens/cohortlens/internal/testkit"
)

// peerColumns is the number of features of the trees and rows of BenchmarkPeer.
const peerColumns = 8

// BenchmarkPeer does what the Python peers in bench/peers do, on the same trees and
// rows. Making the explainer is part of the time.
func BenchmarkPeer(b *testing.B) {
	b.Run("explain-path", func(b *testing.B) {
		trees, x := peerTrees(b, "boosted12"), testkit.PeerFloats(b, "explain")
		var r *explain.Result
		for b.Loop() {
			r = explainAsPeer(b, trees, explain.Config{Method: explain.PathDependent}, x)
		}
		testkit.PeerAnswer(b, map[string]any{"values": peerValues(r)}, nil)
	})
	b.Run("explain-background", func(b *testing.B) {
		trees, x := peerTrees(b, "boosted8"), testkit.PeerFloats(b, "explain")
		background := testkit.PeerFloats(b, "explain.background")
		few := explain.Config{Method: explain.Interventional, Background: background[:100*peerColumns]}
		many := explain.Config{Method: explain.Interventional, Background: background[:1000*peerColumns]}
		var r *explain.Result
		for b.Loop() {
			r = explainAsPeer(b, trees, few, x)
		}
		b.StopTimer()
		answer := map[string]any{"values": peerValues(r), "growth": growth(
			func() { explainAsPeer(b, trees, few, x) }, func() { explainAsPeer(b, trees, many, x) })}
		testkit.PeerAnswer(b, answer, nil)
	})
}

// peerTrees reads what nodes of bench/peers/generate.py writes.
func peerTrees(b *testing.B, name string) *explain.Ensemble {
	b.Helper()
	var e *explain.Ensemble
	for row := range slices.Chunk(testkit.PeerFloats(b, name), 6) {
		if e == nil {
			e = &explain.Ensemble{Base: row[0], Features: int(row[3]), Scale: 1}
			continue
		}
		if int(row[0]) == len(e.Trees) {
			e.Trees = append(e.Trees, explain.Tree{})
		}
		t := &e.Trees[len(e.Trees)-1]
		t.Nodes = append(t.Nodes, explain.Node{Value: row[1], Right: int32(row[2]), Feature: int16(row[3]), MissingLeft: row[4] != 0})
		t.Cover = append(t.Cover, row[5])
	}
	return e
}

func explainAsPeer(b *testing.B, trees *explain.Ensemble, c explain.Config, x []float64) *explain.Result {
	b.Helper()
	e, err := explain.New(b.Context(), trees, names(peerColumns), c)
	if err != nil {
		b.Fatal(err)
	}
	r, err := e.Explain(b.Context(), x)
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// peerValues returns the contributions of each row with the base behind them.
func peerValues(r *explain.Result) [][]float64 {
	var out [][]float64
	for row := range slices.Chunk(r.Encoded, peerColumns) {
		out = append(out, append(slices.Clone(row), r.Base))
	}
	return out
}

// growth returns how many times as long more takes as less: the median of a few
// pairs of measurements.
func growth(less, more func()) float64 {
	var ratios []float64
	for range 7 {
		start := time.Now()
		less()
		between := time.Now()
		more()
		ratios = append(ratios, float64(time.Since(between))/float64(between.Sub(start)))
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}
