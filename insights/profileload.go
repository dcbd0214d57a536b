package insights

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/modelfile"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// LoadProfile reads a profile that [Profile.Save] wrote, up to the end of r. It
// trusts no byte: a file that is damaged, too large or of a newer version gives an
// error, and so do figures that no table can have. The error names the field.
// Memory is bounded by a small multiple of the bytes that were read.
func LoadProfile(ctx context.Context, r io.Reader) (*Profile, error) {
	p, err := loadProfile(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("loading a profile: %w", err)
	}
	return p, nil
}

func loadProfile(ctx context.Context, r io.Reader) (*Profile, error) {
	_, body, err := modelfile.Read(ctx, r, profileFormat, profileVersion, MaxProfileBytes)
	if err != nil {
		return nil, err
	}
	var s savedProfile
	if err := modelfile.Decode(body, &s); err != nil {
		return nil, err
	}
	p := &Profile{rows: s.Rows, segmentColumn: s.SegmentColumn}
	if s.Rows < 0 || s.Rows > MaxRows {
		return nil, fmt.Errorf("rows: must be from 0 to %d, got %d", MaxRows, s.Rows)
	}
	for i := range s.Columns {
		if i > 0 && s.Columns[i].Name <= s.Columns[i-1].Name || s.Columns[i].Name == "" {
			return nil, fmt.Errorf("columns[%d].name: must come after the one before, got %q", i, s.Columns[i].Name)
		}
		column, err := s.Columns[i].column(s.Rows, columnGrain)
		if err != nil {
			return nil, fmt.Errorf("columns[%d].%w", i, err)
		}
		column.name = s.Columns[i].Name
		p.columns = append(p.columns, column)
	}
	if p.segments, err = s.segments(p.columns); err != nil {
		return nil, err
	}
	if s.Sample != nil {
		if p.sample, err = s.Sample.sample(p); err != nil {
			return nil, fmt.Errorf("sample.%w", err)
		}
	}
	return p, nil
}

// column validates a column of a table, or of a segment, of so many rows.
func (s *savedColumn) column(rows int, g grain) (ColumnProfile, error) {
	c := ColumnProfile{rows: rows, missing: s.Missing}
	if s.Missing < 0 || s.Missing > rows {
		return c, fmt.Errorf("missing: must be from 0 to %d, got %d", rows, s.Missing)
	}
	var err error
	switch {
	case s.Kind == datasource.Numeric.String() && s.Numbers != nil && s.Levels == nil:
		c.kind = datasource.Numeric
		c.values, c.moments, err = s.Numbers.numbers(rows-s.Missing, g.numbers)
	case s.Kind == datasource.Categorical.String() && s.Levels != nil && s.Numbers == nil:
		c.kind = datasource.Categorical
		c.levels, err = s.Levels.levels(rows-s.Missing, g.levels)
	case s.Kind == datasource.Text.String() && s.Levels == nil && s.Numbers == nil:
		c.kind = datasource.Text
	default:
		err = fmt.Errorf("kind: must be numeric with numbers, categorical with levels, or text with neither, got %q", s.Kind)
	}
	if err == nil && c.kind == datasource.Numeric && s.Numbers.differs(&c) {
		err = errors.New("numbers: mean and std must be those of the sums")
	}
	return c, err
}

func (s *savedNumbers) differs(c *ColumnProfile) bool {
	n := c.Numbers()
	return s.Mean != orZero(n.Mean) || s.Std != orZero(n.Std)
}

func (s *savedNumbers) numbers(n int, r resolution) (sketch, stat.ExactMoments, error) {
	sk := sketch{shift: s.Shift, keys: make([]uint64, len(s.Values)), counts: s.Counts}
	fail := func(err error) (sketch, stat.ExactMoments, error) {
		return sketch{}, stat.ExactMoments{}, fmt.Errorf("numbers.%w", err)
	}
	if s.Shift < r.first || s.Shift > 63 {
		return fail(fmt.Errorf("shift: must be from %d to 63, got %d", r.first, s.Shift))
	}
	if len(s.Values) > r.limit(s.Shift) {
		return fail(fmt.Errorf("values: must be at most %d, got %d", r.limit(s.Shift), len(s.Values)))
	}
	for i, v := range s.Values {
		key := keyOf(v) >> s.Shift
		if i > 0 && key <= sk.keys[i-1] || shortestOf(key, s.Shift) != v {
			return fail(fmt.Errorf("values[%d]: must name the bucket after the one before, got %v", i, v))
		}
		sk.keys[i] = key
	}
	if err := checkCounts(s.Counts, len(s.Values), n); err != nil {
		return fail(err)
	}
	if last := len(sk.keys) - 1; last >= 0 && (keyOf(s.Min)>>s.Shift != sk.keys[0] || keyOf(s.Max)>>s.Shift != sk.keys[last]) {
		return fail(fmt.Errorf("min: must be in the first bucket and max in the last, got %v and %v", s.Min, s.Max))
	}
	moments, err := stat.ExactMomentsOf(n, s.Min, s.Max, s.Sum, s.Squares)
	if err != nil {
		return fail(err)
	}
	if len(sk.keys) == 0 {
		sk.keys, sk.counts = nil, nil
	}
	return sk, moments, nil
}

// checkCounts checks that there are so many counts, positive, with that sum.
func checkCounts(counts []int, number, sum int) error {
	if len(counts) != number {
		return fmt.Errorf("counts: must be %d, got %d", number, len(counts))
	}
	left := sum
	for i, n := range counts {
		if n <= 0 || n > left {
			return fmt.Errorf("counts[%d]: must be from 1 to %d, got %d", i, left, n)
		}
		left -= n
	}
	if left > 0 {
		return fmt.Errorf("counts: must add up to %d, got %d", sum, sum-left)
	}
	return nil
}

func (s *savedLevels) levels(n, limit int) (levelCounts, error) {
	l := levelCounts{names: s.Names, counts: s.Counts, other: s.Other}
	if err := checkNames(s.Names, limit); err != nil {
		return l, fmt.Errorf("levels.names%w", err)
	}
	others := 0
	for i, count := range s.Other {
		if count < 0 || count > n-others {
			return l, fmt.Errorf("levels.other[%d]: must be from 0 to %d, got %d", i, n-others, count)
		}
		others += count
	}
	if len(s.Other) > 0 && (len(s.Other) != otherGroups || others == 0 || len(s.Names) != limit) {
		return l, fmt.Errorf("levels.other: must be %d with some in them, beside %d names, got %d beside %d",
			otherGroups, limit, len(s.Other), len(s.Names))
	}
	if err := checkCounts(s.Counts, len(s.Names), n-others); err != nil {
		return l, fmt.Errorf("levels.%w", err)
	}
	if len(l.names) == 0 {
		l.names, l.counts = nil, nil
	}
	return l, nil
}

// checkNames checks names of levels, in ascending order.
func checkNames(names []string, limit int) error {
	if len(names) > limit {
		return fmt.Errorf(": must be at most %d, got %d", limit, len(names))
	}
	for i, name := range names {
		if name == "" || levelName(name) != name || i > 0 && name <= names[i-1] {
			return fmt.Errorf("[%d]: must be a name after the one before, got %.100q", i, name)
		}
	}
	return nil
}
