package insights_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
)

func TestNothingDriftsFromItself(t *testing.T) {
	for _, rows := range []int{1, 10, 1000, 20_000} {
		p := profile(t, varied(t, max(rows, 10), 1), withSegments)
		d := check(t, p, p, insights.DriftConfig{})
		if d.Detected || len(d.Alerts) > 0 || d.Drifted() > 0 || len(d.Columns) != 6 {
			t.Errorf("%d rows: %d columns, alerts %q", rows, len(d.Columns), d.Alerts)
		}
		for _, c := range d.Columns {
			if c.Verdict != insights.Stable || c.PSI != 0 || c.Effect != 0 || c.PValue != 1 || c.AdjustedP != 1 || c.Shift != insights.SmallShift {
				t.Errorf("%d rows, %s: %+v", rows, c.Column, c)
			}
			if m := c.Missing; m.Baseline != m.Current || m.PValue != 1 || m.AdjustedP != 1 {
				t.Errorf("%d rows, %s: missing values %+v", rows, c.Column, m)
			}
			if n := c.Numbers; n != nil && (n.KS != 0 || n.Wasserstein != 0 || n.MeanShift != 0 || n.PAsymptotic != 1 || n.PExact < 1) {
				t.Errorf("%d rows, %s: %+v", rows, c.Column, n)
			}
			if l := c.Levels; l != nil && (l.ChiSquared != 0 || l.P != 1 || l.CramersV != 0 || l.New != nil || l.Vanished != nil) {
				t.Errorf("%d rows, %s: %+v", rows, c.Column, l)
			}
		}
	}
}

// normal returns a column of n values, moved by a shift.
func normal(name string, n int, shift float64, random *rand.Rand) datasource.Column {
	values := make([]float64, n)
	for i := range values {
		values[i] = random.NormFloat64() + shift
	}
	return datasource.Numbers(name, values)
}

func TestATinyShiftOfManyRowsIsImmaterial(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 3))
	const n = 1_000_000
	got := compare(t, normal("x", n, 0, random), normal("x", n, 0.01, random))
	if got.Verdict != insights.Immaterial || got.AdjustedP > 1e-3 {
		t.Errorf("verdict %q, p = %v", got.Verdict, got.AdjustedP)
	}
}

func TestAClearShiftIsFound(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 3))
	const runs = 100
	missed := 0
	for range runs {
		if got := compare(t, normal("x", 2000, 0, random), normal("x", 2000, 0.3, random)); got.Verdict != insights.Drifted {
			missed++
		}
	}
	if missed > 1 {
		t.Errorf("missed in %d of %d runs", missed, runs)
	}
}

// unchanged makes a table of columns of all kinds, some with gaps.
func unchanged(t testing.TB, rows, columns int, random *rand.Rand) *datasource.Table {
	t.Helper()
	var out []datasource.Column
	for i := range columns {
		name := fmt.Sprint("column ", i)
		values, levels := make([]float64, rows), make([]string, rows)
		for row := range rows {
			switch i % 4 {
			case 0:
				values[row] = random.NormFloat64()
			case 1:
				values[row] = math.Round(60 * random.Float64())
			case 2:
				if values[row] = random.ExpFloat64(); random.IntN(20) == 0 {
					values[row] = math.NaN()
				}
			case 3:
				levels[row] = fmt.Sprint(int(random.ExpFloat64() * 3))
			}
		}
		if i%4 == 3 {
			out = append(out, datasource.Categories(name, levels))
		} else {
			out = append(out, datasource.Numbers(name, values))
		}
	}
	return newTable(t, out...)
}

func TestUnchangedColumnsSeldomAlarm(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	cfg := insights.ProfileConfig{OmitRows: true}
	const runs = 60
	for _, adjust := range []insights.Adjustment{insights.BenjaminiHochberg, insights.Holm} {
		alarms := 0
		for range runs {
			a, b := profile(t, unchanged(t, 150, 40, random), cfg), profile(t, unchanged(t, 120, 40, random), cfg)
			if check(t, a, b, insights.DriftConfig{Adjust: adjust}).Detected {
				alarms++
			}
		}
		if alarms > 8 { // 5% of 60 are 3; more than 8 have a chance below 0.2%
			t.Errorf("%s: alarms in %d of %d runs", adjust, alarms, runs)
		}
	}
}

