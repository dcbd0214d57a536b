package segment

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/rng"
)

// batched is a table as a source of batches of the given sizes, over and over.
type batched struct {
	table *datasource.Table
	sizes []int
}

func (b batched) Batches(ctx context.Context) iter.Seq2[*datasource.Table, error] {
	return func(yield func(*datasource.Table, error) bool) {
		low := 0
		for i := 0; low < b.table.Rows(); i++ {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			high := min(low+b.sizes[i%len(b.sizes)], b.table.Rows())
			rows := make([]int, 0, high-low)
			for row := low; row < high; row++ {
				rows = append(rows, row)
			}
			if !yield(b.table.Take(rows), nil) {
				return
			}
			low = high
		}
	}
}

// sequence yields given batches, another list at each pass.
type sequence struct {
	passes [][]*datasource.Table
	pass   int
}

func (s *sequence) Batches(context.Context) iter.Seq2[*datasource.Table, error] {
	batches := s.passes[min(s.pass, len(s.passes)-1)]
	s.pass++
	return func(yield func(*datasource.Table, error) bool) {
		for _, batch := range batches {
			if !yield(batch, nil) {
				return
			}
		}
	}
}

func streamed(t testing.TB, src datasource.Source, c Config) *StreamResult {
	t.Helper()
	r, err := FitStream(t.Context(), src, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// tableOf names its columns a, b, c, ...
func tableOf(t testing.TB, p points) *datasource.Table {
	t.Helper()
	columns := make([]datasource.Column, p.d)
	for j := range columns {
		values := make([]float64, p.n)
		for i := range values {
			values[i] = p.x[i*p.d+j]
		}
		columns[j] = datasource.Numbers(string(rune('a'+j)), values)
	}
	table, err := datasource.NewTable(columns...)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// canonical returns points in canonical order.
func canonical(p points) points {
	rows := slices.Collect(slices.Chunk(p.x, p.d))
	slices.SortFunc(rows, slices.Compare[[]float64])
	return points{n: p.n, d: p.d, x: slices.Concat(rows...)}
}

// Plain k-means in memory, from the same start, is the oracle: on rows in
// canonical order every sum is the same to the last bit.
func TestStreamedIterationsAreThoseInMemory(t *testing.T) {
	for seed := range uint64(6) {
		raw := canonical(gaussian(9000, 1+int(seed%4), seed))
		reader := &rowReader{src: batched{tableOf(t, raw), []int{1, 700, 3000}}, rows: -1}
		found, err := reader.survey(t.Context(), Config{}, raw.n)
		if err != nil {
			t.Fatal(err)
		}
		const k = 7
		start := slices.Clone(found.sample.x[:k*raw.d])
		if seed == 5 {
			start[0] = 1e6 // nearest to no row, so that its segment is empty
		}
		for iterations, tolerance := range map[int]float64{1: 0, 40: 0, 41: 1e-3} {
			m := kmeansOf(t, found.sample, Config{Workers: 1}, 1)
			want, err := m.lloyd(t.Context(), slices.Clone(start), iterations, tolerance)
			if err != nil {
				t.Fatal(err)
			}
			got := newStreamRun(reader, found.scaler, start, 2)
			if err := got.iterate(t.Context(), iterations, tolerance); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.centres, want.centres) || !slices.Equal(got.total.counts, want.sizes()) {
				t.Errorf("seed %d, tolerance %v: centres and sizes are not those in memory: %v, want %v", seed, tolerance, got.total.counts, want.sizes())
			}
			if math.Abs(got.total.inertia-want.inertia) > 1e-12*want.inertia {
				t.Errorf("seed %d: inertia %v, want %v", seed, got.total.inertia, want.inertia)
			}
		}
	}
}

func TestAStreamOfFewRowsIsFittedAsInMemory(t *testing.T) {
	table := customers(t, 600)
	c := Config{Features: []string{"Visits", "Age"}, KMax: 6, Seed: 3}
	want, got := fitted(t, table, c), streamed(t, batched{table, []int{50}}, c)
	labels, err := got.Model.Assign(table)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(labels, want.Labels) {
		t.Error("the labels differ")
	}
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 1e-9*max(1, math.Abs(want)) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	near("inertia", got.Inertia, want.Inertia)
	near("silhouette", got.Silhouette, want.Silhouette)
	near("structure", got.Structure.ReferenceMean, want.Structure.ReferenceMean)
	for id, s := range got.Segments {
		w := want.Segments[id]
		if s.ID != id || s.Size != w.Size || s.Share != w.Share {
			t.Errorf("got segment %+v, want %+v", s, w)
		}
		for _, column := range s.Columns {
			at := slices.IndexFunc(w.Columns, func(o Summary) bool { return o.Column == column.Column })
			near("mean", column.Mean, w.Columns[at].Mean)
			near("std", column.Std, w.Columns[at].Std)
			near("overall", column.Overall, w.Columns[at].Overall)
			near("z", column.Z, w.Columns[at].Z)
		}
	}
	if got.SilhouetteError != 0 || got.SampleRows != 600 || got.Rows != 600 || !got.Converged || len(got.Scores) != 5 {
		t.Errorf("got %+v", got)
	}
}

func TestAStreamIsTheSameForAnyBatchesAndWorkers(t *testing.T) {
	const n, sample = 80_000, 2000 // more than a wave has
	table := tableOf(t, gaussian(n, 2, 1))
	c := Config{K: 3, Restarts: 2, References: 5, MaxIterations: 8, Bootstraps: 3}.withDefaults()
	fit := func(workers int, sizes ...int) *StreamResult {
		c.Workers = workers
		r, err := fitStream(t.Context(), batched{table, sizes}, c, sample)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	want := fit(1, n)
	for workers, sizes := range [][]int{{4096}, {1, 5000, 17}, {65_536}, {999}} {
		if got := fit(workers, sizes...); !reflect.DeepEqual(got, want) {
			t.Errorf("batches of %v, %d workers: got %+v, want %+v", sizes, workers, got, want)
		}
	}
	if want.SampleRows != sample || want.Rows != n || want.SilhouetteError <= 0 || len(want.Stability) != 3 {
		t.Errorf("got %+v", want)
	}
}

func TestAStreamFindsPlantedGroups(t *testing.T) {
	random := rng.Stream(2)
	p := points{n: 40_000, d: 2, x: make([]float64, 80_000)}
	for i := range p.n {
		group := float64(min(i%10, 3)) // the last has seven in ten
		p.x[2*i], p.x[2*i+1] = 10*group+random.NormFloat64(), 10*float64(int(group)%2)+random.NormFloat64()
	}
	c := Config{KMax: 6, Restarts: 3, References: 5}.withDefaults()
	r, err := fitStream(t.Context(), batched{tableOf(t, p), []int{3000}}, c, 3000)
	if err != nil {
		t.Fatal(err)
	}
	var sizes []int
	for _, s := range r.Segments {
		sizes = append(sizes, s.Size)
	}
	if !slices.Equal(sizes, []int{28_000, 4000, 4000, 4000}) || r.Structure.Verdict != StrongStructure || !r.Converged {
		t.Errorf("got sizes %v, %s, converged %v", sizes, r.Structure.Verdict, r.Converged)
	}
	if r.Passes < 3 || r.Passes > 10 {
		t.Errorf("%d passes, want the first, some iterations and the last", r.Passes)
	}
}

func TestAStreamCountsWhatItSkips(t *testing.T) {
	nan := math.NaN()
	table := tableOf(t, points{n: 7, d: 3, x: []float64{
		1, 5, 1, 2, nan, 1, nan, 5, 1, 8, 5, 1, 9, 5, nan, 9, 5, 1, 1, 5, 1,
	}})
	r := streamed(t, batched{table, []int{2}}, Config{K: 2})
	if r.Rows != 4 || r.Skipped != 3 {
		t.Errorf("%d rows, %d skipped; want 4 and 3", r.Rows, r.Skipped)
	}
	if got := r.Model.Scaler().Columns(); !slices.Equal(got, []string{"a"}) {
		t.Errorf("segmented by %v, want the column that varies", got)
	}
	if mean, _ := r.Segments[1].Mean("a"); math.Abs(mean-8.5) > 1e-12 || r.Segments[1].Size != 2 {
		t.Errorf("got %+v, want a segment of 8 and 9", r.Segments[1])
	}
	notes := strings.Join(r.Notes, "\n")
	for _, want := range []string{`"b" has one value`, `"c" has one value`, "3 of 7 rows lack a feature"} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes do not say %q: %s", want, notes)
		}
	}
}

func TestAnIterationLimitIsKept(t *testing.T) {
	r := streamed(t, tableOf(t, gaussian(2000, 3, 1)), Config{K: 9, MaxIterations: 1, Restarts: 1, Tolerance: 1e-12, References: 5})
	if r.Converged || r.Passes != 3 {
		t.Errorf("converged %v after %d passes, want 3 and no", r.Converged, r.Passes)
	}
}

func TestFitStreamRefuses(t *testing.T) {
	good := tableOf(t, gaussian(20, 2, 1))
	other, err := datasource.NewTable(datasource.Numbers("a", []float64{1}), datasource.Categories("b", []string{"x"}))
	if err != nil {
		t.Fatal(err)
	}
	list := func(passes ...[]*datasource.Table) datasource.Source { return &sequence{passes: passes} }
	tests := []struct {
		name string
		src  datasource.Source
		c    Config
		want string
		is   error
	}{
		{"a mixture", good, Config{Algorithm: GMM}, `needs Algorithm "kmeans", got "gmm"`, nil},
		{"weights", good, Config{Weights: "a"}, "Weights must be empty", nil},
		{"a previous model", good, Config{Previous: &Model{}}, "Previous must be nil", nil},
		{"a bad parameter", good, Config{K: -1}, "K must be from 0", nil},
		{"a misspelt feature", good, Config{Features: []string{"aa"}}, "did you mean", datasource.ErrNoColumn},
		{"a feature twice", good, Config{Features: []string{"b", "b"}}, `"b" twice`, nil},
		{"no batch", list(nil), Config{}, "no row of the source", ErrTooFewRows},
		{"a nil batch", list([]*datasource.Table{nil}), Config{}, "neither a batch nor an error", nil},
		{"no row", list([]*datasource.Table{good.Take(nil)}), Config{}, "no row of the source", ErrTooFewRows},
		{"one row", list([]*datasource.Table{good.Take([]int{1})}), Config{}, "same value in every row (rows: 1)", ErrTooFewRows},
		{"K over the rows", good, Config{K: 21}, "distinct rows, 20, got 21", ErrTooFewRows},
		{"batches that differ", list([]*datasource.Table{good, other}), Config{}, "pass 1 over the source", datasource.ErrKind},
		{"fewer rows at the second pass", list([]*datasource.Table{good, good}, []*datasource.Table{good}), Config{K: 2}, "found 20 rows", nil},
		{"huge values", tableOf(t, points{n: 2, d: 1, x: []float64{1e300, -1e300}}), Config{K: 2}, "variance", nil},
	}
	for _, test := range tests {
		_, err := FitStream(t.Context(), test.src, test.c)
		switch {
		case err == nil || !strings.Contains(err.Error(), test.want):
			t.Errorf("%s: got %v, want an error that says %q", test.name, err, test.want)
		case test.is != nil && !errors.Is(err, test.is):
			t.Errorf("%s: %q is not %q", test.name, err, test.is)
		}
	}
}

func TestAStreamThatCanBeReadOnlyOnceIsRefused(t *testing.T) {
	var text strings.Builder
	text.WriteString("a\n")
	for i := range 50 {
		fmt.Fprintln(&text, i)
	}
	_, err := FitStream(t.Context(), datasource.NewCSVReader("stdin", strings.NewReader(text.String()), datasource.CSVConfig{}), Config{K: 2})
	if !errors.Is(err, datasource.ErrConsumed) || !strings.Contains(err.Error(), "pass 2") || !strings.Contains(err.Error(), "read again") {
		t.Errorf("got %v", err)
	}
}

func TestAStreamStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	steps := 0
	_, err := FitStream(ctx, tableOf(t, gaussian(3000, 3, 1)), Config{Workers: 1, Progress: func(int, int) {
		if steps++; steps == 3 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || steps != 3 {
		t.Errorf("got %v after %d steps", err, steps)
	}
}

func TestStreamProgressReachesItsTotal(t *testing.T) {
	last, total := 0, 0
	streamed(t, tableOf(t, gaussian(60, 2, 1)), Config{KMax: 4, Restarts: 2, Bootstraps: 2, Progress: func(d, n int) {
		if d != last+1 {
			t.Errorf("step %d follows step %d", d, last)
		}
		last, total = d, n
	}})
	if last != total || total == 0 {
		t.Errorf("progress ended at %d of %d", last, total)
	}
}

// Each row is drawn as often as any other: the counts of 20,000 draws of 5 rows
// in 20 have a standard deviation of 61 around 5,000.
func TestAReservoirDrawsEvenly(t *testing.T) {
	counts := make([]int, 20)
	for draw := range uint64(20_000) {
		s := &reservoir{random: rng.Stream(draw), size: 5}
		for row := range counts {
			s.add([]float64{float64(row), 0}, 2)
		}
		drawn := s.points(2, []int{0})
		if drawn.n != 5 || countDistinct(drawn) != 5 {
			t.Fatalf("drew %v", drawn.x)
		}
		for _, row := range drawn.x {
			counts[int(row)]++
		}
	}
	for row, n := range counts {
		if math.Abs(float64(n)-5000) > 5*61 {
			t.Errorf("row %d was drawn %d times, want about 5000", row, n)
		}
	}
}

func BenchmarkStreamPass(b *testing.B) {
	p := gaussian(200_000, 10, 1)
	const k = 8
	reader := &rowReader{src: tableOf(b, p), rows: -1}
	found, err := reader.survey(b.Context(), Config{}, 1000)
	if err != nil {
		b.Fatal(err)
	}
	run := newStreamRun(reader, found.scaler, found.sample.x[:k*p.d], 0)
	for b.Loop() {
		if err := run.pass(b.Context(), false); err != nil {
			b.Fatal(err)
		}
		run.move()
	}
	b.ReportMetric(run.total.inertia/float64(p.n), "inertia/row")
	b.ReportMetric(float64(p.n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
