package insights_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
)

// varied makes a table with every kind of column that a profile treats in its own
// way: few and many different numbers, gaps, few and many levels, texts, and more
// segments than are kept.
func varied(t testing.TB, rows int, seed uint64) *datasource.Table {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 9))
	whole, normal, wide := make([]float64, rows), make([]float64, rows), make([]float64, rows)
	few, many, segment, id := make([]string, rows), make([]string, rows), make([]string, rows), make([]string, rows)
	for row := range rows {
		whole[row] = float64(18 + random.IntN(60))
		normal[row] = random.NormFloat64()
		wide[row] = math.Exp(20 * random.NormFloat64())
		if random.IntN(10) == 0 {
			normal[row] = math.NaN()
		}
		few[row] = []string{"", "red", "green", "blue"}[random.IntN(4)]
		many[row] = fmt.Sprint("product ", int(random.ExpFloat64()*200))
		segment[row] = fmt.Sprint("segment ", random.IntN(20))
		id[row] = fmt.Sprint("c", row%(rows-rows/10)) // some rows have an ID in common
	}
	return newTable(t,
		datasource.Texts("id", id), datasource.Numbers("whole", whole), datasource.Numbers("normal", normal),
		datasource.Numbers("wide", wide), datasource.Categories("few", few), datasource.Categories("many", many),
		datasource.Categories("segment", segment))
}

var withSegments = insights.ProfileConfig{Segments: "segment"}

