package datasource

import (
	"hash/maphash"
	"math"
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
// column. It fails only when a named column does not exist.
func Clean(t *Table, columns ...string) (*Table, Cleaning, error) {
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
	kept := make([]int, 0, t.rows)
	seen := newRowSet(t)
	for row := range drop {
		switch {
		case drop[row]:
			found.MissingRows++
		case !seen.add(row):
			found.DuplicateRows++
		default:
			kept = append(kept, row)
		}
	}
	if len(kept) == t.rows {
		return t, found, nil
	}
	return t.Take(kept), found, nil
}

// rowSet is a set of rows of one table, compared by content.
type rowSet struct {
	table *Table
	seed  maphash.Seed
	last  map[uint64]int // hash to the row added last
	next  map[int]int    // that row to an earlier one of the same hash
}

func newRowSet(t *Table) *rowSet {
	return &rowSet{table: t, seed: maphash.MakeSeed(), last: make(map[uint64]int, t.rows), next: make(map[int]int)}
}

// add reports whether the row was not in the set.
func (s *rowSet) add(row int) bool {
	h := s.hash(row)
	other, found := s.last[h]
	for at, ok := other, found; ok; at, ok = s.next[at] {
		if s.equal(at, row) {
			return false
		}
	}
	if found {
		s.next[row] = other
	}
	s.last[h] = row
	return true
}

func (s *rowSet) hash(row int) uint64 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	for _, c := range s.table.columns {
		switch c.kind {
		case Numeric:
			v := c.values[row]
			if v == 0 {
				v = 0 // minus zero equals zero
			}
			maphash.WriteComparable(&h, math.Float64bits(v))
		case Categorical:
			maphash.WriteComparable(&h, c.codes[row])
		case Text:
			h.WriteString(c.text.at(row))
			h.WriteByte(0)
		}
	}
	return h.Sum64()
}

func (s *rowSet) equal(a, b int) bool {
	for _, c := range s.table.columns {
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
