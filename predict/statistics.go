package predict

import (
	"context"
	"fmt"

	"github.com/cohortlens/cohortlens/internal/stat"
)

// statistics holds the sums of products of the target (column 0) and the encoded
// columns, by fold and by whether rows are held out. They are collected in one
// pass; the training statistics of every model are merged from them.
type statistics struct {
	trained, heldOut []*stat.Gram
}

// gatherer copies the rows of a chunk into blocks and adds them up.
type gatherer struct {
	target           []float64
	features         features
	base             []int32 // what turns a code of a category into a column
	dropped          int32
	kept             []int
	block            stat.Block
	trained, heldOut *stat.Gram
}

func (t *training) collect(ctx context.Context) error {
	folds, numbers, dim := t.cfg.Folds, 1+len(t.encoder.numerical), 1+t.encoder.width()
	t.sums = &statistics{grams(folds, numbers, dim), grams(folds, numbers, dim)}
	fresh := func() *gatherer { return newGatherer(t.encoder, t.target, t.features) }
	return stat.Reduce(ctx, t.cfg.Workers, len(t.split.chunks), fresh,
		func(g *gatherer, task int) { g.gather(t.split, t.split.chunks[task]) },
		func(g *gatherer, task int) {
			fold := t.split.chunks[task].fold
			t.sums.trained[fold].Merge(g.trained)
			t.sums.heldOut[fold].Merge(g.heldOut)
			t.advance(1)
		})
}

func grams(n, numbers, dim int) []*stat.Gram {
	out := make([]*stat.Gram, n)
	for i := range out {
		out[i] = stat.NewGram(numbers, dim)
	}
	return out
}

func newGatherer(e *encoder, target []float64, f features) *gatherer {
	numbers, dim := 1+len(e.numerical), 1+e.width()
	g := &gatherer{
		target: target, features: f, dropped: int32(e.dropped()),
		trained: stat.NewGram(numbers, dim), heldOut: stat.NewGram(numbers, dim),
	}
	size := min(stat.ChunkRows, len(target))
	g.block.Numbers = make([][]float64, numbers)
	for i := range g.block.Numbers {
		g.block.Numbers[i] = make([]float64, size)
	}
	at := numbers
	for _, c := range e.categories {
		g.base = append(g.base, int32(at-e.dropped()))
		g.block.Levels = append(g.block.Levels, make([]int32, size))
		at += max(0, len(c.levels)-e.dropped())
	}
	return g
}

// gather fills trained and heldOut with the rows of a chunk.
func (g *gatherer) gather(s *split, c chunk) {
	out, _ := s.heldOutIn(c)
	g.kept = s.kept(g.kept[:0], c)
	g.sum(g.trained, g.kept)
	g.sum(g.heldOut, out)
}

func (g *gatherer) sum(gram *stat.Gram, rows []int) {
	gram.Reset()
	g.block.Numbers[0] = pick(g.block.Numbers[0][:0], g.target, rows)
	for i, x := range g.features.numbers {
		g.block.Numbers[1+i] = pick(g.block.Numbers[1+i][:0], x, rows)
	}
	for i, codes := range g.features.codes {
		levels := pick(g.block.Levels[i][:0], codes, rows)
		for at, code := range levels {
			if code < g.dropped {
				levels[at] = -1
				continue
			}
			levels[at] = g.base[i] + code
		}
		g.block.Levels[i] = levels
	}
	gram.Add(g.block)
}

// of returns the statistics of a subset of the rows.
func (s *statistics) of(rows subset) *stat.Gram {
	sum := s.trained[0].Empty()
	for fold, g := range s.trained {
		if fold != rows.without {
			sum.Merge(g)
		}
	}
	for fold, g := range s.heldOut {
		if rows.heldOut && fold != rows.without {
			sum.Merge(g)
		}
	}
	return sum
}

// spread returns the squared deviations of the target from its mean within a
// fold, summed.
func (s *statistics) spread(fold int) float64 {
	sum := s.trained[fold].Empty()
	sum.Merge(s.trained[fold])
	sum.Merge(s.heldOut[fold])
	return sum.At(0, 0)
}

// heldOutSpread is spread for the held-out rows.
func (s *statistics) heldOutSpread() float64 {
	sum := s.heldOut[0].Empty()
	for _, g := range s.heldOut {
		sum.Merge(g)
	}
	return sum.At(0, 0)
}

// checkRange refuses columns that spread so far that what is squared later, such
// as the error of a bad prediction, might not be finite.
func checkRange(g *stat.Gram, target string, columns []EncodedColumn) error {
	const most = 1e140
	for i := range g.Dim() {
		if g.Finite(i) && scale(g, i) <= most {
			continue
		}
		name := target
		if i > 0 {
			name = columns[i-1].Column
		}
		return fmt.Errorf("predict: the numbers of column %q spread beyond %v, too far to compute with: %w", name, most, ErrRange)
	}
	return nil
}
