package predict

import (
	"fmt"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/internal/rng"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// split says which rows are held out, and in which fold each row is.
type split struct {
	rows    int
	heldOut []int // ascending
	chunks  []chunk
}

// chunk is a range of rows within one fold.
type chunk struct{ fold, low, high int }

func newSplit(rows int, cfg Config) (*split, error) {
	if need := 2 * cfg.Folds; rows < need {
		return nil, fmt.Errorf("predict: %d folds need at least %d rows, got %d: %w", cfg.Folds, need, rows, ErrTooFewRows)
	}
	out := max(2, int(math.Ceil(cfg.TestSize*float64(rows))))
	if rows-out < 2 {
		return nil, fmt.Errorf("predict: TestSize %v leaves %d of %d rows to train on, at least 2 are needed: %w",
			cfg.TestSize, rows-out, rows, ErrTooFewRows)
	}
	s := &split{rows: rows, heldOut: draw(rows, out, cfg.Seed)}
	for fold := range cfg.Folds {
		low, high := foldBounds(rows, cfg.Folds, fold)
		for ; low < high; low += stat.ChunkRows {
			s.chunks = append(s.chunks, chunk{fold, low, min(low+stat.ChunkRows, high)})
		}
	}
	return s, nil
}

// foldBounds cuts rows into contiguous folds, the first ones a row longer when
// they cannot be equal: scikit-learn's KFold.
func foldBounds(rows, folds, fold int) (low, high int) {
	size, longer := rows/folds, rows%folds
	low = fold*size + min(fold, longer)
	high = low + size
	if fold < longer {
		high++
	}
	return low, high
}

// draw returns count of the numbers below n in ascending order, each set of them
// as likely as any other: algorithm S of Knuth, "The Art of Computer
// Programming", volume 2, section 3.4.2.
func draw(n, count int, seed uint64) []int {
	const heldOutStream = 1
	random := rng.Stream(seed, heldOutStream)
	drawn, got := make([]int, count+1), 0
	for i := 0; got < count; i++ {
		drawn[got] = i
		if random.IntN(n-i) < count-got {
			got++
		}
	}
	return drawn[:count]
}

// heldOutIn returns the held-out rows of a chunk, and how many come before it.
func (s *split) heldOutIn(c chunk) (rows []int, before int) {
	before, _ = slices.BinarySearch(s.heldOut, c.low)
	after, _ := slices.BinarySearch(s.heldOut, c.high)
	return s.heldOut[before:after], before
}

// kept appends to dst the rows of a chunk that are not held out.
func (s *split) kept(dst []int, c chunk) []int {
	out, _ := s.heldOutIn(c)
	for row := c.low; row < c.high; row++ {
		if len(out) > 0 && out[0] == row {
			out = out[1:]
			continue
		}
		dst = append(dst, row)
	}
	return dst
}
