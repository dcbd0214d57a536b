package insights

import (
	"context"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/modelfile"
)

// MaxProfileBytes is the greatest size of a profile's file: 64 KiB for each of 256
// columns.
const MaxProfileBytes = 16 << 20

const (
	profileFormat  = "cohortlens.profile"
	profileVersion = 1
)

// savedProfile is the body of a profile's file of version 1.
type savedProfile struct {
	Rows          int            `json:"rows"`
	SegmentColumn string         `json:"segment_column"`
	Columns       []savedColumn  `json:"columns"`
	Segments      []savedSegment `json:"segments"`
	Sample        *savedSample   `json:"sample"`
}

// savedColumn has numbers or levels by its kind. Within segments the columns stand
// in the order of the profile, without names.
type savedColumn struct {
	Name    string        `json:"name,omitempty"`
	Kind    string        `json:"kind"`
	Missing int           `json:"missing"`
	Numbers *savedNumbers `json:"numbers,omitempty"`
	Levels  *savedLevels  `json:"levels,omitempty"`
}

// savedNumbers has a number of few digits from each bucket. Sums are exact. The
// mean and the standard deviation are for human readers; they are 0 where there
// are none.
type savedNumbers struct {
	Min     float64   `json:"min"`
	Max     float64   `json:"max"`
	Mean    float64   `json:"mean"`
	Std     float64   `json:"std"`
	Sum     string    `json:"sum"`
	Squares string    `json:"squares"`
	Shift   int       `json:"shift"`
	Values  []float64 `json:"values"`
	Counts  []int     `json:"counts"`
}

type savedLevels struct {
	Names  []string `json:"names"`
	Counts []int    `json:"counts"`
	Other  []int    `json:"other,omitempty"`
}

type savedSegment struct {
	Name    string        `json:"name"`
	Rows    int           `json:"rows"`
	Columns []savedColumn `json:"columns"`
}

// savedSample has for each numeric and categorical column the places of the rows'
// cells among its values or names, -1 for a missing one and -2 for a level that is
// not kept by name.
type savedSample struct {
	Hashes  []uint64 `json:"hashes"`
	Counts  []int    `json:"counts"`
	Columns [][]int  `json:"columns"`
}

const (
	missingCell = -1
	otherCell   = -2
)

// Save writes the profile as one line of JSON, from which [LoadProfile] makes an
// equal one. It takes at most 64 KiB for each column. Nothing is written when the
// name of a column is not valid UTF-8, when the file would be larger than
// [MaxProfileBytes], or when ctx ends before.
func (p *Profile) Save(ctx context.Context, w io.Writer) error {
	for _, c := range p.columns {
		if !utf8.ValidString(c.name) {
			return fmt.Errorf("saving a profile: the name of column %q is not valid UTF-8", c.name)
		}
	}
	if err := modelfile.Write(ctx, w, profileFormat, profileVersion, MaxProfileBytes, p.saved()); err != nil {
		return fmt.Errorf("saving a profile: %w", err)
	}
	return nil
}

func (p *Profile) saved() savedProfile {
	s := savedProfile{Rows: p.rows, SegmentColumn: p.segmentColumn, Columns: []savedColumn{}, Segments: []savedSegment{}}
	for i := range p.columns {
		column := p.columns[i].saved()
		column.Name = p.columns[i].name
		s.Columns = append(s.Columns, column)
	}
	for _, one := range p.segments {
		segment := savedSegment{Name: one.Name, Rows: one.Rows, Columns: []savedColumn{}}
		for i := range one.Columns {
			segment.Columns = append(segment.Columns, one.Columns[i].saved())
		}
		s.Segments = append(s.Segments, segment)
	}
	if p.sample.table != nil {
		s.Sample = p.savedSample()
	}
	return s
}

func (c *ColumnProfile) saved() savedColumn {
	s := savedColumn{Kind: c.kind.String(), Missing: c.missing}
	switch c.kind {
	case datasource.Numeric:
		s.Numbers = c.savedNumbers()
	case datasource.Categorical:
		s.Levels = &savedLevels{notNil(c.levels.names), notNil(c.levels.counts), c.levels.other}
	}
	return s
}

func (c *ColumnProfile) savedNumbers() *savedNumbers {
	summary := c.Numbers()
	s := &savedNumbers{
		Min: orZero(summary.Min), Max: orZero(summary.Max), Mean: orZero(summary.Mean), Std: orZero(summary.Std),
		Shift: c.values.shift, Values: make([]float64, len(c.values.keys)), Counts: notNil(c.values.counts),
	}
	s.Sum, s.Squares = c.moments.Sums()
	for i, key := range c.values.keys {
		s.Values[i] = shortestOf(key, c.values.shift)
	}
	return s
}

// notNil keeps an empty list from being written as null.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (p *Profile) savedSample() *savedSample {
	s := &savedSample{Hashes: notNil(p.sample.hashes), Counts: notNil(p.sample.counts)}
	for _, c := range p.sample.table.Columns() {
		s.Columns = append(s.Columns, find(p.columns, c.Name()).places(c))
	}
	return s
}

// places returns where the cells of a sampled column stand in the profile.
func (c *ColumnProfile) places(cells datasource.Column) []int {
	places := make([]int, cells.Len())
	for row := range places {
		switch {
		case cells.Missing(row):
			places[row] = missingCell
		case c.kind == datasource.Numeric:
			places[row], _ = slices.BinarySearch(c.values.keys, keyOf(cells.Floats()[row])>>c.values.shift)
		default:
			at, kept := slices.BinarySearch(c.levels.names, cells.Cell(row))
			if places[row] = at; !kept {
				places[row] = otherCell
			}
		}
	}
	return places
}
