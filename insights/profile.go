package insights

import (
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
)

// Profile is what [CheckDrift] needs to know of a table: a few kilobytes for each
// column, however many rows there are. It is immutable. A [Profiler] makes it, and
// [LoadProfile] reads it back.
type Profile struct {
	rows int
	// segmentColumn is the column whose levels are the segments, or empty.
	segmentColumn string
	columns       []ColumnProfile
	segments      []SegmentProfile
	sample        rowSample
}

// Rows returns the number of rows of the table.
func (p *Profile) Rows() int { return p.rows }

// Columns returns the profiles of the columns, in order of name.
func (p *Profile) Columns() []ColumnProfile { return slices.Clone(p.columns) }

// Column returns the profile of the column of that name.
func (p *Profile) Column(name string) (ColumnProfile, bool) {
	i := slices.IndexFunc(p.columns, func(c ColumnProfile) bool { return c.name == name })
	if i < 0 {
		return ColumnProfile{}, false
	}
	return p.columns[i], true
}

// Segments returns the profiles of the segments in order of name, none if no
// column was named that holds them.
func (p *Profile) Segments() []SegmentProfile { return slices.Clone(p.segments) }

// SegmentColumn returns the name of the column that holds the segments, or "".
func (p *Profile) SegmentColumn() string { return p.segmentColumn }

// Sample returns a random sample of rows, at most [SampleRows] different ones,
// and how often each occurs in the table. Its columns are the numeric and the
// categorical ones; a number is rounded as the profile of its column is, and a
// level that is not kept there is [OtherLevels]. It is nil without such columns.
func (p *Profile) Sample() (rows *datasource.Table, counts []int) {
	return p.sample.table, slices.Clone(p.sample.counts)
}

// SegmentProfile is the profile of the rows of one segment.
type SegmentProfile struct {
	Name string
	Rows int
	// Columns are those of the whole profile but the segments' own, rounded
	// more coarsely.
	Columns []ColumnProfile
}

const (
	// SampleRows is the greatest number of rows in the sample of a profile.
	SampleRows = 1000
	// MaxRows is the greatest number of rows of a profile, 2^53 (2^30 - 1 where an
	// int has 32 bits): sums of its counts have no rounding, and those of two
	// profiles no overflow.
	MaxRows = min(1<<53, math.MaxInt/2)
	// OtherLevels stands for the levels beyond those that a profile holds.
	OtherLevels = "(other)"
)