func TestWithoutAdjustmentManyColumnsAlarm(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 3))
	a, b := profile(t, unchanged(t, 100, 200, random), insights.ProfileConfig{}), profile(t, unchanged(t, 100, 200, random), insights.ProfileConfig{})
	if d := check(t, a, b, insights.DriftConfig{Adjust: insights.Unadjusted}); d.Drifted() == 0 {
		t.Error("200 columns at 5% without an alarm")
	}
}

func repeat(value string, n int) []string { return slices.Repeat([]string{value}, n) }

func TestVerdictsOnLevels(t *testing.T) {
	base := slices.Concat(repeat("a", 500), repeat("b", 300), repeat("c", 200))
	tests := []struct {
		name          string
		now           []string
		verdict       insights.Verdict
		new, vanished []string
	}{
		{"the same shares of fewer rows", slices.Concat(repeat("a", 50), repeat("b", 30), repeat("c", 20)), insights.Stable, nil, nil},
		{"other shares", slices.Concat(repeat("a", 300), repeat("b", 500), repeat("c", 200)), insights.Drifted, nil, nil},
		{"a level is new", slices.Concat(repeat("a", 400), repeat("b", 300), repeat("c", 200), repeat("d", 100)), insights.Drifted, []string{"d"}, nil},
		{"a level has vanished", slices.Concat(repeat("a", 500), repeat("b", 300)), insights.Drifted, nil, []string{"c"}},
		{"a new level once", slices.Concat(base, repeat("d", 1)), insights.Stable, []string{"d"}, nil},
		{"all else", repeat("z", 100), insights.Drifted, []string{"z"}, []string{"a", "b", "c"}},
	}
	for _, tt := range tests {
		got := compare(t, datasource.Categories("c", base), datasource.Categories("c", tt.now))
		if got.Verdict != tt.verdict || !slices.Equal(got.Levels.New, tt.new) || !slices.Equal(got.Levels.Vanished, tt.vanished) {
			t.Errorf("%s: %q, new %q, vanished %q", tt.name, got.Verdict, got.Levels.New, got.Levels.Vanished)
		}
		now := 0.0
		for _, s := range got.Levels.Shares {
			now += s.Current
		}
		if math.Abs(now-1) > 1e-12 {
			t.Errorf("%s: shares add up to %v", tt.name, now)
		}
	}
}

// One customer of a level that was not there before is no news in forty, although
// chi-squared, which is no good for counts so small, is sure of it.
func TestRareLevelsAreTestedTogether(t *testing.T) {
	base := slices.Concat(repeat("a", 500), repeat("b", 500))
	got := compare(t, datasource.Categories("c", base), datasource.Categories("c", slices.Concat(repeat("a", 20), repeat("b", 20), repeat("z", 1))))
	if got.Levels.P > 1e-4 || got.PValue < 0.5 || got.Verdict != insights.Stable {
		t.Errorf("p = %v, that of chi-squared alone %v, verdict %q", got.PValue, got.Levels.P, got.Verdict)
	}
}

// Levels beyond those that a profile keeps by name are compared in groups: none is
// called new or vanished because only one of the profiles could keep it.
func TestManyLevelsAreComparedInGroups(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 3))
	products := func(n, products, from int) datasource.Column {
		levels := make([]string, n)
		for i := range levels {
			levels[i] = fmt.Sprint("product ", from+random.IntN(products))
		}
		return datasource.Categories("c", levels)
	}
	for _, tt := range []struct {
		name    string
		now     datasource.Column
		verdict insights.Verdict
	}{
		{"the same", products(20_000, 2000, 0), insights.Stable},
		{"other products", products(20_000, 2000, 2000), insights.Drifted},
		{"a hundred of them", products(20_000, 100, 0), insights.Drifted},
	} {
		got := compare(t, products(30_000, 2000, 0), tt.now)
		if got.Verdict != tt.verdict {
			t.Errorf("%s: %q, p = %v, V = %v", tt.name, got.Verdict, got.AdjustedP, got.Levels.CramersV)
		}
		if tt.name == "the same" && len(got.Levels.New)+len(got.Levels.Vanished) > 3 {
			t.Errorf("new %q, vanished %q", got.Levels.New, got.Levels.Vanished)
		}
		if tt.name == "a hundred of them" && len(got.Levels.New) > 0 {
			t.Errorf("new %q, although the baseline has all of them", got.Levels.New)
		}
	}
}

