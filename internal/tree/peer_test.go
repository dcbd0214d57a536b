package tree

import (
	"encoding/binary"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var peerData = flag.String("peerdata", "", "folder of the data on which bench/run.sh measures BenchmarkPeer")

// forest.f64 holds rows of eight columns and the target; the first peerTrain of
// them are to learn from, the others to predict.
const peerColumns, peerTrain = 8, 37_000

// BenchmarkPeer does what a Python peer in bench/peers does, on the same bits.
func BenchmarkPeer(b *testing.B) {
	if *peerData == "" {
		b.Skip("there is no data without -peerdata; bench/run.sh makes it and names it")
	}
	b.Run("forest", func(b *testing.B) {
		columns, y := readPeerData(b)
		train := cut(columns, 0, peerTrain)
		var f *Forest
		for b.Loop() {
			f = grow(b, train, y[:peerTrain], Config{})
		}
		predicted := make([]float64, len(y)-peerTrain)
		f.Ensemble.Evaluate(predicted, rowsOf(cut(columns, peerTrain, len(y))))
		writePeerAnswer(b, map[string]any{
			"seconds": b.Elapsed().Seconds() / float64(b.N), "r2": r2(y[peerTrain:], predicted), "nodes": f.nodes(),
		})
	})
}

func (f *Forest) nodes() (n int) {
	for _, t := range f.Ensemble.Trees {
		n += len(t.Nodes)
	}
	return n
}

// readPeerData reads a row at a time, so as not to count for much in the peak of
// memory.
func readPeerData(b *testing.B) (columns [][]float64, y []float64) {
	b.Helper()
	file, err := os.Open(filepath.Join(*peerData, "forest.f64"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		b.Fatal(err)
	}
	columns = make([][]float64, peerColumns)
	row := make([]float64, peerColumns+1)
	for range info.Size() / int64(8*len(row)) {
		if err := binary.Read(file, binary.LittleEndian, row); err != nil {
			b.Fatal(err)
		}
		for j := range columns {
			columns[j] = append(columns[j], row[j])
		}
		y = append(y, row[peerColumns])
	}
	return columns, y
}

// writePeerAnswer writes the answer to the file that COHORTLENS_BENCH_ANSWER
// names.
func writePeerAnswer(b *testing.B, answer map[string]any) {
	b.Helper()
	path := os.Getenv("COHORTLENS_BENCH_ANSWER")
	if path == "" {
		return
	}
	text, err := json.Marshal(answer)
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		b.Fatal(err)
	}
}
