package insights

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/par"
)

// rowSample holds the rows whose hashes are the smallest, in order of hash.
type rowSample struct {
	hashes []uint64
	counts []int
	// table is nil where no sample is kept.
	table *datasource.Table
}

// sampledRow is a row of the sample, with a cell for each numeric and each
// categorical column of the profile, in their order.
type sampledRow struct {
	hash  uint64
	count int
	cells []sampledCell
}

// sampledCell is a number, or a level if it is not empty.
type sampledCell struct {
	number float64
	level  string
}

// sampler keeps the rows with the least hashes. A hash depends on all cells of a
// row, so that which rows are kept depends on the set of rows alone. Equal rows
// are kept or left out together.
type sampler struct {
	rows map[uint64]*sampledRow
	// bound is the greatest hash that may still be among the least.
	bound  uint64
	hashes []uint64
}

// hashBits keeps hashes within the whole numbers that every reader of JSON knows.
const hashBits = 53

func newSampler() *sampler {
	return &sampler{rows: make(map[uint64]*sampledRow), bound: math.MaxUint64}
}

// add samples from a batch. All of its columns make the hash, the kept ones are
// those with a cell in the sample.
func (s *sampler) add(ctx context.Context, workers int, all, kept []datasource.Column) error {
	rows := all[0].Len()
	s.hashes = slices.Grow(s.hashes[:0], rows)[:rows]
	levels := make([][]uint64, len(all))
	for i, c := range all {
		for _, level := range c.Levels() {
			levels[i] = append(levels[i], hashText(level))
		}
	}
	err := par.Chunks(ctx, workers, rows, profileBlock, func(_, low, high int) error {
		hashes := s.hashes[low:high]
		clear(hashes)
		for i, c := range all {
			hashCells(hashes, c, low, levels[i])
		}
		return nil
	})
	if err != nil {
		return err
	}
	for row, hash := range s.hashes {
		if hash := mixBits(hash) >> (64 - hashBits); hash <= s.bound {
			s.keep(hash, kept, row)
		}
	}
	return nil
}

// hashCells mixes the cells of a column from row low on into hashes.
func hashCells(hashes []uint64, c datasource.Column, low int, levels []uint64) {
	switch c.Kind() {
	case datasource.Numeric:
		for i, v := range c.Floats()[low : low+len(hashes)] {
			if v != v {
				v = math.NaN() // of the many, one
			}
			h := (hashes[i] ^ keyOf(v)) * golden
			hashes[i] = h ^ h>>29
		}
	case datasource.Categorical:
		for i, code := range c.Codes()[low : low+len(hashes)] {
			h := hashes[i]
			if code >= 0 {
				h ^= levels[code]
			}
			h *= golden
			hashes[i] = h ^ h>>29
		}
	case datasource.Text:
		for i := range hashes {
			h := (hashes[i] ^ hashText(c.Cell(low+i))) * golden
			hashes[i] = h ^ h>>29
		}
	}
}

func (s *sampler) keep(hash uint64, columns []datasource.Column, row int) {
	if found := s.rows[hash]; found != nil {
		found.count++
		return
	}
	cells := make([]sampledCell, len(columns))
	for i, c := range columns {
		switch {
		case c.Kind() == datasource.Numeric:
			cells[i].number = c.Floats()[row]
		case c.Codes()[row] >= 0:
			cells[i].level = levelName(c.Levels()[c.Codes()[row]])
		}
	}
	s.insert(&sampledRow{hash, 1, cells})
}

// insert adds a row and now and then drops those that are not among the least.
func (s *sampler) insert(row *sampledRow) {
	s.rows[row.hash] = row
	if len(s.rows) >= 2*SampleRows {
		s.least()
	}
}

// least drops all rows but those with the least hashes, and returns these in order.
func (s *sampler) least() []*sampledRow {
	rows := make([]*sampledRow, 0, len(s.rows))
	for _, row := range s.rows {
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b *sampledRow) int { return cmp.Compare(a.hash, b.hash) })
	if len(rows) > SampleRows {
		for _, row := range rows[SampleRows:] {
			delete(s.rows, row.hash)
		}
		rows = rows[:SampleRows]
		s.bound = rows[SampleRows-1].hash
	}
	return rows
}

func (s *sampler) merge(o *rowSample) {
	columns := o.table.Columns()
	for i, hash := range o.hashes {
		if hash > s.bound {
			break
		}
		if found := s.rows[hash]; found != nil {
			found.count += o.counts[i]
			continue
		}
		row := &sampledRow{hash, o.counts[i], make([]sampledCell, len(columns))}
		for j, c := range columns {
			if c.Kind() == datasource.Numeric {
				row.cells[j].number = c.Floats()[i]
			} else {
				row.cells[j].level = c.Cell(i)
			}
		}
		s.insert(row)
	}
}

// sample returns the rows as the profiles of their columns know them.
func (s *sampler) sample(columns []ColumnProfile) (rowSample, error) {
	rows := s.least()
	out := rowSample{hashes: make([]uint64, len(rows)), counts: make([]int, len(rows))}
	for i, row := range rows {
		out.hashes[i], out.counts[i] = row.hash, row.count
	}
	var made []datasource.Column
	for _, c := range columns {
		if c.kind != datasource.Text {
			made = append(made, sampledColumn(c, rows, len(made)))
		}
	}
	var err error
	out.table, err = datasource.NewTable(made...)
	return out, err
}

func sampledColumn(c ColumnProfile, rows []*sampledRow, at int) datasource.Column {
	if c.kind == datasource.Categorical {
		levels := make([]string, len(rows))
		for i, row := range rows {
			levels[i] = row.cells[at].level
			if _, kept := slices.BinarySearch(c.levels.names, levels[i]); !kept && levels[i] != "" {
				levels[i] = OtherLevels
			}
		}
		return datasource.Categories(c.name, levels)
	}
	numbers := make([]float64, len(rows))
	for i, row := range rows {
		numbers[i] = row.cells[at].number
	}
	return datasource.Numbers(c.name, roundAt(numbers, c.values.shift))
}

// sampledAlike returns a column of two samples as the profile that tells less
// apart has it. Otherwise what one of them rounds or leaves out would tell the
// tables apart.
func sampledAlike(a, b datasource.Column, x, y *ColumnProfile) (datasource.Column, datasource.Column) {
	if x.kind == datasource.Numeric {
		shift := max(x.values.shift, y.values.shift)
		return datasource.Numbers(a.Name(), roundAt(slices.Clone(a.Floats()), shift)),
			datasource.Numbers(b.Name(), roundAt(slices.Clone(b.Floats()), shift))
	}
	omittedByX, omittedByY := x.levels.omits(), y.levels.omits()
	relevel := func(c datasource.Column) datasource.Column {
		cells := make([]string, c.Len())
		for row := range cells {
			cells[row] = c.Cell(row)
			if !c.Missing(row) && (omittedByX(cells[row]) || omittedByY(cells[row])) {
				cells[row] = OtherLevels
			}
		}
		return datasource.Categories(c.Name(), cells)
	}
	return relevel(a), relevel(b)
}