func TestMissingValuesDrift(t *testing.T) {
	gaps := func(share float64) datasource.Column {
		values := make([]float64, 1000)
		for i := range values {
			if values[i] = float64(i % 7); float64(i) < share*1000 {
				values[i] = math.NaN()
			}
		}
		return datasource.Numbers("x", values)
	}
	for _, tt := range []struct {
		now     float64
		verdict insights.Verdict
	}{{0.10, insights.Stable}, {0.14, insights.Immaterial}, {0.20, insights.Drifted}, {0, insights.Drifted}, {1, insights.Drifted}} {
		if got := compare(t, gaps(0.1), gaps(tt.now)); got.Verdict != tt.verdict || got.Missing.Current != tt.now {
			t.Errorf("from 10%% to %v: %q, %+v", tt.now, got.Verdict, got.Missing)
		}
	}
}

func TestSchemaDriftIsAFindingOfItsOwn(t *testing.T) {
	x, y := []float64{1, 2, 3}, []string{"a", "b", "c"}
	before := newTable(t, datasource.Numbers("x", x), datasource.Numbers("gone", x), datasource.Numbers("kind", x), datasource.Texts("id", y))
	now := newTable(t, datasource.Numbers("x", x), datasource.Categories("added", y), datasource.Categories("kind", y), datasource.Texts("id", y))
	d := check(t, profile(t, before, insights.ProfileConfig{}), profile(t, now, insights.ProfileConfig{}), insights.DriftConfig{})
	want := []string{"The column gone is gone.", "The column kind was numeric and is now categorical.", "The column added is new."}
	if !d.Detected || len(d.Columns) != 1 || !slices.Equal(d.Alerts, want) {
		t.Errorf("%d columns, alerts %q, detected %v", len(d.Columns), d.Alerts, d.Detected)
	}
	added := newTable(t, datasource.Numbers("x", x), datasource.Numbers("added", x))
	d = check(t, profile(t, newTable(t, datasource.Numbers("x", x)), insights.ProfileConfig{}), profile(t, added, insights.ProfileConfig{}), insights.DriftConfig{})
	if d.Detected || len(d.Alerts) != 1 {
		t.Errorf("a column more: detected %v, alerts %q", d.Detected, d.Alerts)
	}
}

func TestLittleDataHasAnAnswer(t *testing.T) {
	table := varied(t, 400, 9)
	full := profile(t, table, withSegments)
	nothing := newTable(t, datasource.Numbers("x", []float64{math.NaN(), math.NaN()}), datasource.Categories("c", []string{"", ""}))
	tests := []struct {
		name              string
		baseline, current *insights.Profile
		alert             string
	}{
		{"an empty table now", full, profile(t, table.Take(nil), withSegments), "The current table has no row"},
		{"an empty table then", profile(t, table.Take(nil), withSegments), full, "The baseline has no row"},
		{"no row at all", profile(t, table.Take(nil), withSegments), profile(t, table.Take(nil), withSegments), "Neither table has a row"},
		{"one row", full, profile(t, table.Take([]int{0}), withSegments), ""},
		{"one row each", profile(t, table.Take([]int{1}), withSegments), profile(t, table.Take([]int{0}), withSegments), ""},
		{"no value", profile(t, nothing, insights.ProfileConfig{}), profile(t, nothing, insights.ProfileConfig{}), ""},
	}
	for _, tt := range tests {
		d := check(t, tt.baseline, tt.current, insights.DriftConfig{})
		if d.Detected || len(d.Alerts) > 1 || !strings.HasPrefix(strings.Join(d.Alerts, ""), tt.alert) || tt.alert == "" && len(d.Alerts) > 0 {
			t.Errorf("%s: detected %v, alerts %q", tt.name, d.Detected, d.Alerts)
		}
		for _, c := range d.Columns {
			if c.Verdict != insights.Stable || math.IsNaN(c.PSI) || math.IsNaN(c.PValue) || math.IsNaN(c.Effect) || math.IsInf(c.Effect, 0) {
				t.Errorf("%s, %s: %+v", tt.name, c.Column, c)
			}
		}
	}
}

