package insights

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// CheckDrift compares a profile with that of an earlier table, and changes neither.
//
// A column has drifted when the change is significant and material. Significant
// means that the adjusted p-value of its distribution, or of its share of missing
// values, is less than cfg.Alpha. Material means that the same change reaches one
// of the thresholds of effect in cfg. A significant change below all of them is
// detectable but immaterial, and all else is stable: so a small table does not
// alarm by chance, nor a large one at nothing. With fewer than two values, or rows
// where it is about missing ones, nothing is significant. A column without any
// value has no kind of its own, and is compared in that of the other table.
//
// A parameter out of range is an error. The cost depends on the profiles alone,
// and not on the rows that they stand for.
func CheckDrift(baseline, current *Profile, cfg DriftConfig) (*Drift, error) {
	return checkDrift(context.Background(), 0, baseline, current, cfg)
}

func checkDrift(ctx context.Context, workers int, baseline, current *Profile, cfg DriftConfig) (*Drift, error) {
	if err := cfg.complete(); err != nil {
		return nil, fmt.Errorf("check drift: %w", err)
	}
	if baseline == nil || current == nil {
		return nil, errors.New("check drift: a profile is nil")
	}
	columns, err := compareAll(ctx, workers, baseline.columns, current.columns, &cfg)
	if err != nil {
		return nil, fmt.Errorf("check drift: %w", err)
	}
	d := &Drift{BaselineRows: baseline.rows, CurrentRows: current.rows, Columns: columns, Config: cfg}
	d.Schema = compareSchemas(baseline.columns, current.columns)
	decideAll(d.Columns, &cfg)
	sortWorstFirst(d.Columns)
	d.Detected = d.Drifted() > 0 || len(d.Schema.Gone)+len(d.Schema.Changed) > 0
	d.Alerts = alerts(d)
	return d, nil
}

// complete fills in defaults and checks what was given.
func (c *DriftConfig) complete() error {
	if c.Adjust == "" {
		c.Adjust = BenjaminiHochberg
	}
	if !slices.Contains([]Adjustment{BenjaminiHochberg, Holm, Unadjusted}, c.Adjust) {
		return fmt.Errorf("adjust: must be one of %q, got %q", []Adjustment{BenjaminiHochberg, Holm, Unadjusted}, c.Adjust)
	}
	limits := []struct {
		name        string
		value       *float64
		usual, most float64
	}{
		{"alpha", &c.Alpha, 0.05, 1},
		{"moderate PSI", &c.ModeratePSI, 0.1, math.Inf(1)},
		{"major PSI", &c.MajorPSI, 0.2, math.Inf(1)},
		{"KS", &c.KS, 0.1, 1},
		{"mean shift", &c.MeanShift, 0.2, math.Inf(1)},
		{"Cramér's V", &c.CramersV, 0.1, 1},
		{"missing share", &c.MissingShare, 0.05, 1},
	}
	for _, l := range limits {
		if *l.value == 0 {
			*l.value = l.usual
		}
		if !(*l.value > 0 && *l.value < l.most) {
			return fmt.Errorf("%s: must be more than 0 and less than %v, got %v", l.name, l.most, *l.value)
		}
	}
	if c.ModeratePSI > c.MajorPSI {
		return fmt.Errorf("moderate PSI: must be at most the major one, %v, got %v", c.MajorPSI, c.ModeratePSI)
	}
	return nil
}

// compareAll compares the columns that both have in one kind. Both are in order
// of name.
func compareAll(ctx context.Context, workers int, baseline, current []ColumnProfile, cfg *DriftConfig) ([]ColumnDrift, error) {
	type both struct{ a, b *ColumnProfile }
	var pairs []both
	for i := range baseline {
		a := &baseline[i]
		b := find(current, a.name)
		if b == nil {
			continue
		}
		if a, b := inOneKind(a, b); a.kind == b.kind && a.kind != datasource.Text {
			pairs = append(pairs, both{a, b})
		}
	}
	if len(pairs) == 0 {
		return nil, ctx.Err()
	}
	out := make([]ColumnDrift, len(pairs))
	err := par.Each(ctx, workers, len(pairs), func(i int) error {
		out[i] = compareColumns(pairs[i].a, pairs[i].b, cfg)
		return nil
	})
	return out, err
}

