package cohortlens_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/segment"
)

func sampleTable(t *testing.T) *datasource.Table {
	t.Helper()
	table, err := datasource.Load(t.Context(), cohortlens.SampleData())
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func with(t *testing.T, table *datasource.Table, c datasource.Column) *datasource.Table {
	t.Helper()
	out, err := table.With(c)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// changed returns the table with a numeric column made anew.
func changed(t *testing.T, table *datasource.Table, name string, to func(row int, v float64) float64) *datasource.Table {
	t.Helper()
	c, err := table.NumericColumn(name)
	if err != nil {
		t.Fatal(err)
	}
	values := slices.Clone(c.Floats())
	for row, v := range values {
		values[row] = to(row, v)
	}
	return with(t, table, datasource.Numbers(name, values))
}

func profileOf(t *testing.T, src datasource.Source, cfg cohortlens.Config) *insights.Profile {
	t.Helper()
	p, _, err := cohortlens.Profile(t.Context(), src, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func checkDrift(t *testing.T, src datasource.Source, cfg cohortlens.Config) *insights.Drift {
	t.Helper()
	cfg.Drift.Permutations = 39
	a, err := cohortlens.CheckDrift(t.Context(), src, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a.Drift
}

func columnOf(d *insights.Drift, name string) *insights.ColumnDrift {
	i := slices.IndexFunc(d.Columns, func(c insights.ColumnDrift) bool { return c.Column == name })
	if i < 0 {
		return nil
	}
	return &d.Columns[i]
}

func TestCheckDriftOfTheSameTable(t *testing.T) {
	cfg := cohortlens.Config{Seed: 1}
	cfg.Drift.Baseline = profileOf(t, cohortlens.SampleData(), cfg)
	d := checkDrift(t, cohortlens.SampleData(), cfg)
	if d.Detected || len(d.Alerts) > 0 {
		t.Errorf("detected %t, alerts %q", d.Detected, d.Alerts)
	}
	if got, want := len(d.Columns), 7; got != want {
		t.Errorf("%d columns compared, want %d", got, want)
	}
	if columnOf(d, datasource.CustomerID) != nil {
		t.Error("the ID is compared")
	}
	if d.Joint == nil || d.Joint.Omitted != "" {
		t.Errorf("joint: %+v", d.Joint)
	}
}

func TestRunComparesWithTheBaseline(t *testing.T) {
	table := sampleTable(t)
	cfg := cohortlens.Config{Seed: 1}
	cfg.Drift.Baseline = profileOf(t, table, cfg)
	later := changed(t, table, datasource.AnnualIncome, func(_ int, v float64) float64 { return 1.3 * v })
	want := checkDrift(t, later, cfg)
	if c := columnOf(want, datasource.AnnualIncome); c.Verdict != insights.Drifted || !want.Detected || want.Drifted() != 1 {
		t.Errorf("income is %s, %d columns drifted, detected %t", c.Verdict, want.Drifted(), want.Detected)
	}
	cfg.Drift.Permutations = 39
	a := run(t, later, cfg)
	if got := fmt.Sprint(a.Drift.Alerts); got != fmt.Sprint(want.Alerts) {
		t.Errorf("run says %s, want %s", got, want.Alerts)
	}
	if !reflect.DeepEqual(a.Drift.Joint, want.Joint) {
		t.Errorf("run: %+v, want %+v", a.Drift.Joint, want.Joint)
	}
	if a := run(t, later, cohortlens.Config{Seed: 1}); a.Drift != nil {
		t.Error("drift without a baseline")
	}
}

// An analysis drops rows with missing values; a comparison must see them.
func TestMissingValuesAreCompared(t *testing.T) {
	table := sampleTable(t)
	column, err := table.CategoricalColumn("Profession")
	if err != nil {
		t.Fatal(err)
	}
	cells := make([]string, table.Rows())
	for row := range cells {
		if row%5 > 0 {
			cells[row] = column.Cell(row)
		}
	}
	cfg := cohortlens.Config{Seed: 1}
	cfg.Drift.Baseline = profileOf(t, table, cfg)
	d := run(t, with(t, table, datasource.Categories("Profession", cells)), cfg).Drift
	if c := columnOf(d, "Profession"); c.Verdict != insights.Drifted || c.Missing.Current < 0.15 {
		t.Errorf("profession is %s, missing %+v", c.Verdict, c.Missing)
	}
}

func TestDriftBySegments(t *testing.T) {
	table := sampleTable(t)
	gender, err := table.CategoricalColumn("Gender")
	if err != nil {
		t.Fatal(err)
	}
	later := changed(t, table, datasource.Age, func(row int, v float64) float64 {
		if gender.Cell(row) == "Female" {
			return min(100, v+15)
		}
		return v
	})
	fitted, err := cohortlens.Segment(t.Context(), table, cohortlens.Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	byGender, byModel := cohortlens.Config{Seed: 1}, cohortlens.Config{Seed: 1}
	byGender.Drift.Segments = "Gender"
	byModel.Drift.Model = fitted.Segmentation.Model
	t.Run("by a column", func(t *testing.T) {
		cfg := byGender
		cfg.Drift.Baseline = profileOf(t, table, byGender)
		cfg.Drift.Segments = "" // known from the baseline
		d := checkDrift(t, later, cfg)
		if len(d.Segments) != 3 || d.Segments[0].Segment != "Female" || d.Segments[0].Verdict != insights.Drifted || d.Segments[1].Verdict == insights.Drifted {
			t.Errorf("got %+v", d.Segments)
		}
	})
	t.Run("by a model", func(t *testing.T) {
		cfg := byModel
		cfg.Drift.Baseline = profileOf(t, table, byModel)
		if got, want := len(checkDrift(t, later, cfg).Segments), len(fitted.Segmentation.Segments); got != want {
			t.Errorf("%d segments, want %d", got, want)
		}
	})
}

func TestColumnsThatLostAllValues(t *testing.T) {
	csv := func(row string) datasource.Source {
		return text("towns.csv", "visits,town\n"+strings.Repeat(row, 30))
	}
	var cfg cohortlens.Config
	cfg.Drift.Baseline = profileOf(t, csv("3,Ulm\n4,Bonn\n"), cfg)
	d := checkDrift(t, csv(",\n,\n"), cfg)
	if len(d.Schema.Changed) > 0 || d.Drifted() != 2 {
		t.Errorf("%d columns drifted, of another kind: %v", d.Drifted(), d.Schema.Changed)
	}
	for _, c := range d.Columns {
		if c.Missing.Current != 1 || c.Missing.Baseline != 0 {
			t.Errorf("%s: missing %+v", c.Column, c.Missing)
		}
	}
}

// A column that the customer table should have may be gone.
func TestColumnsThatAreGoneAreFound(t *testing.T) {
	table := sampleTable(t)
	var cfg cohortlens.Config
	cfg.Drift.Baseline = profileOf(t, table, cfg)
	less, err := table.Select(slices.DeleteFunc(table.Names(), func(name string) bool { return name == datasource.Age })...)
	if err != nil {
		t.Fatal(err)
	}
	d := checkDrift(t, less, cfg)
	if !slices.Equal(d.Schema.Gone, []string{datasource.Age}) || !d.Detected || d.Drifted() > 0 {
		t.Errorf("schema %+v, detected %t, %d columns drifted", d.Schema, d.Detected, d.Drifted())
	}
}

func TestColumnsThatIdentifyRowsAreNotCompared(t *testing.T) {
	csv := func(first int) datasource.Source {
		var b strings.Builder
		b.WriteString("no,visits,constant,note\n")
		for i := range 300 {
			fmt.Fprintf(&b, "%d,%d,7,text %d of %d\n", first+i, i%17, i, first)
		}
		return text("visits.csv", b.String())
	}
	var cfg cohortlens.Config
	cfg.Drift.Baseline = profileOf(t, csv(1), cfg)
	d := checkDrift(t, csv(100_000), cfg)
	if d.Detected || len(d.Columns) != 2 {
		t.Errorf("detected %t, %d columns compared, alerts %q", d.Detected, len(d.Columns), d.Alerts)
	}
	cfg.Columns.Numerical = []string{"visits"}
	cfg.Drift.Baseline = profileOf(t, csv(1), cfg)
	if d := checkDrift(t, csv(1), cfg); len(d.Columns) != 1 {
		t.Errorf("%d columns compared, one was named", len(d.Columns))
	}
}

func TestSegmentsOfTheBaselineAreNeeded(t *testing.T) {
	table := sampleTable(t)
	model := func(k int) *segment.Model {
		a, err := cohortlens.Segment(t.Context(), table, cohortlens.Config{Segment: segment.Config{K: k}})
		if err != nil {
			t.Fatal(err)
		}
		return a.Segmentation.Model
	}
	three, four := model(3), model(4)
	by := func(m *segment.Model, column string) (cfg cohortlens.Config) {
		cfg.Drift.Model, cfg.Drift.Segments = m, column
		return cfg
	}
	for name, tt := range map[string]struct{ saved, checked cohortlens.Config }{
		"no model":      {by(three, ""), by(nil, "")},
		"another model": {by(four, ""), by(three, "")},
		"no segments":   {by(nil, ""), by(three, "")},
		"other column":  {by(nil, "Gender"), by(nil, "Profession")},
		"both":          {by(nil, ""), by(three, "Gender")},
	} {
		cfg := tt.checked
		cfg.Drift.Baseline = profileOf(t, table, tt.saved)
		if _, err := cohortlens.CheckDrift(t.Context(), table, cfg); !errors.Is(err, cohortlens.ErrSegments) {
			t.Errorf("%s: got %v, want ErrSegments", name, err)
		}
	}
}

func TestCheckDriftErrors(t *testing.T) {
	if _, err := cohortlens.CheckDrift(t.Context(), cohortlens.SampleData(), cohortlens.Config{}); !errors.Is(err, cohortlens.ErrNoBaseline) {
		t.Errorf("got %v, want ErrNoBaseline", err)
	}
	var cfg cohortlens.Config
	cfg.Drift.Segments = "Gendr"
	var column *datasource.ColumnError
	if _, _, err := cohortlens.Profile(t.Context(), cohortlens.SampleData(), cfg); !errors.As(err, &column) {
		t.Errorf("got %v, want a ColumnError", err)
	}
}

// Training drops rows that lack values. That a table has some is no change since.
func TestTableTrainedOnHasNotDrifted(t *testing.T) {
	table := changed(t, sampleTable(t), datasource.AnnualIncome, func(row int, v float64) float64 {
		if row%8 == 0 {
			return math.NaN()
		}
		return v
	})
	a, err := cohortlens.TrainPredictor(t.Context(), table, cohortlens.Config{})
	if err != nil {
		t.Fatal(err)
	}
	cfg := cohortlens.Config{}
	cfg.Drift.Baseline, cfg.Drift.BaselineColumns = a.Profile, true
	d := checkDrift(t, table, cfg)
	if d.Detected || d.BaselineRows != d.CurrentRows || len(d.Columns) != 6 {
		t.Errorf("%d columns, %d and %d rows, alerts %q", len(d.Columns), d.BaselineRows, d.CurrentRows, d.Alerts)
	}
	for _, c := range d.Columns {
		if c.Effect != 0 || c.Missing.Baseline != c.Missing.Current {
			t.Errorf("%s: %+v", c.Column, c)
		}
	}
}

// A table with more rows may have so many categories that they are taken for text.
func TestCategoriesThatBecameTextAreCompared(t *testing.T) {
	table := sampleTable(t)
	towns := make([]string, table.Rows())
	for row := range towns {
		towns[row] = fmt.Sprint("town ", row%7)
	}
	cfg := cohortlens.Config{}
	cfg.Drift.Baseline = profileOf(t, with(t, table, datasource.Categories("Town", towns)), cohortlens.Config{})
	if d := checkDrift(t, with(t, table, datasource.Texts("Town", towns)), cfg); d.Detected || len(d.Columns) != 8 {
		t.Errorf("%d columns, alerts %q", len(d.Columns), d.Alerts)
	}
}