// Where more than nine in ten have the least value, all deciles are that value.
func TestPSIOfARareEvent(t *testing.T) {
	events := func(share int) datasource.Column {
		values := make([]float64, 1000)
		for i := range share * 10 {
			values[i] = 1
		}
		return datasource.Numbers("x", values)
	}
	for now, want := range map[int]float64{5: 0, 50: 0.45 * math.Log(19), 100: (1-0.05)*math.Log(20) + (0.95-1e-4)*math.Log(9500)} {
		if got := compare(t, events(5), events(now)).PSI; math.Abs(got-want) > 1e-9 {
			t.Errorf("from 5%% to %d%%: %v, want %v", now, got, want)
		}
	}
	if got := compare(t, events(0), events(100)); got.Shift != insights.MajorShift || len(got.Numbers.Bins) != 3 {
		t.Errorf("from one constant to another: %v, %+v", got.PSI, got.Numbers.Bins)
	}
}

// One value far from all others is rare, and says nothing of a table.
func TestASingleValueIsNotSignificant(t *testing.T) {
	numbers, levels := make([]float64, 400), make([]string, 400)
	for i := range numbers {
		numbers[i], levels[i] = float64(i%100), fmt.Sprint(i%3)
	}
	gap := slices.Repeat([]float64{math.NaN()}, 400)
	for _, tt := range []struct {
		name      string
		many, few datasource.Column
		verdict   insights.Verdict
	}{
		{"a number", datasource.Numbers("x", numbers), datasource.Numbers("x", []float64{1000}), insights.Stable},
		{"a number among gaps", datasource.Numbers("x", gap), datasource.Numbers("x", append(gap[1:], 1)), insights.Stable},
		{"a level", datasource.Categories("x", levels), datasource.Categories("x", []string{"new"}), insights.Stable},
		{"a gap", datasource.Numbers("x", numbers), datasource.Numbers("x", gap[:1]), insights.Stable},
		{"two numbers", datasource.Numbers("x", numbers), datasource.Numbers("x", []float64{1000, 1001}), insights.Drifted},
		{"two gaps", datasource.Numbers("x", numbers), datasource.Numbers("x", gap[:2]), insights.Drifted},
	} {
		for _, got := range []insights.ColumnDrift{compare(t, tt.many, tt.few), compare(t, tt.few, tt.many)} {
			if got.Verdict != tt.verdict {
				t.Errorf("%s: %q, p = %v and %v", tt.name, got.Verdict, got.AdjustedP, got.Missing.AdjustedP)
			}
		}
	}
}

func TestAColumnWithoutValuesHasNoKind(t *testing.T) {
	empty := datasource.Texts("x", make([]string, 30))
	values, levels := make([]float64, 30), make([]string, 30)
	for i := range values {
		values[i], levels[i] = float64(i), fmt.Sprint(i%2)
	}
	for _, full := range []datasource.Column{datasource.Numbers("x", values), datasource.Categories("x", levels)} {
		for _, got := range []insights.ColumnDrift{compare(t, empty, full), compare(t, full, empty)} {
			if got.Kind != full.Kind() || got.Verdict != insights.Drifted || math.Abs(got.Missing.Current-got.Missing.Baseline) != 1 {
				t.Errorf("%s: %+v", full.Kind(), got)
			}
		}
	}
	if got := compare(t, datasource.Numbers("x", []float64{math.NaN()}), datasource.Categories("x", []string{""})); got.Verdict != insights.Stable {
		t.Errorf("no values in either: %+v", got)
	}
}