func profile(t testing.TB, table datasource.Source, cfg insights.ProfileConfig) *insights.Profile {
	t.Helper()
	p, err := insights.BuildProfile(t.Context(), table, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func saved(t testing.TB, p *insights.Profile) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := p.Save(t.Context(), &file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func load(t testing.TB, file []byte) *insights.Profile {
	t.Helper()
	p, err := insights.LoadProfile(t.Context(), bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// split cuts the rows into parts at random, in random order.
func split(table *datasource.Table, parts int, random *rand.Rand) []*datasource.Table {
	rows := make([][]int, parts)
	for _, row := range random.Perm(table.Rows()) {
		part := random.IntN(parts)
		rows[part] = append(rows[part], row)
	}
	var out []*datasource.Table
	for _, part := range rows {
		out = append(out, table.Take(part))
	}
	return out
}

func TestMergingPartsInAnyOrderGivesTheSameProfile(t *testing.T) {
	table := varied(t, 12_000, 1)
	whole := profile(t, table, withSegments)
	want, random := saved(t, whole), rand.New(rand.NewPCG(2, 2))
	other := profile(t, varied(t, 3000, 3), withSegments)
	decision, err := insights.CheckDrift(whole, other, insights.DriftConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for _, parts := range []int{1, 2, 3, 5, 8, 13, 64} {
		var profiles []*insights.Profile
		for _, part := range split(table, parts, random) {
			profiles = append(profiles, profile(t, part, withSegments))
		}
		for len(profiles) > 1 { // merge any two, as they are or from a file
			random.Shuffle(len(profiles), func(i, j int) { profiles[i], profiles[j] = profiles[j], profiles[i] })
			if random.IntN(3) == 0 {
				profiles[0] = load(t, saved(t, profiles[0]))
			}
			profiles = append(profiles[2:], merged(t, profiles[0], profiles[1]))
		}
		if !bytes.Equal(saved(t, profiles[0]), want) {
			t.Fatalf("%d parts: the merged profile differs from that of the whole", parts)
		}
		again, err := insights.CheckDrift(profiles[0], other, insights.DriftConfig{})
		if err != nil || inWords(again) != inWords(decision) {
			t.Fatalf("%d parts: another decision, error %v", parts, err)
		}
	}
}

// inWords prints a drift with what its pointers point to.
func inWords(d *insights.Drift) string {
	out := fmt.Sprintln(d.Detected, d.BaselineRows, d.CurrentRows, d.Schema, d.Alerts)
	for _, c := range d.Columns {
		if c.Numbers != nil {
			out += fmt.Sprintf("%+v", *c.Numbers)
		}
		if c.Levels != nil {
			out += fmt.Sprintf("%+v", *c.Levels)
		}
		c.Numbers, c.Levels = nil, nil
		out += fmt.Sprintf("%+v\n", c)
	}
	return out
}

func merged(t testing.TB, parts ...*insights.Profile) *insights.Profile {
	t.Helper()
	p := insights.NewProfiler(insights.ProfileConfig{Segments: parts[0].SegmentColumn()})
	for _, part := range parts {
		if err := p.Merge(part); err != nil {
			t.Fatal(err)
		}
	}
	out, err := p.Profile()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestProfileDoesNotDependOnBatchesOrCores(t *testing.T) {
	table := varied(t, 40_000, 4)
	want := saved(t, profile(t, table, withSegments))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, cores := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(cores)
		if got := saved(t, profile(t, table, insights.ProfileConfig{Segments: "segment", Workers: cores})); !bytes.Equal(got, want) {
			t.Errorf("%d cores: another profile", cores)
		}
		p := insights.NewProfiler(withSegments)
		for low := 0; low < table.Rows(); low += 777 {
			rows := make([]int, 0, 777)
			for row := low; row < min(low+777, table.Rows()); row++ {
				rows = append(rows, row)
			}
			if err := p.Add(t.Context(), table.Take(rows)); err != nil {
				t.Fatal(err)
			}
		}
		batched, err := p.Profile()
		if err != nil || !bytes.Equal(saved(t, batched), want) {
			t.Errorf("%d cores, in batches: another profile, error %v", cores, err)
		}
	}
}

func TestProfileShowsTheTable(t *testing.T) {
	table := newTable(t,
		datasource.Numbers("x", []float64{3, math.NaN(), 1, 1, 2}), datasource.Categories("c", []string{"b", "", "a", "b", "b"}),
		datasource.Texts("id", []string{"1", "2", "", "4", "5"}))
	p := profile(t, table, insights.ProfileConfig{})
	x, _ := p.Column("x")
	if got, want := x.Numbers(), (insights.NumberSummary{Count: 4, Mean: 1.75, Std: math.Sqrt(2.75 / 3), Min: 1, Max: 3}); got != want {
		t.Errorf("numbers %+v, want %+v", got, want)
	}
	for v, want := range map[float64]float64{0: 0, 1: 0.5, 1.5: 0.5, 2: 0.75, 3: 1} {
		if got := x.Distribution(v); got != want {
			t.Errorf("share up to %v: %v, want %v", v, got, want)
		}
	}
	c, _ := p.Column("c")
	kept, others := c.Levels()
	if want := []insights.LevelCount{{"a", 1}, {"b", 3}}; !slices.Equal(kept, want) || others != 0 {
		t.Errorf("levels %v and %d others, want %v", kept, others, want)
	}
	id, _ := p.Column("id")
	for _, column := range []insights.ColumnProfile{x, c, id} {
		if column.Rows() != 5 || column.Missing() != 1 || !column.Exact() || column.ErrorBound() != 0 {
			t.Errorf("%s: %d rows, %d missing, bound %v", column.Name(), column.Rows(), column.Missing(), column.ErrorBound())
		}
	}
	if _, ok := p.Column("y"); ok || p.Rows() != 5 || len(p.Columns()) != 3 || p.Segments() != nil {
		t.Error("more than the table has")
	}
	rows, counts := p.Sample()
	if rows.Rows() != 5 || len(rows.Columns()) != 2 || len(counts) != 5 {
		t.Errorf("a sample of %d rows, counts %v", rows.Rows(), counts)
	}
}

func TestSegmentsAreProfiledApart(t *testing.T) {
	table := varied(t, 30_000, 5)
	p := profile(t, table, withSegments)
	if len(p.Segments()) != 12 {
		t.Fatalf("%d segments of 20, want the 12 that are kept", len(p.Segments()))
	}
	labels, _ := table.CategoricalColumn("segment")
	for _, s := range p.Segments() {
		var rows []int
		for row := range table.Rows() {
			if labels.Cell(row) == s.Name {
				rows = append(rows, row)
			}
		}
		alone := profile(t, table.Take(rows), insights.ProfileConfig{})
		if s.Rows != len(rows) || len(s.Columns) != 6 {
			t.Errorf("%s: %d rows and %d columns, want %d and 6", s.Name, s.Rows, len(s.Columns), len(rows))
		}
		for _, c := range s.Columns {
			want, _ := alone.Column(c.Name())
			if fmt.Sprint(c.Numbers()) != fmt.Sprint(want.Numbers()) || c.Missing() != want.Missing() || c.Rows() != want.Rows() {
				t.Errorf("%s, %s: %+v, want %+v", s.Name, c.Name(), c.Numbers(), want.Numbers())
			}
		}
	}
}

// A sample is of the rows themselves: what is true of every row of the table is
// true of every row of the sample.
func TestSampleHasRowsOfTheTable(t *testing.T) {
	const n = 20_000
	x, y, c := make([]float64, n), make([]float64, n), make([]string, n)
	for row := range n {
		x[row] = float64(row % 500)
		y[row] = 2 * x[row]
		c[row] = fmt.Sprint(row % 500)
	}
	id := make([]string, n)
	for row := range id {
		id[row] = fmt.Sprint(row)
	}
	p := profile(t, newTable(t, datasource.Numbers("x", x), datasource.Numbers("y", y), datasource.Texts("id", id)), insights.ProfileConfig{})
	rows, counts := p.Sample()
	if rows.Rows() != insights.SampleRows || slices.Max(counts) != 1 {
		t.Fatalf("%d rows, counts up to %d", rows.Rows(), slices.Max(counts))
	}
	a, _ := rows.NumericColumn("x")
	b, _ := rows.NumericColumn("y")
	sum := 0.0
	for row, v := range a.Floats() {
		sum += v
		if b.Floats()[row] != 2*v {
			t.Fatalf("row %d is (%v, %v)", row, v, b.Floats()[row])
		}
	}
	if mean := sum / insights.SampleRows; math.Abs(mean-249.5) > 5*144/math.Sqrt(insights.SampleRows) {
		t.Errorf("a mean of %v: not a random sample", mean)
	}
	equal := profile(t, newTable(t, datasource.Numbers("x", x), datasource.Categories("c", c)), insights.ProfileConfig{})
	if rows, counts := equal.Sample(); rows.Rows() != 500 || slices.Min(counts) != n/500 {
		t.Errorf("without IDs: %d rows, counts from %d", rows.Rows(), slices.Min(counts))
	}
}

func TestProfilerRefusesOtherColumns(t *testing.T) {
	x, y := datasource.Numbers("x", []float64{1}), datasource.Numbers("y", []float64{1})
	asText := datasource.Texts("x", []string{"1"})
	label := datasource.Categories("label", []string{"a"})
	tests := []struct {
		name   string
		cfg    insights.ProfileConfig
		tables []*datasource.Table
		is     error
	}{
		{"another column", insights.ProfileConfig{}, []*datasource.Table{newTable(t, x), newTable(t, y)}, insights.ErrOtherColumns},
		{"another kind", insights.ProfileConfig{}, []*datasource.Table{newTable(t, x), newTable(t, asText)}, insights.ErrOtherColumns},
		{"one more", insights.ProfileConfig{}, []*datasource.Table{newTable(t, x), newTable(t, x, y)}, insights.ErrOtherColumns},
		{"a name that is not there", insights.ProfileConfig{Columns: []string{"z"}}, []*datasource.Table{newTable(t, x)}, datasource.ErrNoColumn},
		{"no segments", insights.ProfileConfig{Segments: "s"}, []*datasource.Table{newTable(t, x)}, datasource.ErrNoColumn},
		{"segments of numbers", insights.ProfileConfig{Segments: "x"}, []*datasource.Table{newTable(t, x)}, datasource.ErrKind},
		{"columns in another order", insights.ProfileConfig{}, []*datasource.Table{newTable(t, x, y), newTable(t, y, x)}, nil},
		{"columns that are not named", insights.ProfileConfig{Columns: []string{"x"}, Segments: "label"}, []*datasource.Table{newTable(t, x, label), newTable(t, label, y, x)}, nil},
	}
	for _, tt := range tests {
		p := insights.NewProfiler(tt.cfg)
		var err error
		for _, table := range tt.tables {
			err = p.Add(t.Context(), table)
		}
		if !errors.Is(err, tt.is) {
			t.Errorf("%s: error %v, want %v", tt.name, err, tt.is)
		}
		if _, after := p.Profile(); !errors.Is(after, tt.is) {
			t.Errorf("%s: error %v of the profile, want %v", tt.name, after, tt.is)
		}
	}
}

func TestMergeRefusesOtherProfiles(t *testing.T) {
	x, label := datasource.Numbers("x", []float64{1}), datasource.Categories("label", []string{"a"})
	plain := profile(t, newTable(t, x, label), insights.ProfileConfig{})
	for name, other := range map[string]*insights.Profile{
		"columns":  profile(t, newTable(t, x), insights.ProfileConfig{}),
		"segments": profile(t, newTable(t, x, label), insights.ProfileConfig{Segments: "label"}),
	} {
		p := insights.NewProfiler(insights.ProfileConfig{})
		if err := errors.Join(p.Merge(plain), p.Merge(other)); !errors.Is(err, insights.ErrOtherColumns) {
			t.Errorf("other %s: error %v", name, err)
		}
	}
	bare := merged(t, plain, profile(t, newTable(t, x, label), insights.ProfileConfig{OmitRows: true}))
	if rows, _ := bare.Sample(); rows != nil || bare.Rows() != 2 {
		t.Error("a sample of a part only was kept")
	}
}

func TestProfilingEndsWithItsContextOrSource(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := insights.BuildProfile(ctx, varied(t, 100, 1), withSegments); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	p := insights.NewProfiler(withSegments)
	if err := p.Add(ctx, varied(t, 100, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v of Add", err)
	}
	broken := errors.New("broken")
	if _, err := insights.BuildProfile(t.Context(), failing{broken}, withSegments); !errors.Is(err, broken) {
		t.Errorf("error %v of a source that fails", err)
	}
	if _, err := insights.BuildProfile(t.Context(), failing{}, withSegments); err == nil {
		t.Error("no error of a source that yields nothing")
	}
}

func TestProfileLeavesTheTableAsItIs(t *testing.T) {
	table := varied(t, 500, 6)
	before := fmt.Sprint(table.Columns())
	columns := []string{"whole", "many"}
	profile(t, table, insights.ProfileConfig{Columns: columns, Segments: "few"})
	if fmt.Sprint(table.Columns()) != before || !slices.Equal(columns, []string{"whole", "many"}) {
		t.Error("an input was changed")
	}
}

// numbered returns a column of IDs, which makes rows differ.
func numbered(n int) datasource.Column {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprint(n, "-", i)
	}
	return datasource.Texts("id", ids)
}

// A profile of many rows rounds the numbers of its sample more than one of few,
// and keeps other levels by name.
func TestWhatProfilesLeaveOutDoesNotTellTablesApart(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	kinds := map[string]func(string, int) datasource.Column{
		"numbers": func(name string, n int) datasource.Column {
			values := make([]float64, n)
			for i := range values {
				values[i] = 1e6 + random.NormFloat64()*math.Exp(3*random.NormFloat64())
			}
			return datasource.Numbers(name, values)
		},
		"levels": func(name string, n int) datasource.Column {
			levels := make([]string, n)
			for i := range levels {
				levels[i] = fmt.Sprint("product ", int(60*random.ExpFloat64()))
			}
			return datasource.Categories(name, levels)
		},
	}
	for kind, columnOf := range kinds {
		const runs = 4
		alarms := 0
		for range runs {
			many := newTable(t, columnOf("x", 60_000), columnOf("y", 60_000), numbered(60_000))
			few := newTable(t, columnOf("x", 900), columnOf("y", 900), numbered(900))
			d, err := insights.LocateDrift(t.Context(), profile(t, many, insights.ProfileConfig{}), profile(t, few, insights.ProfileConfig{}),
				insights.LocateConfig{Permutations: 19})
			if err != nil {
				t.Fatal(err)
			}
			if d.Joint.Verdict != insights.Stable {
				alarms++
			}
		}
		if alarms > runs/2 {
			t.Errorf("%s: the tables were told apart in %d of %d runs", kind, alarms, runs)
		}
	}
}

func TestKeptSegmentsDoNotDependOnOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	var want []byte
	for range 10 {
		p := insights.NewProfiler(withSegments)
		for _, segment := range random.Perm(30) {
			row := newTable(t, datasource.Numbers("x", []float64{float64(segment)}), datasource.Categories("segment", []string{fmt.Sprint(segment)}))
			if err := p.Add(t.Context(), row); err != nil {
				t.Fatal(err)
			}
		}
		made, err := p.Profile()
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = saved(t, made)
		}
		if !bytes.Equal(saved(t, made), want) {
			t.Fatal("another order, another profile")
		}
	}
}
