package insights

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/rng"
)

// eightSegments returns a table of columns a, b and c, and of segments s0 to s7.
// The shift, in standard deviations, is that of column a in segment s3.
func eightSegments(random *rand.Rand, rows int, shift float64) *datasource.Table {
	segments := make([]string, rows)
	var columns [3][]float64
	for i := range segments {
		s := random.IntN(8)
		segments[i] = fmt.Sprint("s", s)
		for c := range columns {
			columns[c] = append(columns[c], 50+10*random.NormFloat64())
		}
		if s == 3 {
			columns[0][i] += 10 * shift
		}
	}
	return tableOf(datasource.Numbers("a", columns[0]), datasource.Numbers("b", columns[1]),
		datasource.Numbers("c", columns[2]), datasource.Categories("segment", segments))
}

func tableOf(columns ...datasource.Column) *datasource.Table {
	t, err := datasource.NewTable(columns...)
	if err != nil {
		panic(err)
	}
	return t
}

// profileOf profiles a table, by its column "segment" if it has one.
func profileOf(t *testing.T, table *datasource.Table) *Profile {
	t.Helper()
	var cfg ProfileConfig
	if table.Has("segment") {
		cfg.Segments = "segment"
	}
	p, err := BuildProfile(context.Background(), table, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func located(t *testing.T, baseline, current *Profile, cfg LocateConfig) *Drift {
	t.Helper()
	d, err := LocateDrift(context.Background(), baseline, current, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func segmentsOf(t *testing.T, baseline, current *Profile) []SegmentDrift {
	t.Helper()
	var cfg LocateConfig
	if err := cfg.complete(); err != nil {
		t.Fatal(err)
	}
	got, err := checkSegments(t.Context(), baseline, current, &cfg)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestShiftInOneSegmentIsNamed(t *testing.T) {
	const runs, rows = 20, 4000
	named := 0
	for seed := range uint64(runs) {
		random := rng.Stream(seed)
		segments := segmentsOf(t, profileOf(t, eightSegments(random, rows, 0)), profileOf(t, eightSegments(random, rows, 0.5)))
		if len(segments) != 8 {
			t.Fatalf("%d segments, want 8", len(segments))
		}
		if s := segments[0]; s.Segment == "s3" && s.Verdict == Drifted && s.Columns[0].Column == "a" && s.Share.Verdict != Drifted {
			named++
		}
	}
	if named < runs*95/100 {
		t.Errorf("named in %d of %d runs", named, runs)
	}
}

func TestUnchangedSegmentsRarelyDrift(t *testing.T) {
	const runs, rows = 25, 1600
	alarms := 0
	for seed := range uint64(runs) {
		random := rng.Stream(seed)
		segments := segmentsOf(t, profileOf(t, eightSegments(random, rows, 0)), profileOf(t, eightSegments(random, rows, 0)))
		if segments[0].Verdict == Drifted {
			alarms++
		}
	}
	if alarms > 4 { // 1 in 200, if one in twenty alarms
		t.Errorf("%d of %d unchanged tables alarm", alarms, runs)
	}
}

func TestSegmentsThatGrowAppearAndVanish(t *testing.T) {
	counts := func(n map[string]int) *Profile {
		var segments []string
		var values []float64
		for _, name := range []string{"big", "gone", "new", "small"} {
			for i := range n[name] {
				segments, values = append(segments, name), append(values, float64(i%10))
			}
		}
		return profileOf(t, tableOf(datasource.Categories("segment", segments), datasource.Numbers("x", values)))
	}
	got := map[string]SegmentDrift{}
	for _, s := range segmentsOf(t, counts(map[string]int{"big": 600, "gone": 300, "small": 100}), counts(map[string]int{"big": 600, "new": 200, "small": 200})) {
		got[s.Segment] = s
	}
	want := map[string]Verdict{"big": Stable, "gone": Drifted, "new": Drifted, "small": Drifted}
	for name, verdict := range want {
		if got[name].Share.Verdict != verdict || got[name].Verdict != verdict {
			t.Errorf("%s: share %s, segment %s, want %s", name, got[name].Share.Verdict, got[name].Verdict, verdict)
		}
	}
	if s := got["new"].Share; s.BaselineRows != 0 || s.CurrentRows != 200 || s.Baseline != 0 || got["new"].Columns != nil {
		t.Errorf("the new segment: %+v", got["new"])
	}
	if small, gone := got["small"].Share.Effect, got["gone"].Share.Effect; small <= 0 || gone >= 0 {
		t.Errorf("effects: %g for the segment that grew, %g for the one that vanished", small, gone)
	}
}

// A profile keeps twelve segments. Those that only one of two profiles could keep
// are not compared: they did not vanish.
func TestSegmentsBeyondThoseKept(t *testing.T) {
	many := func(first, last int) *Profile {
		var segments []string
		var values []float64
		for i := first; i < last; i++ {
			for row := range 20 {
				segments, values = append(segments, fmt.Sprint("s", i)), append(values, float64(row))
			}
		}
		return profileOf(t, tableOf(datasource.Categories("segment", segments), datasource.Numbers("x", values)))
	}
	before, now := many(0, 40), many(10, 40)
	d := located(t, before, now, LocateConfig{})
	if len(d.Segments)+len(d.OmittedSegments) != 40 || !slices.Contains(d.OmittedSegments, "s20") && !slices.ContainsFunc(d.Segments, func(s SegmentDrift) bool { return s.Segment == "s20" }) {
		t.Errorf("%d segments, and omitted: %q", len(d.Segments), d.OmittedSegments)
	}
	for _, s := range d.Segments {
		var number int
		if _, err := fmt.Sscanf(s.Segment, "s%d", &number); err != nil {
			t.Fatal(err)
		}
		if gone := s.Share.CurrentRows == 0; gone != (number < 10) || s.Share.BaselineRows == 0 {
			t.Errorf("%s: %d rows, then %d", s.Segment, s.Share.BaselineRows, s.Share.CurrentRows)
		}
	}
}

func TestLocateDriftOfTheSame(t *testing.T) {
	p := profileOf(t, eightSegments(rng.Stream(1), 3000, 0))
	d := located(t, p, p, LocateConfig{Permutations: 19})
	if d.Detected || d.Alerts != nil || d.Joint.Verdict != Stable || d.Joint.Columns != nil || d.Joint.AUC != 0.5 || d.Joint.PValue != 1 || d.Joint.Omitted != "" {
		t.Errorf("detected %t, alerts %q, joint %+v", d.Detected, d.Alerts, d.Joint)
	}
	for _, s := range d.Segments {
		if s.Verdict != Stable || s.Share.Effect != 0 || s.Share.PValue != 1 || s.Share.AdjustedP != 1 {
			t.Errorf("segment %s: %s, share %+v", s.Segment, s.Verdict, s.Share)
		}
		for _, c := range s.Columns {
			if c.Effect != 0 || c.PSI != 0 || c.Verdict != Stable {
				t.Errorf("segment %s, %s: effect %g, PSI %g", s.Segment, c.Column, c.Effect, c.PSI)
			}
		}
	}
}

// A further column makes other rows of all, and those compared are the same.
func TestSameRowsWithAFurtherColumn(t *testing.T) {
	table := eightSegments(rng.Stream(1), 400, 0)
	numbers := make([]float64, table.Rows())
	for i := range numbers {
		numbers[i] = float64(i * i % 101)
	}
	more, err := table.With(datasource.Numbers("more", numbers))
	if err != nil {
		t.Fatal(err)
	}
	d := located(t, profileOf(t, table), profileOf(t, more), LocateConfig{Permutations: 19})
	if j := d.Joint; j.Omitted != "" || math.Abs(j.AUC-0.5) > 0.02 || j.Verdict != Stable {
		t.Errorf("%+v", j)
	}
}

// correlated returns a table of two numbers with a correlation, and of others.
func correlated(random *rand.Rand, rows int, r float64) *datasource.Table {
	s := normalSamples(random, 0, rows, 4)
	s.flip(-r)
	codes := make([]string, rows)
	for i := range codes {
		codes[i] = []string{"x", "y", ""}[random.IntN(3)]
	}
	return tableOf(datasource.Numbers("income", s.columns[0].values), datasource.Numbers("spending", s.columns[1].values),
		datasource.Numbers("age", s.columns[2].values), datasource.Numbers("size", s.columns[3].values), datasource.Categories("kind", codes))
}

func TestCorrelationThatFlipsIsFound(t *testing.T) {
	random := rng.Stream(7)
	baseline := profileOf(t, correlated(random, 5000, 0.5))
	d := located(t, baseline, profileOf(t, correlated(random, 3000, -0.5)), LocateConfig{})
	if d.Drifted() != 0 {
		t.Fatalf("%d columns drifted on their own", d.Drifted())
	}
	j := d.Joint
	if j.Verdict != Drifted || j.AUC < 0.6 || j.PValue != 1.0/200 || j.Permutations != 199 || j.BaselineRows != SampleRows || j.CurrentRows != SampleRows {
		t.Errorf("got %+v", j)
	}
	telling := j.Telling()
	slices.Sort(telling)
	if !slices.Equal(telling, []string{"income", "spending"}) {
		t.Errorf("%q give the rows away", telling)
	}
	if len(d.Alerts) != 1 || !strings.Contains(d.Alerts[0], "how they go together has changed") || !d.Detected {
		t.Errorf("detected %t, alerts %q", d.Detected, d.Alerts)
	}
	again := located(t, baseline, profileOf(t, correlated(rng.Stream(7), 3000, 0.5)), LocateConfig{Seed: 1})
	if again.Joint.Verdict == Drifted {
		t.Errorf("the same correlation: %+v", again.Joint)
	}
}

func TestLocateDriftIsPureAndReproducible(t *testing.T) {
	random := rng.Stream(9)
	a, b := profileOf(t, eightSegments(random, 900, 0)), profileOf(t, eightSegments(random, 700, 1))
	before := fmt.Sprintf("%+v %+v", *a, *b)
	want := located(t, a, b, LocateConfig{Permutations: 39, Workers: 1})
	for _, workers := range []int{1, 2, 5} {
		if got := located(t, a, b, LocateConfig{Permutations: 39, Workers: workers}); !reflect.DeepEqual(got, want) {
			t.Errorf("%d workers: got %+v, want %+v", workers, got, want)
		}
	}
	if fmt.Sprintf("%+v %+v", *a, *b) != before {
		t.Error("a profile was changed")
	}
}

func TestJointCheckIsOmitted(t *testing.T) {
	numbers := func(rows int, names ...string) *Profile {
		var columns []datasource.Column
		for c, name := range names {
			values := make([]float64, rows)
			for i := range values {
				values[i] = float64(i * (c + 1))
			}
			columns = append(columns, datasource.Numbers(name, values))
		}
		return profileOf(t, tableOf(columns...))
	}
	whole := numbers(200, "a", "b")
	without, err := BuildProfile(context.Background(), eightSegments(rng.Stream(1), 100, 0), ProfileConfig{OmitRows: true})
	if err != nil {
		t.Fatal(err)
	}
	for want, pair := range map[string][2]*Profile{
		"50 comparable rows": {whole, numbers(49, "a", "b")},
		"keeps no rows":      {without, whole},
		"fewer than two":     {whole, numbers(200, "a", "c")},
	} {
		j := located(t, pair[0], pair[1], LocateConfig{}).Joint
		if !strings.Contains(j.Omitted, want) || j.Verdict != Stable || j.AUC != 0.5 || j.PValue != 1 {
			t.Errorf("want %q, got %+v", want, j)
		}
	}
}

// Rows that occur often would be in one sample and not in the other by luck.
func TestRepeatedRowsAreComparedFairly(t *testing.T) {
	const runs = 10
	alarms := 0
	for seed := range uint64(runs) {
		random := rng.Stream(seed)
		// Ten thousand kinds of rows, some a hundred times as frequent as others.
		table := func(rows int) *datasource.Table {
			a, b := make([]float64, rows), make([]float64, rows)
			for i := range a {
				a[i] = float64(int(100 * random.Float64() * random.Float64()))
				b[i] = float64(int(100 * random.Float64() * random.Float64()))
			}
			return tableOf(datasource.Numbers("a", a), datasource.Numbers("b", b))
		}
		j := located(t, profileOf(t, table(30_000)), profileOf(t, table(4000)), LocateConfig{Permutations: 19, Seed: seed}).Joint
		if j.Omitted != "" || j.CurrentRows == SampleRows {
			t.Fatalf("compared %d rows with %d, %q; want a part of the sample", j.BaselineRows, j.CurrentRows, j.Omitted)
		}
		if j.PValue <= 0.05 {
			alarms++
		}
	}
	if alarms > 3 { // 1 in 1,000, if one in twenty alarms
		t.Errorf("%d of %d unchanged tables alarm", alarms, runs)
	}
}

// Most customers of one month are still there in the next. Half of them leave the
// second table here, which leaves as many twins.
func TestCustomersInBothTables(t *testing.T) {
	all := correlated(rng.Stream(3), 900, 0.3)
	age, err := all.NumericColumn("age")
	if err != nil {
		t.Fatal(err)
	}
	var young []int
	for row, years := range age.Floats() {
		if years < 0 {
			young = append(young, row)
		}
	}
	j := located(t, profileOf(t, all), profileOf(t, all.Take(young)), LocateConfig{Permutations: 39}).Joint
	// The young half of the old rows cannot be told from the new ones, the other
	// half can.
	if j.AUC < 0.7 || j.AUC > 0.8 || j.Telling()[0] != "age" {
		t.Errorf("AUC %.3f by %q, want about 0.75 by age", j.AUC, j.Telling())
	}
}

func TestChooseIsUniform(t *testing.T) {
	random := rng.Stream(1)
	var counts [10]int
	for range 3000 {
		chosen := choose(10, 3, random)
		if len(chosen) != 3 || !slices.IsSorted(chosen) || len(slices.Compact(slices.Clone(chosen))) != 3 {
			t.Fatalf("chose %d of 10: %v", 3, chosen)
		}
		for _, i := range chosen {
			counts[i]++
		}
	}
	for i, n := range counts {
		if n < 780 || n > 1020 { // 900 expected, with a standard deviation of 25
			t.Errorf("%d was chosen %d times, want about 900", i, n)
		}
	}
}

func TestLocateConfigIsChecked(t *testing.T) {
	p := profileOf(t, eightSegments(rng.Stream(1), 60, 0))
	for want, cfg := range map[string]LocateConfig{
		"alpha":        {DriftConfig: DriftConfig{Alpha: 1}},
		"share effect": {ShareEffect: 4},
		"AUC":          {AUC: 0.5},
		"permutations": {Permutations: 10_000},
		"workers":      {Workers: -1},
	} {
		if _, err := LocateDrift(context.Background(), p, p, cfg); err == nil || !strings.Contains(err.Error(), want+": must be") {
			t.Errorf("%s: got %v", want, err)
		}
	}
	for alpha, want := range map[float64]int{0.05: 199, 0.01: 999, 1e-9: 9999} {
		cfg := LocateConfig{DriftConfig: DriftConfig{Alpha: alpha}}
		if err := cfg.complete(); err != nil || cfg.Permutations != want {
			t.Errorf("alpha %g: %d permutations, %v, want %d", alpha, cfg.Permutations, err, want)
		}
	}
}

// Many wide tables have more to compare than fits into 100 ms.
func TestComparingColumnsEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := profileOf(t, eightSegments(rng.Stream(1), 500, 0))
	if _, err := compareAll(ctx, 1, p.columns, p.columns, &DriftConfig{}); !errors.Is(err, context.Canceled) {
		t.Errorf("columns: got %v", err)
	}
	if _, err := checkSegments(ctx, p, p, &LocateConfig{}); !errors.Is(err, context.Canceled) {
		t.Errorf("segments: got %v", err)
	}
}

func TestLocateDriftEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p := profileOf(t, eightSegments(rng.Stream(1), 500, 0))
	if _, err := LocateDrift(ctx, p, p, LocateConfig{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the error of the context", err)
	}
}
