package testkit

import (
	"encoding/binary"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var peerData = flag.String("peerdata", "", "folder of the data on which bench/run.sh measures BenchmarkPeer")

// PeerFile returns the path of a file of numbers that bench/run.sh generates. It
// skips the benchmark when it was started without them.
func PeerFile(b *testing.B, name string) string {
	b.Helper()
	if *peerData == "" {
		b.Skip("there is no data without -peerdata; bench/run.sh makes it and names it")
	}
	return filepath.Join(*peerData, name+".f64")
}

// PeerFloats reads such a file in small steps, so as not to count for much in the
// peak of memory.
func PeerFloats(b *testing.B, name string) []float64 {
	b.Helper()
	file, err := os.Open(PeerFile(b, name))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		b.Fatal(err)
	}
	values := make([]float64, info.Size()/8)
	for step := range slices.Chunk(values, 1<<12) {
		if err := binary.Read(file, binary.LittleEndian, step); err != nil {
			b.Fatal(err)
		}
	}
	return values
}

// PeerAnswer adds the time of an iteration to an answer and writes it to the file
// that COHORTLENS_BENCH_ANSWER names, if it does, and the labels beside it, if
// there are any.
func PeerAnswer(b *testing.B, answer map[string]any, labels []int32) {
	b.Helper()
	answer["seconds"] = b.Elapsed().Seconds() / float64(b.N)
	path := os.Getenv("COHORTLENS_BENCH_ANSWER")
	if path == "" {
		return
	}
	text, err := json.Marshal(answer)
	if err != nil {
		b.Fatal(err)
	}
	files := map[string][]byte{path: text}
	if labels != nil {
		raw, err := binary.Append(nil, binary.LittleEndian, labels)
		if err != nil {
			b.Fatal(err)
		}
		files[strings.TrimSuffix(path, ".json")+".labels"] = raw
	}
	for file, data := range files {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
}
