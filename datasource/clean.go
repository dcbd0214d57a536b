package datasource

import (
	"context"
	"encoding/binary"
	"hash/maphash"
	"math"
	"math/bits"
)

// Cleaning is what [Clean] dropped.
type Cleaning struct {
	// MissingRows is the number of rows dropped for a missing value, Missing
	// the number of missing values by column, columns without any left out.
	MissingRows int
	Missing     []ColumnCount
	// DuplicateRows is the number of rows dropped for being equal, in every
	// column of the table, to an earlier row.
	DuplicateRows int
}

// ColumnCount is a count for one column.
type ColumnCount struct {
	Column string `json:"column"`
	Count  int    `json:"count"`
}

// Clean drops the rows that lack a value in one of the named columns (in any
// column when none is named), then those that repeat an earlier row in every
// column. It fails only when a named column does not exist or ctx ends. Cost is
// linear in cells.
func Clean(ctx context.Context, t *Table, columns ...string) (*Table, Cleaning, error) {
	complete, found, err := dropMissing(ctx, t, columns)
	if err != nil {
		return nil, Cleaning{}, err
	}
	clean, err := dropDuplicates(ctx, complete)
	if err != nil {
		return nil, Cleaning{}, err
	}
	found.DuplicateRows = complete.rows - clean.rows
	return clean, found, nil
}

func dropMissing(ctx context.Context, t *Table, columns []string) (*Table, Cleaning, error) {
	if len(columns) == 0 {
		columns = t.Names()
	}
	var found Cleaning
	drop := make([]bool, t.rows)
	for _, name := range columns {
		c, err := t.Column(name)
		if err != nil {
			return nil, Cleaning{}, err
		}
		n := 0
		for row := range drop {
			if c.Missing(row) {
				drop[row] = true
				n++
			}
		}
		if n > 0 {
			found.Missing = append(found.Missing, ColumnCount{name, n})
		}
	}
	complete, err := t.keep(ctx, func(row int) bool { return !drop[row] })
	if err != nil {
		return nil, Cleaning{}, err
	}
	found.MissingRows = t.rows - complete.rows
	return complete, found, nil
}

func dropDuplicates(ctx context.Context, t *Table) (*Table, error) {
	seen := newRowSet(t.columns, t.rows)
	return t.keep(ctx, func(row int) bool {
		_, added := seen.add(row)
		return added
	})
}

// keep returns the table with only the rows for which holds, itself if that is
// all of them. It calls holds for each row in turn.
func (t *Table) keep(ctx context.Context, holds func(row int) bool) (*Table, error) {
	const rowsBetweenLooks = 1 << 13
	rows := make([]int, 0, t.rows)
	for row := range t.rows {
		if row%rowsBetweenLooks == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if holds(row) {
			rows = append(rows, row)
		}
	}
	if len(rows) == t.rows {
		return t, nil
	}
	return t.take(ctx, rows)
}

// rowSet is a set of rows of some columns, compared by content, in open
// addressing. The seed of its hash is chosen at random, so that no file can be
// made to slow it down; what it answers does not depend on it.
type rowSet struct {
	columns []Column
	seed    maphash.Seed
	slots   []rowSlot
	key     []byte
}

// rowSlot holds a row, counted from 1, and half of its hash; row 0 is empty.
type rowSlot struct{ row, hash uint32 }

// newRowSet returns a set with room for n rows.
func newRowSet(columns []Column, n int) *rowSet {
	size := 1 << bits.Len(uint(2*n+1))
	return &rowSet{columns: columns, seed: maphash.MakeSeed(), slots: make([]rowSlot, size)}
}

// add puts a row into the set unless an equal one is in it, which it returns.
func (s *rowSet) add(row int) (earlier int, added bool) {
	h := s.hash(row)
	mask := uint64(len(s.slots) - 1)
	for at := h & mask; ; at = (at + 1) & mask {
		slot := &s.slots[at]
		if slot.row == 0 {
			*slot = rowSlot{uint32(row + 1), uint32(h >> 32)}
			return 0, true
		}
		if slot.hash == uint32(h>>32) && s.equal(int(slot.row)-1, row) {
			return int(slot.row) - 1, false
		}
	}
}

func (s *rowSet) hash(row int) uint64 {
	key := s.key[:0]
	for i := range s.columns {
		c := &s.columns[i]
		switch c.kind {
		case Numeric:
			key = binary.LittleEndian.AppendUint64(key, math.Float64bits(c.values[row]+0)) // -0 + 0 is 0
		case Categorical:
			key = binary.LittleEndian.AppendUint32(key, uint32(c.codes[row]))
		case Text:
			key = append(key, c.text.at(row)...)
			key = append(key, 0)
		}
	}
	s.key = key
	return maphash.Bytes(s.seed, key)
}

func (s *rowSet) equal(a, b int) bool {
	for i := range s.columns {
		c := &s.columns[i]
		switch c.kind {
		case Numeric:
			x, y := c.values[a], c.values[b]
			if x != y && !(math.IsNaN(x) && math.IsNaN(y)) {
				return false
			}
		case Categorical:
			if c.codes[a] != c.codes[b] {
				return false
			}
		case Text:
			if c.text.at(a) != c.text.at(b) {
				return false
			}
		}
	}
	return true
}