func TestHugeNumbersAreCompared(t *testing.T) {
	a := datasource.Numbers("x", []float64{-math.MaxFloat64, math.MaxFloat64, 0, 5e-324})
	b := datasource.Numbers("x", []float64{math.MaxFloat64, math.MaxFloat64, math.MaxFloat64})
	got := compare(t, a, b)
	for _, v := range []float64{got.PSI, got.Effect, got.Numbers.KS, got.Numbers.Wasserstein, got.Numbers.MeanShift} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("%+v, %+v", got, got.Numbers)
		}
	}
	for _, bin := range got.Numbers.Histogram {
		if math.IsNaN(bin.Low+bin.High) || math.IsInf(bin.Low, 0) || math.IsInf(bin.High, 0) || bin.Low > bin.High {
			t.Errorf("a bin of %+v", bin)
		}
	}
}

func TestBinsHoldAllValues(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 3))
	for _, n := range []int{1, 5, 3000} {
		got := compare(t, normal("x", n, 0, random), normal("x", n+3, 1, random))
		for name, bins := range map[string][]insights.Bin{"PSI": got.Numbers.Bins, "histogram": got.Numbers.Histogram} {
			var then, now float64
			for i, b := range bins {
				then, now = then+b.Baseline, now+b.Current
				if i > 0 && b.Low != bins[i-1].High {
					t.Errorf("%s of %d: a gap before %v", name, n, b.Low)
				}
			}
			if math.Abs(then-1) > 1e-12 || math.Abs(now-1) > 1e-12 {
				t.Errorf("%s of %d: shares of %v and %v", name, n, then, now)
			}
		}
	}
}

func TestCheckChangesNoProfile(t *testing.T) {
	a, b := profile(t, varied(t, 3000, 1), withSegments), profile(t, varied(t, 2000, 2), withSegments)
	before := [2][]byte{saved(t, a), saved(t, b)}
	first := inWords(check(t, a, b, insights.DriftConfig{}))
	if inWords(check(t, a, b, insights.DriftConfig{})) != first || !bytes.Equal(saved(t, a), before[0]) || !bytes.Equal(saved(t, b), before[1]) {
		t.Error("a profile was changed, or the answer")
	}
}

func TestCheckRefusesParametersOutOfRange(t *testing.T) {
	p := profile(t, varied(t, 20, 1), insights.ProfileConfig{})
	for want, cfg := range map[string]insights.DriftConfig{
		"alpha: must be more than 0 and less than 1, got -0.1": {Alpha: -0.1},
		"alpha: must be more than 0 and less than 1, got 1":    {Alpha: 1},
		"alpha: must be more than 0 and less than 1, got NaN":  {Alpha: math.NaN()},
		"adjust: must be one of":                               {Adjust: "bonferroni"},
		"moderate PSI: must be at most the major one, 0.2":     {ModeratePSI: 0.3},
		"major PSI: must be":                                   {MajorPSI: math.Inf(1)},
		"KS: must be":                                          {KS: 2},
		"mean shift: must be":                                  {MeanShift: -1},
		"Cramér's V: must be":                                  {CramersV: 1},
		"missing share: must be":                               {MissingShare: -1},
	} {
		if _, err := insights.CheckDrift(p, p, cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want one that says %q", cfg, err, want)
		}
	}
	if _, err := insights.CheckDrift(p, nil, insights.DriftConfig{}); err == nil {
		t.Error("no error without a profile")
	}
}

func TestWorstColumnsStandFirst(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 3))
	a := newTable(t, normal("a", 3000, 0, random), normal("b", 3000, 0, random), normal("c", 3000, 0, random), normal("d", 3000, 0, random))
	b := newTable(t, normal("a", 3000, 0, random), normal("b", 3000, 0.5, random), normal("c", 3000, 0.13, random), normal("d", 3000, 2, random))
	d := check(t, profile(t, a, insights.ProfileConfig{}), profile(t, b, insights.ProfileConfig{}), insights.DriftConfig{})
	var order []string
	for _, c := range d.Columns {
		order = append(order, fmt.Sprint(c.Column, " ", c.Verdict))
	}
	if want := []string{"d drifted", "b drifted", "c detectable but immaterial", "a stable"}; !slices.Equal(order, want) {
		t.Errorf("order %q, want %q", order, want)
	}
	if len(d.Alerts) != 2 || !strings.HasPrefix(d.Alerts[0], "d has drifted: its mean went from") {
		t.Errorf("alerts %q", d.Alerts)
	}
}
