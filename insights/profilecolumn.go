package insights

import (
	"context"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// ColumnProfile is the profile of one column.
type ColumnProfile struct {
	name          string
	kind          datasource.Kind
	rows, missing int
	moments       stat.ExactMoments // Numeric
	values        sketch            // Numeric
	levels        levelCounts       // Categorical
}

// Name returns the column's name.
func (c ColumnProfile) Name() string { return c.name }

// Kind returns the column's kind. Of a text column only missing values are known.
func (c ColumnProfile) Kind() datasource.Kind { return c.kind }

// Rows returns the number of rows, missing values included.
func (c ColumnProfile) Rows() int { return c.rows }

// Missing returns the number of rows without a value.
func (c ColumnProfile) Missing() int { return c.missing }

// Numbers describes the values of a numeric column. The figures are exact, but for
// a deviation beyond the largest float64, which is stated as that number.
func (c ColumnProfile) Numbers() NumberSummary {
	low, high := c.moments.Range()
	return NumberSummary{c.moments.Count(), c.moments.Mean(), min(c.moments.Std(1), math.MaxFloat64), low, high}
}

// Exact reports whether the profile holds every value of a numeric column, or
// counts every level of a categorical one by name.
func (c ColumnProfile) Exact() bool { return c.values.exact() && c.levels.other == nil }

// ErrorBound returns by how much the distribution function of a numeric column may
// be wrong at most, as a share of the values: 0 if the profile is exact.
func (c ColumnProfile) ErrorBound() float64 { return c.values.errorBound() }

// Distribution returns the share of the values of a numeric column that are at
// most v, off by no more than [ColumnProfile.ErrorBound]. It is NaN without values.
func (c ColumnProfile) Distribution(v float64) float64 {
	below := 0
	for i, key := range c.values.keys {
		if middleOf(key, c.values.shift) <= v {
			below += c.values.counts[i]
		}
	}
	return float64(below) / float64(c.values.total())
}

// LevelCount is a level and how often it occurs.
type LevelCount struct {
	Level string
	Count int
}

// Levels returns the levels of a categorical column in order of name, and how many
// values have other levels than those kept by name, of which there are at most
// 256. A very long name is cut.
func (c ColumnProfile) Levels() (kept []LevelCount, others int) {
	for i, name := range c.levels.names {
		kept = append(kept, LevelCount{name, c.levels.counts[i]})
	}
	return kept, sumOf(c.levels.other)
}

// columnCounter builds a ColumnProfile.
type columnCounter struct {
	name          string
	kind          datasource.Kind
	rows, missing int
	moments       stat.ExactMoments
	values        *sketcher
	levels        *levelCounter
}

// grain is how finely columns are counted.
type grain struct {
	numbers resolution
	levels  int
}

var (
	columnGrain  = grain{columnResolution, columnLevels}
	segmentGrain = grain{segmentResolution, segmentLevels}
)

func newColumnCounter(name string, kind datasource.Kind, g grain) *columnCounter {
	c := &columnCounter{name: name, kind: kind}
	switch kind {
	case datasource.Numeric:
		c.values = newSketcher(g.numbers)
	case datasource.Categorical:
		c.levels = newLevelCounter(g.levels)
	}
	return c
}

// profileBlock is the number of values that are counted at a time.
const profileBlock = 1 << 14

// scratch is what one worker needs to count a block.
type scratch struct {
	tally  stat.Tally
	values []float64
	keys   []uint64
	// bySegment has the values of a block by segment.
	bySegment [][]float64
}

// addNumbers counts numbers, NaN for a missing one.
func (c *columnCounter) addNumbers(numbers []float64, s *scratch) {
	values := slices.Grow(s.values[:0], len(numbers))[:len(numbers)]
	keys := slices.Grow(s.keys[:0], len(numbers))[:len(numbers)]
	present := 0
	for _, v := range numbers {
		values[present], keys[present] = v, keyOf(v)
		if v == v { // else it is NaN, which the next value replaces
			present++
		}
	}
	s.values, s.keys = values[:present], keys[:present]
	c.rows += len(numbers)
	c.missing += len(numbers) - len(s.values)
	c.moments.Add(s.values, &s.tally)
	c.values.add(s.keys)
}

// addColumn counts a column of a batch, block by block.
func (c *columnCounter) addColumn(ctx context.Context, column datasource.Column, s *scratch) error {
	if c.kind != datasource.Numeric {
		c.rows += column.Len()
		c.missing += column.MissingCount()
		if c.kind == datasource.Categorical {
			c.addLevels(column.Levels(), countCodes(column.Codes(), len(column.Levels())))
		}
		return ctx.Err()
	}
	numbers := column.Floats()
	for low := 0; low < len(numbers); low += profileBlock {
		if err := ctx.Err(); err != nil {
			return err
		}
		c.addNumbers(numbers[low:min(low+profileBlock, len(numbers))], s)
	}
	return nil
}

func (c *columnCounter) addLevels(names []string, counts []int) {
	for code, n := range counts {
		if n > 0 {
			c.levels.add(levelName(names[code]), n)
		}
	}
}

func countCodes(codes []int32, levels int) []int {
	counts := make([]int, levels)
	for _, code := range codes {
		if code >= 0 {
			counts[code]++
		}
	}
	return counts
}

func (c *columnCounter) merge(o *ColumnProfile) {
	c.rows += o.rows
	c.missing += o.missing
	switch c.kind {
	case datasource.Numeric:
		c.moments.Merge(&o.moments)
		c.values.merge(&o.values)
	case datasource.Categorical:
		c.levels.merge(&o.levels)
	}
}

func (c *columnCounter) profile() ColumnProfile {
	out := ColumnProfile{name: c.name, kind: c.kind, rows: c.rows, missing: c.missing, moments: c.moments}
	switch c.kind {
	case datasource.Numeric:
		out.values = c.values.sketch()
	case datasource.Categorical:
		out.levels = c.levels.levels()
	}
	return out
}
