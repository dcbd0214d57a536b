package predict

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/rng"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// Labels of random streams.
const (
	heldOutStream = 1 + iota
	shuffleStream
)

// split says in which order the rows of a table are worked on, fold by fold, and
// which of them are held out. Everywhere else a row is known by its place in that
// order.
type split struct {
	rows    int
	order   []int // the table's row at each place, nil when it is the place
	heldOut []int // ascending
	chunks  []chunk
}

// chunk is a range of rows within one fold.
type chunk struct{ fold, low, high int }

func newSplit(t *datasource.Table, cfg Config) (*split, error) {
	rows := t.Rows()
	if need := 2 * cfg.Folds; rows < need {
		return nil, fmt.Errorf("predict: %d folds need at least %d rows, got %d: %w", cfg.Folds, need, rows, ErrTooFewRows)
	}
	out := max(2, int(math.Ceil(cfg.TestSize*float64(rows))))
	if rows-out < 2 {
		return nil, fmt.Errorf("predict: TestSize %v leaves %d of %d rows to train on, at least 2 are needed: %w",
			cfg.TestSize, rows-out, rows, ErrTooFewRows)
	}
	if cfg.FoldGroups != "" {
		g, err := newGrouping(t, cfg)
		if err != nil {
			return nil, err
		}
		return g.split(cfg, out)
	}
	s := &split{rows: rows, heldOut: draw(rows, out, cfg.Seed)}
	if cfg.FoldOrder == ShuffledFolds {
		s.order = rng.Stream(cfg.Seed, shuffleStream).Perm(rows)
		s.heldOut = s.places(s.heldOut)
	}
	sizes := make([]int, cfg.Folds)
	for fold := range sizes {
		low, high := foldBounds(rows, cfg.Folds, fold)
		sizes[fold] = high - low
	}
	s.cut(sizes)
	return s, nil
}

// places returns where rows of the table stand, in ascending order.
func (s *split) places(rows []int) []int {
	wanted := make([]bool, s.rows)
	for _, row := range rows {
		wanted[row] = true
	}
	places := make([]int, 0, len(rows))
	for place, row := range s.order {
		if wanted[row] {
			places = append(places, place)
		}
	}
	return places
}

// row returns the table's row at a place.
func (s *split) row(place int) int {
	if s.order == nil {
		return place
	}
	return s.order[place]
}

// next appends to dst the columns of a chunk, if there is such a chunk.
func (s *split) next(dst, columns [][]float64, i int) [][]float64 {
	if i < len(s.chunks) {
		for _, x := range columns {
			dst = append(dst, x[s.chunks[i].low:s.chunks[i].high])
		}
	}
	return dst
}

// cut makes the chunks of folds of the given sizes.
func (s *split) cut(sizes []int) {
	low := 0
	for fold, size := range sizes {
		for end := low + size; low < end; {
			high := min(low+stat.ChunkRows, end)
			s.chunks = append(s.chunks, chunk{fold, low, high})
			low = high
		}
	}
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

// heldOutOrder returns which of the held-out rows come first in the table, nil when
// they stand in its order.
func (s *split) heldOutOrder() []int {
	if s.order == nil {
		return nil
	}
	order := make([]int, len(s.heldOut))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(s.row(s.heldOut[a]), s.row(s.heldOut[b])) })
	return order
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

// of appends to dst the rows of a subset.
func (s *split) of(dst []int, rows subset) []int {
	for _, c := range s.chunks {
		switch {
		case c.fold == rows.without:
		case rows.heldOut:
			for row := c.low; row < c.high; row++ {
				dst = append(dst, row)
			}
		default:
			dst = s.kept(dst, c)
		}
	}
	return dst
}
