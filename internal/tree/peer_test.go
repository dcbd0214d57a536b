package tree

import (
	"testing"

	"github.com/cohortlens/cohortlens/internal/testkit"
)

// The file "forest" holds rows of eight columns and the target; the first peerTrain
// of them are to learn from, the others to predict.
const peerColumns, peerTrain = 8, 37_000

// BenchmarkPeer does what a Python peer in bench/peers does, on the same bits.
func BenchmarkPeer(b *testing.B) {
	b.Run("forest", func(b *testing.B) {
		columns, y := peerTable(testkit.PeerFloats(b, "forest"))
		train := cut(columns, 0, peerTrain)
		var f *Forest
		for b.Loop() {
			f = grow(b, train, y[:peerTrain], Config{})
		}
		b.StopTimer()
		predicted := make([]float64, len(y)-peerTrain)
		f.Ensemble.Evaluate(predicted, rowsOf(cut(columns, peerTrain, len(y))))
		testkit.PeerAnswer(b, map[string]any{"r2": r2(y[peerTrain:], predicted), "nodes": f.nodes()}, nil)
	})
}

// peerTable takes rows apart.
func peerTable(x []float64) (columns [][]float64, y []float64) {
	columns = make([][]float64, peerColumns+1)
	for i, v := range x {
		columns[i%len(columns)] = append(columns[i%len(columns)], v)
	}
	return columns[:peerColumns], columns[peerColumns]
}

func (f *Forest) nodes() (n int) {
	for _, t := range f.Ensemble.Trees {
		n += len(t.Nodes)
	}
	return n
}
