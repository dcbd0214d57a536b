package insights

import (
	"fmt"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
)

// segments validates the segments of a profile with these columns.
func (s *savedProfile) segments(columns []ColumnProfile) ([]SegmentProfile, error) {
	if s.SegmentColumn == "" {
		if len(s.Segments) > 0 {
			return nil, fmt.Errorf("segments: must be none without a column that holds them, got %d", len(s.Segments))
		}
		return nil, nil
	}
	by := find(columns, s.SegmentColumn)
	if by == nil || by.kind != datasource.Categorical {
		return nil, fmt.Errorf("segment_column: must be a categorical column, got %q", s.SegmentColumn)
	}
	names := make([]string, len(s.Segments))
	for i := range names {
		names[i] = s.Segments[i].Name
	}
	if err := checkNames(names, keptSegments); err != nil {
		return nil, fmt.Errorf("segments%w", err)
	}
	within := slices.DeleteFunc(slices.Clone(columns), func(c ColumnProfile) bool { return c.name == s.SegmentColumn })
	out := make([]SegmentProfile, len(s.Segments))
	for i := range out {
		var err error
		if out[i], err = s.Segments[i].segment(by, within); err != nil {
			return nil, fmt.Errorf("segments[%d].%w", i, err)
		}
	}
	return out, nil
}

func (s *savedSegment) segment(by *ColumnProfile, within []ColumnProfile) (SegmentProfile, error) {
	out := SegmentProfile{Name: s.Name, Rows: s.Rows}
	least, most := 1, by.rows
	if at, kept := slices.BinarySearch(by.levels.names, s.Name); kept {
		least, most = by.levels.counts[at], by.levels.counts[at]
	}
	switch {
	case s.Rows < least || s.Rows > most:
		return out, fmt.Errorf("rows: must be from %d to %d, got %d", least, most, s.Rows)
	case len(s.Columns) != len(within):
		return out, fmt.Errorf("columns: must be %d, got %d", len(within), len(s.Columns))
	}
	for i := range s.Columns {
		column, err := s.Columns[i].column(s.Rows, segmentGrain)
		if err == nil && (column.kind != within[i].kind || s.Columns[i].Name != "") {
			err = fmt.Errorf("kind: must be %s, without a name, got %q named %q", within[i].kind, s.Columns[i].Kind, s.Columns[i].Name)
		}
		if err != nil {
			return out, fmt.Errorf("columns[%d].%w", i, err)
		}
		column.name = within[i].name
		out.Columns = append(out.Columns, column)
	}
	return out, nil
}

func (s *savedSample) sample(p *Profile) (rowSample, error) {
	out := rowSample{hashes: s.Hashes, counts: s.Counts}
	if len(s.Hashes) > SampleRows {
		return out, fmt.Errorf("hashes: must be at most %d, got %d", SampleRows, len(s.Hashes))
	}
	for i, hash := range s.Hashes {
		if i > 0 && hash <= s.Hashes[i-1] || hash >= 1<<hashBits {
			return out, fmt.Errorf("hashes[%d]: must be more than the one before and less than 2^%d, got %d", i, hashBits, hash)
		}
	}
	rows := min(sumOf(s.Counts), p.rows)
	if len(s.Hashes) < SampleRows {
		rows = p.rows
	}
	if err := checkCounts(s.Counts, len(s.Hashes), rows); err != nil {
		return out, err
	}
	var columns []datasource.Column
	for i := range p.columns {
		c := &p.columns[i]
		if c.kind == datasource.Text {
			continue
		}
		if len(columns) == len(s.Columns) || len(s.Columns[len(columns)]) != len(s.Hashes) {
			return out, fmt.Errorf("columns: must have %d cells for each numeric and categorical column", len(s.Hashes))
		}
		column, err := c.cells(s.Columns[len(columns)])
		if err != nil {
			return out, fmt.Errorf("columns[%d]%w", len(columns), err)
		}
		columns = append(columns, column)
	}
	if len(columns) != len(s.Columns) || len(columns) < 2 {
		return out, fmt.Errorf("columns: must be one for each numeric and categorical column, and two at least, got %d", len(s.Columns))
	}
	var err error
	out.table, err = datasource.NewTable(columns...)
	return out, err
}

// cells returns the sampled column that stands at these places in the profile.
func (c *ColumnProfile) cells(places []int) (datasource.Column, error) {
	known := len(c.values.keys) + len(c.levels.names)
	numbers, levels := make([]float64, len(places)), make([]string, len(places))
	for row, at := range places {
		switch {
		case at == missingCell && c.missing > 0:
			numbers[row] = math.NaN()
		case at == otherCell && c.levels.other != nil:
			levels[row] = OtherLevels
		case at < 0 || at >= known:
			return datasource.Column{}, fmt.Errorf("[%d]: must be from 0 to %d, got %d", row, known-1, at)
		case c.kind == datasource.Numeric:
			numbers[row] = middleOf(c.values.keys[at], c.values.shift)
		default:
			levels[row] = c.levels.names[at]
		}
	}
	if c.kind == datasource.Numeric {
		return datasource.Numbers(c.name, numbers), nil
	}
	return datasource.Categories(c.name, levels), nil
}
