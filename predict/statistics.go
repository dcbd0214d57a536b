package predict

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/cohortlens/cohortlens/internal/kernel"
	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// statistics holds the sums of products of the target (column 0) and the encoded
// columns, by fold and by whether rows are held out. They are collected in one
// pass; the training statistics of every model are merged from them.
type statistics struct {
	trained, heldOut []*stat.Gram
}

// chunkSums are those of one chunk, and what is known from it.
type chunkSums struct {
	trained, heldOut *stat.Gram
	known            known
}

// collect reads all rows once. Where no learner needs more, the statistics are those
// of the target alone.
func (t *training) collect(ctx context.Context) error {
	e, f := t.encoder, t.features
	if t.cfg.Algorithm == RandomForest || t.cfg.Algorithm == Mean {
		e, f = &encoder{}, features{}
	}
	t.known = newKnown(t.features)
	folds, numbers, dim := t.cfg.Folds, 1+len(e.numerical), 1+e.width()
	t.sums = &statistics{grams(folds, numbers, dim), grams(folds, numbers, dim)}
	fresh := func() *chunkSums {
		return &chunkSums{trained: stat.NewGram(numbers, dim), heldOut: stat.NewGram(numbers, dim)}
	}
	// Gatherers are large: a core that takes the one it used last finds it in
	// its cache.
	gatherers := sync.Pool{New: func() any { return newGatherer(e, t.target, f) }}
	err := stat.Reduce(ctx, t.cfg.Workers, len(t.split.chunks), fresh,
		func(part *chunkSums, task int) {
			g, c := gatherers.Get().(*gatherer), t.split.chunks[task]
			part.known = newKnown(t.features)
			part.known.add(t.features, c.low, c.high)
			g.gather(t.split, c)
			g.trained.Next = t.split.next(g.trained.Next[:0], g.numbers, task+par.Workers(t.cfg.Workers))
			part.trained.Reset()
			part.trained.Add(g.trained)
			part.heldOut.Reset()
			part.heldOut.Add(g.heldOut)
			gatherers.Put(g)
		},
		func(part *chunkSums, task int) {
			fold := t.split.chunks[task].fold
			t.sums.trained[fold].Merge(part.trained)
			t.sums.heldOut[fold].Merge(part.heldOut)
			t.known.merge(part.known)
			t.advance(1)
		})
	if err != nil {
		return err
	}
	return t.checkValues(ctx)
}

// checkValues refuses a target that is missing or spreads too far, and takes note
// of such features. Sums and ranges tell of them: to look for them in the rows would
// take as long as to sum them.
func (t *training) checkValues(ctx context.Context) error {
	all := t.sums.of(subset{noFold, true})
	if math.IsNaN(all.Mean(0)) {
		return checkPresent(ctx, t.table, []string{t.cfg.Target})
	}
	if err := checkRange(all, 0, t.cfg.Target); err != nil {
		return err
	}
	if t.known.anyGaps() {
		t.unfit = checkPresent(ctx, t.table, t.encoder.names())
		return ctx.Err()
	}
	columns := t.encoder.columns()
	for i := 1; i < all.Dim() && t.unfit == nil; i++ {
		t.unfit = checkRange(all, i, columns[i-1].Column)
	}
	return nil
}

func grams(n, numbers, dim int) []*stat.Gram {
	out := make([]*stat.Gram, n)
	for i := range out {
		out[i] = stat.NewGram(numbers, dim)
	}
	return out
}

// gatherer copies the rows of a chunk into blocks.
type gatherer struct {
	numbers          [][]float64 // the target and the number columns
	codes            [][]int32
	base             []int32 // what turns a code of a category into a column
	dropped          int32
	isHeldOut        []uint8 // a bit for each row of the chunk
	trained, heldOut stat.Block
}

func newGatherer(e *encoder, target []float64, f features) *gatherer {
	size := min(stat.ChunkRows, len(target))
	g := &gatherer{
		numbers: append([][]float64{target}, f.numbers...), codes: f.codes, dropped: int32(e.dropped()),
		isHeldOut: make([]uint8, (size+kernel.Lanes-1)/kernel.Lanes),
	}
	g.trained, g.heldOut = newBlock(len(g.numbers), len(g.codes), size), newBlock(len(g.numbers), len(g.codes), size)
	at := len(g.numbers)
	for _, c := range e.categories {
		g.base = append(g.base, int32(at-e.dropped()))
		at += max(0, len(c.levels)-e.dropped())
	}
	return g
}

func newBlock(numbers, categories, rows int) stat.Block {
	b := stat.Block{Numbers: make([][]float64, numbers), Centred: make([][]float64, numbers), Levels: make([][]int32, categories)}
	for i := range b.Centred {
		b.Centred[i] = make([]float64, rows)
	}
	for i := range b.Levels {
		b.Levels[i] = make([]int32, rows)
	}
	return b
}

// gather parts the rows of a chunk.
func (g *gatherer) gather(s *split, c chunk) {
	rows, _ := s.heldOutIn(c)
	clear(g.isHeldOut)
	for _, row := range rows {
		g.isHeldOut[(row-c.low)/kernel.Lanes] |= 1 << ((row - c.low) % kernel.Lanes)
	}
	n, out := c.high-c.low, len(rows)
	for i, x := range g.numbers {
		to, others := g.heldOut.Centred[i], g.trained.Centred[i]
		if out == 0 {
			others = x[c.low:c.high] // which need not be copied
		} else {
			kernel.Part(x[c.low:c.high], g.isHeldOut, to[:n], others[:n])
		}
		g.heldOut.Numbers[i], g.trained.Numbers[i] = to[:out], others[:n-out]
	}
	for i, codes := range g.codes {
		to, others := &g.heldOut.Levels[i], &g.trained.Levels[i]
		g.partCodes(codes[c.low:c.high], g.base[i], (*to)[:n], (*others)[:n])
		*to, *others = (*to)[:out], (*others)[:n-out]
	}
}

// partCodes parts codes as kernel.Part does numbers, and turns them into columns.
func (g *gatherer) partCodes(codes []int32, base int32, to, others []int32) {
	n := 0
	for i, code := range codes {
		column := base + code
		if code < g.dropped {
			column = -1
		}
		to[n], others[i-n] = column, column
		n += int(g.isHeldOut[i/kernel.Lanes] >> (i % kernel.Lanes) & 1)
	}
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

// checkRange refuses a column that spreads so far that what is squared later, such
// as the error of a bad prediction, might not be finite.
func checkRange(g *stat.Gram, i int, name string) error {
	const most = 1e140
	if g.Finite(i) && scale(g, i) <= most {
		return nil
	}
	return fmt.Errorf("predict: the numbers of column %q spread beyond %v, too far to compute with: %w", name, most, ErrRange)
}