// inOneKind gives a column without any value the kind of the other one.
func inOneKind(a, b *ColumnProfile) (*ColumnProfile, *ColumnProfile) {
	a = a.inKind(b.kind)
	return a, b.inKind(a.kind)
}

func (c *ColumnProfile) inKind(kind datasource.Kind) *ColumnProfile {
	if c.missing < c.rows || c.kind == kind || kind == datasource.Text {
		return c
	}
	return &ColumnProfile{name: c.name, kind: kind, rows: c.rows, missing: c.missing}
}

func find(columns []ColumnProfile, name string) *ColumnProfile {
	i, ok := slices.BinarySearchFunc(columns, name, func(c ColumnProfile, name string) int { return cmp.Compare(c.name, name) })
	if !ok {
		return nil
	}
	return &columns[i]
}

func compareSchemas(baseline, current []ColumnProfile) SchemaDrift {
	var s SchemaDrift
	for i := range baseline {
		b := find(current, baseline[i].name)
		if b == nil {
			s.Gone = append(s.Gone, baseline[i].name)
			continue
		}
		if a, b := inOneKind(&baseline[i], b); a.kind != b.kind {
			s.Changed = append(s.Changed, KindChange{b.name, a.kind, b.kind})
		}
	}
	for i := range current {
		if find(baseline, current[i].name) == nil {
			s.Added = append(s.Added, current[i].name)
		}
	}
	return s
}

// decideAll adjusts the p-values of all columns together and gives each its
// verdict.
func decideAll(columns []ColumnDrift, cfg *DriftConfig) {
	var tests family
	tests.addColumns(columns)
	tests.adjust(cfg.Adjust)
	for i := range columns {
		columns[i].decide(cfg)
	}
}

// family is a set of tests whose p-values are adjusted together.
type family struct {
	p        []float64
	adjusted []*float64
}

func (f *family) add(p float64, adjusted *float64) {
	f.p, f.adjusted = append(f.p, p), append(f.adjusted, adjusted)
}

// addColumns adds the tests of columns; one of missing values only where there
// are any.
func (f *family) addColumns(columns []ColumnDrift) {
	for i := range columns {
		c := &columns[i]
		f.add(c.PValue, &c.AdjustedP)
		c.Missing.AdjustedP = 1
		if c.Missing.Baseline+c.Missing.Current > 0 {
			f.add(c.Missing.PValue, &c.Missing.AdjustedP)
		}
	}
}

func (f *family) adjust(by Adjustment) {
	for i, p := range by.apply(f.p) {
		*f.adjusted[i] = p
	}
}

func (a Adjustment) apply(p []float64) []float64 {
	switch a {
	case Holm:
		return stat.Holm(p)
	case Unadjusted:
		return p
	}
	return stat.BenjaminiHochberg(p)
}

func (c *ColumnDrift) decide(cfg *DriftConfig) {
	missing := math.Abs(c.Missing.Current-c.Missing.Baseline) / cfg.MissingShare
	changed, gaps := c.AdjustedP < cfg.Alpha, c.Missing.AdjustedP < cfg.Alpha
	switch {
	case changed && c.Effect >= 1 || gaps && missing >= 1:
		c.Verdict = Drifted
	case changed || gaps:
		c.Verdict = Immaterial
	default:
		c.Verdict = Stable
	}
	c.Effect = max(c.Effect, missing)
}

// severity orders verdicts from the worst to the best.
func (v Verdict) severity() int { return slices.Index([]Verdict{Drifted, Immaterial, Stable}, v) }

func sortWorstFirst(columns []ColumnDrift) {
	slices.SortFunc(columns, func(a, b ColumnDrift) int {
		return cmp.Or(cmp.Compare(a.Verdict.severity(), b.Verdict.severity()), -cmp.Compare(a.Effect, b.Effect), cmp.Compare(a.Column, b.Column))
	})
}
