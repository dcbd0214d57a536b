package insights

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/par"
)

// ProfileConfig sets what a profile holds. The zero value stands for the defaults.
type ProfileConfig struct {
	// Columns names the columns to profile; none means all. Text columns have
	// no more than their missing values counted.
	Columns []string
	// Segments names a categorical column whose levels are segments, each of
	// which gets a profile of its own; there are at most 12. Empty means none.
	Segments string
	// OmitRows keeps no sample of rows. Without one a check compares columns
	// only one by one.
	OmitRows bool
	// Workers is the number of goroutines; 0 means GOMAXPROCS. It does not
	// change the profile.
	Workers int
}

// ErrOtherColumns marks tables or profiles that cannot be one profile, because
// their columns differ.
var ErrOtherColumns = errors.New("the columns differ")

// BuildProfile profiles a source in one pass. Memory is that of a batch and of the
// profile. An error is that of the source, of ctx, or about a column that is named
// in cfg.
func BuildProfile(ctx context.Context, src datasource.Source, cfg ProfileConfig) (*Profile, error) {
	p := NewProfiler(cfg)
	for batch, err := range src.Batches(ctx) {
		if err == nil && batch == nil {
			err = errors.New("the source yielded neither a batch nor an error")
		}
		if err == nil {
			err = p.Add(ctx, batch)
		}
		if err != nil {
			return nil, fmt.Errorf("profile: %w", err)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return p.Profile()
}

// Profiler makes a [Profile] from tables and from profiles of other tables. The
// profile does not depend on how rows were cut into tables, on their order, or on
// the order of merging, to the last bit. A Profiler serves one goroutine at a
// time, and none after an error.
type Profiler struct {
	cfg ProfileConfig
	err error
	// open is whether the columns are known.
	open     bool
	rows     int
	columns  []*columnCounter // in order of name
	segments segmentCounters
	sample   *sampler // nil where none is kept
	scratch  sync.Pool
}

// NewProfiler returns an empty Profiler.
func NewProfiler(cfg ProfileConfig) *Profiler {
	cfg.Columns = slices.Clone(cfg.Columns)
	p := &Profiler{cfg: cfg, segments: segmentCounters{}}
	p.scratch.New = func() any { return new(scratch) }
	return p
}

// Add adds the rows of a table. Its columns must be those of the tables before.
// The cost is linear in cells.
func (p *Profiler) Add(ctx context.Context, t *datasource.Table) error {
	if p.err == nil {
		p.err = p.add(ctx, t)
	}
	return p.err
}

func (p *Profiler) add(ctx context.Context, t *datasource.Table) error {
	columns, err := p.chosen(t)
	if err != nil {
		return err
	}
	if err := p.match(columns); err != nil {
		return err
	}
	p.rows += t.Rows()
	var segments batchSegments
	if p.cfg.Segments != "" {
		column, err := t.CategoricalColumn(p.cfg.Segments)
		if err != nil {
			return fmt.Errorf("segments: %w", err)
		}
		segments = p.segments.of(column, p.columns)
	}
	err = par.Each(ctx, p.cfg.Workers, len(columns), func(i int) error {
		return p.addColumn(ctx, p.columns[i], columns[i], segments)
	})
	if err != nil || p.sample == nil {
		return err
	}
	return p.sample.add(ctx, p.cfg.Workers, inOrder(t.Columns()), withoutTexts(columns))
}

func (p *Profiler) addColumn(ctx context.Context, to *columnCounter, column datasource.Column, segments batchSegments) error {
	s := p.scratch.Get().(*scratch)
	defer p.scratch.Put(s)
	if err := to.addColumn(ctx, column, s); err != nil {
		return err
	}
	if column.Name() == p.cfg.Segments || p.cfg.Segments == "" {
		return nil
	}
	return segments.addColumn(ctx, column, s)
}

// chosen returns the columns to profile, in order of name.
func (p *Profiler) chosen(t *datasource.Table) ([]datasource.Column, error) {
	if len(p.cfg.Columns) == 0 {
		return inOrder(t.Columns()), nil
	}
	names := append([]string(nil), p.cfg.Columns...)
	if p.cfg.Segments != "" {
		names = append(names, p.cfg.Segments)
	}
	slices.Sort(names)
	var out []datasource.Column
	for _, name := range slices.Compact(names) {
		c, err := t.Column(name)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func inOrder(columns []datasource.Column) []datasource.Column {
	slices.SortFunc(columns, func(a, b datasource.Column) int { return cmp.Compare(a.Name(), b.Name()) })
	return columns
}

func withoutTexts(columns []datasource.Column) []datasource.Column {
	return slices.DeleteFunc(slices.Clone(columns), func(c datasource.Column) bool { return c.Kind() == datasource.Text })
}

// match takes over the columns of the first table, and compares those of others.
func (p *Profiler) match(columns []datasource.Column) error {
	named := make([]ColumnProfile, len(columns))
	for i, c := range columns {
		named[i] = ColumnProfile{name: c.Name(), kind: c.Kind()}
	}
	return p.matchProfiles(named)
}

func (p *Profiler) matchProfiles(columns []ColumnProfile) error {
	if !p.open {
		p.start(columns)
		return nil
	}
	same := slices.EqualFunc(p.columns, columns, func(a *columnCounter, b ColumnProfile) bool {
		return a.name == b.name && a.kind == b.kind
	})
	if !same {
		return fmt.Errorf("%w: %d so far, and now %d with other names or kinds among them", ErrOtherColumns, len(p.columns), len(columns))
	}
	return nil
}

func (p *Profiler) start(columns []ColumnProfile) {
	p.open = true
	sampled := 0
	for _, c := range columns {
		p.columns = append(p.columns, newColumnCounter(c.name, c.kind, columnGrain))
		if c.kind != datasource.Text {
			sampled++
		}
	}
	if sampled > 1 && !p.cfg.OmitRows {
		p.sample = newSampler()
	}
}

// Merge adds the rows of a profile, which must have the same columns and segments.
// If it has no sample of rows, the merged profile has none. More than [MaxRows]
// rows are an error.
func (p *Profiler) Merge(other *Profile) error {
	if p.err == nil {
		p.err = p.merge(other)
	}
	return p.err
}

func (p *Profiler) merge(other *Profile) error {
	if other.segmentColumn != p.cfg.Segments {
		return fmt.Errorf("merge: %w: segments by %q, and now by %q", ErrOtherColumns, p.cfg.Segments, other.segmentColumn)
	}
	if err := p.matchProfiles(other.columns); err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	if p.rows > MaxRows-other.rows {
		return fmt.Errorf("merge: %d rows and %d more are beyond %d", p.rows, other.rows, MaxRows)
	}
	p.rows += other.rows
	for i := range other.columns {
		p.columns[i].merge(&other.columns[i])
	}
	p.segments.merge(other, p.columns)
	if other.sample.table == nil {
		p.sample = nil
	} else if p.sample != nil {
		p.sample.merge(&other.sample)
	}
	return nil
}

// Profile returns the profile of what was added so far. The error is that of an
// earlier call.
func (p *Profiler) Profile() (*Profile, error) {
	if p.err != nil {
		return nil, p.err
	}
	out := &Profile{rows: p.rows, segmentColumn: p.cfg.Segments, segments: p.segments.profiles()}
	for _, c := range p.columns {
		out.columns = append(out.columns, c.profile())
	}
	if p.sample != nil {
		var err error
		if out.sample, err = p.sample.sample(out.columns); err != nil {
			return nil, fmt.Errorf("profile: %w", err)
		}
	}
	return out, nil
}
