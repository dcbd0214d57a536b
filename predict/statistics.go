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
	block            stat.Block
	trained, heldOut *stat.Gram
}

func collect(ctx context.Context, e *encoder, target []float64, f features, s *split, cfg Config, step func()) (*statistics, error) {
	numbers, dim := 1+len(e.numerical), 1+e.width()
	sums := &statistics{grams(cfg.Folds, numbers, dim), grams(cfg.Folds, numbers, dim)}
	fresh := func() *gatherer { return newGatherer(e, target, f) }
	err := stat.Reduce(ctx, cfg.Workers, len(s.chunks), fresh,
		func(g *gatherer, task int) { g.gather(s, s.chunks[task]) },
		func(g *gatherer, task int) {
			fold := s.chunks[task].fold
			sums.trained[fold].Merge(g.trained)
			sums.heldOut[fold].Merge(g.heldOut)
			step()
		})
	return sums, err
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
	in := make([]int, 0, c.high-c.low-len(out))
	next := 0
	for row := c.low; row < c.high; row++ {
		if next < len(out) && out[next] == row {
			next++
			continue
		}
		in = append(in, row)
	}
	g.sum(g.trained, in)
	g.sum(g.heldOut, out)
}

func (g *gatherer) sum(gram *stat.Gram, rows []int) {
	gram.Reset()
	pick(&g.block.Numbers[0], g.target, rows)
	for i, x := range g.features.numbers {
		pick(&g.block.Numbers[1+i], x, rows)
	}
	for i, codes := range g.features.codes {
		levels := &g.block.Levels[i]
		pick(levels, codes, rows)
		for at, code := range *levels {
			if code < g.dropped {
				(*levels)[at] = -1
				continue
			}
			(*levels)[at] = g.base[i] + code
		}
	}
	gram.Add(g.block)
}

// pick sets dst, whose capacity suffices, to the given rows of a column.
func pick[T any](dst *[]T, column []T, rows []int) {
	*dst = (*dst)[:len(rows)]
	for i, row := range rows {
		(*dst)[i] = column[row]
	}
}

// all returns the statistics of all rows but those of one fold, none for -1.
func (s *statistics) all(but int) *stat.Gram {
	sum := s.training(but)
	for fold, g := range s.heldOut {
		if fold != but {
			sum.Merge(g)
		}
	}
	return sum
}

// training is all for the rows that are not held out.
func (s *statistics) training(but int) *stat.Gram {
	sum := s.trained[0].Empty()
	for fold, g := range s.trained {
		if fold != but {
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
