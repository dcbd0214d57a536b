package tree

import (
	"context"
	"math/bits"
)

// flags hold the columns of at most two values, such as indicators: two bits for
// each row and column, the lower one set for the greater value and the other for a
// missing one. So one look at each row gives the sums of all of them, in time that
// grows with the bits that are set: one for each category, however many levels it
// has.
type flags struct {
	place []int // of a column's bits within those of a row, -1 for sorted columns
	words int   // for each row
	bits  []uint64
}

func newFlags(ctx context.Context, columns []*column, rows int) (flags, error) {
	f := flags{place: make([]int, len(columns))}
	width := 0
	for j, c := range columns {
		f.place[j] = -1
		if c.sorted == nil {
			f.place[j] = width
			width += 2
		}
	}
	f.words = (width + 63) / 64
	f.bits = make([]uint64, f.words*rows)
	for j, c := range columns {
		if err := ctx.Err(); err != nil {
			return f, err
		}
		for row, code := range c.codes {
			f.bits[row*f.words+f.place[j]/64] |= c.flag(code) << (f.place[j] % 64)
		}
		c.codes = nil
	}
	return f, nil
}

// flag returns the bits of a code.
func (c *column) flag(code uint8) uint64 {
	if int(code) == len(c.values) {
		return missingFlag
	}
	return uint64(code)
}

const missingFlag = 2

// of returns the bits of a row, which numbers its place in bits, for a column.
func (f *flags) of(bits []uint64, row uint32, column int) uint64 {
	place := f.place[column]
	return bits[int(row)*f.words+place/64] >> (place % 64) & 3
}

// tally are the sums of the rows that have a bit.
type tally struct {
	part
	rows int
}

// count sets tallies for the rows of a node.
func (g *grower) count(rows []uint32) {
	if g.flags.words == 0 {
		return
	}
	clear(g.tallies)
	for _, r := range rows {
		p := g.parts[r]
		for w, mask := range g.bits[int(r)*g.flags.words:][:g.flags.words] {
			for ; mask != 0; mask &= mask - 1 {
				t := &g.tallies[w*64+bits.TrailingZeros64(mask)]
				t.sum += p.sum
				t.weight += p.weight
				t.rows++
			}
		}
	}
}

// levels are the sums of a node by value of a column, in ascending order, and of
// its missing values.
type levels struct {
	values  [2]tally
	missing tally
	rows    int
	weight  float64
}

func (g *grower) levels(column, rows int, weight float64) levels {
	place := g.flags.place[column]
	one, missing := g.tallies[place], g.tallies[place+1]
	zero := tally{part{-one.sum - missing.sum, weight - one.weight - missing.weight}, rows - one.rows - missing.rows}
	return levels{values: [2]tally{zero, one}, missing: missing, rows: rows, weight: weight}
}

// searchFlags tries the splits at a column of at most two values.
func (g *grower) searchFlags(best *split, column int, l *levels) {
	highest := len(g.columns[column].values)
	found := l.scan(best, tally{}, highest, g.cfg.MinSamplesLeaf)
	left := false
	if l.missing.rows > 0 && l.scan(best, l.missing, highest, g.cfg.MinSamplesLeaf) {
		found, left = true, true
	}
	if found {
		best.column, best.missing, best.missingLeft = column, l.missing.rows, left
	}
}

// scan is what the function scan is to entries: it tries to divide the rows after
// each value. The rows of start are to the left of each. missing is the code of
// missing values.
func (l *levels) scan(best *split, start tally, missing, least int) (found bool) {
	left := start
	for code, v := range l.values[:missing] {
		left.sum += v.sum
		left.weight += v.weight
		left.rows += v.rows
		product := left.weight * (l.weight - left.weight)
		if v.rows == 0 || left.rows < least || l.rows-left.rows < least || left.sum*left.sum <= best.limit*product {
			continue
		}
		best.take(left.sum * left.sum / product)
		best.left, best.below, best.above = left.weight, code, code+1
		if code == 0 && l.values[1].rows == 0 {
			best.above = missing
		}
		found = true
	}
	return found
}
