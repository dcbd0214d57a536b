package segment_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/rng"
	"github.com/cohortlens/cohortlens/segment"
)

// Every algorithm must pass every check of this file.
var algorithms = map[string]segment.Config{
	"kmeans":           {Algorithm: segment.KMeans},
	"gmm":              {Algorithm: segment.GMM},
	"gmm, diagonal":    {Algorithm: segment.GMM, Covariance: segment.DiagonalCovariance, Criterion: segment.ByBIC},
	"dbscan":           {Algorithm: segment.DBSCAN, Epsilon: 0.6, MinSamples: 4},
	"dbscan, all core": {Algorithm: segment.DBSCAN, Epsilon: 0.4, MinSamples: 1},
}

// small bounds the work of a fit.
func small(cfg segment.Config, seed uint64) segment.Config {
	cfg.Seed, cfg.KMax, cfg.Restarts, cfg.References = seed, 4, 2, 5
	return cfg
}

var checks = map[string]func(t *testing.T, cfg segment.Config){
	"fitting twice gives the same":                   checkTwice,
	"the input stays as it is":                       checkInput,
	"tables that cannot be segmented are refused":    checkRefusals,
	"awkward tables give finite results":             checkAwkward,
	"a constant column changes nothing":              checkConstantColumn,
	"equal rows get equal labels":                    checkDuplicates,
	"results agree with themselves":                  checkCoherence,
	"the model assigns the fitted rows as fitted":    checkAssign,
	"permuting rows or columns permutes only":        checkPermuted,
	"a scale that is a power of two changes nothing": checkScaled,
	"the context ends it":                            checkContext,
	"progress goes to its total":                     checkProgress,
}

func TestConformance(t *testing.T) {
	for name, cfg := range algorithms {
		for check, do := range checks {
			t.Run(name+"/"+check, func(t *testing.T) { do(t, small(cfg, 5)) })
		}
	}
}

// The number of workers and of cores must not show in the last bit, for 200
// seeds.
func TestConformanceForAnyNumberOfWorkersAndCores(t *testing.T) {
	for name, cfg := range algorithms {
		for seed := range uint64(200 / len(algorithms)) {
			rows := 40 + int(seed)
			if seed == 0 {
				rows = 1000 // enough for several chunks of work
			}
			cfg, data := small(cfg, seed), mixed(t, rows, 1+int(seed%4), seed)
			cfg.Workers = 1
			want := bits(fit(t, data, cfg))
			// Every fourth number of workers, from another one for each seed.
			for cfg.Workers = 2 + int(seed%4); cfg.Workers <= 16; cfg.Workers += 4 {
				if bits(fit(t, data, cfg)) != want {
					t.Fatalf("%s, seed %d: %d workers change the result", name, seed, cfg.Workers)
				}
			}
			cfg.Workers = 0
			for _, cores := range []int{1, 2, 3, 8} {
				before := runtime.GOMAXPROCS(cores)
				got := bits(fit(t, data, cfg))
				runtime.GOMAXPROCS(before)
				if got != want {
					t.Fatalf("%s, seed %d: GOMAXPROCS %d changes the result", name, seed, cores)
				}
			}
		}
	}
}

// mixed returns rows in three groups, rounded so that ties are frequent, one in
// ten of them far off, one in ten twice; with a categorical column that lacks
// values.
func mixed(t testing.TB, n, d int, seed uint64) *datasource.Table {
	t.Helper()
	random := rng.Stream(seed, 11)
	columns, words := make([][]float64, d), make([]string, n)
	for i := range n {
		for j := range d {
			v := math.Round(4*(random.NormFloat64()+float64(6*(i%3)*(1+j%2)))) / 4
			switch {
			case i%10 == 0:
				v = 40 * random.Float64()
			case i%10 == 1 && i > 10:
				v = columns[j][i-9]
			}
			columns[j] = append(columns[j], v)
		}
		words[i] = []string{"red", "green", ""}[random.IntN(3)]
	}
	out, err := table(t, columns).With(datasource.Categories("word", words))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// bits holds every figure of a result to the last bit.
func bits(r *segment.Result) string {
	mixture := ""
	if r.Mixture != nil {
		mixture = fmt.Sprintf("%+v", *r.Mixture)
	}
	return fmt.Sprintf("%s %+v %v %v %v", fingerprint(r), r.Structure, r.Separation, r.Notes, mixture)
}

func checkFinite(t *testing.T, name string, r *segment.Result) {
	t.Helper()
	figures := *r
	figures.Model = nil
	for _, text := range []string{bits(r), fmt.Sprintf("%+v", figures)} {
		if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
			t.Errorf("%s: a figure is not finite: %s", name, text)
		}
	}
}

func checkTwice(t *testing.T, cfg segment.Config) {
	data := mixed(t, 80, 3, 1)
	if bits(fit(t, data, cfg)) != bits(fit(t, data, cfg)) {
		t.Error("two fits of the same table differ")
	}
}

func checkInput(t *testing.T, cfg segment.Config) {
	data := mixed(t, 80, 3, 1)
	content := func() (text string) {
		for _, c := range data.Columns() {
			if text += c.Name(); c.Kind() == datasource.Numeric {
				text += fmt.Sprintf("%x", c.Floats())
			} else {
				text += fmt.Sprint(c.Codes(), c.Levels())
			}
		}
		return text
	}
	before := content()
	cfg.Features = []string{"c", "a"}
	fit(t, data, cfg)
	if content() != before || !slices.Equal(cfg.Features, []string{"c", "a"}) {
		t.Error("the table or the list of features has changed")
	}
}

func checkRefusals(t *testing.T, cfg segment.Config) {
	good := uniform(t, 20, 2, 1)
	tests := []struct {
		name string
		data *datasource.Table
		want string
		is   error
	}{
		{"no row", good.Take(nil), "no rows", segment.ErrTooFewRows},
		{"one row", good.Take([]int{0}), "same value", segment.ErrTooFewRows},
		{"equal rows", good.Take([]int{3, 3, 3, 3, 3}), "same value", segment.ErrTooFewRows},
		{"missing values", table(t, [][]float64{{1, 2, math.NaN()}, {1, 2, 3}}), `"a" lacks 1 of 3 values`, nil},
		{"values near the largest", table(t, [][]float64{{1e308, 0, -1e308, 1}, {1, 2, 3, 4}}), `"a"`, nil},
	}
	for _, test := range tests {
		_, err := segment.Fit(t.Context(), test.data, cfg)
		switch {
		case err == nil:
			t.Errorf("%s: no error", test.name)
		case !strings.Contains(err.Error(), test.want):
			t.Errorf("%s: %q does not say %q", test.name, err, test.want)
		case test.is != nil && !errors.Is(err, test.is):
			t.Errorf("%s: %q is not %q", test.name, err, test.is)
		}
	}
}

func checkAwkward(t *testing.T, cfg segment.Config) {
	tests := map[string]*datasource.Table{
		"one column":             uniform(t, 40, 1, 1),
		"three rows":             uniform(t, 3, 2, 1),
		"more columns than rows": uniform(t, 8, 20, 1),
		"copies of four rows":    uniform(t, 4, 2, 1).Take(slices.Repeat([]int{0, 1, 2, 3, 3}, 20)),
		"collinear rows":         table(t, [][]float64{{1, 2, 3, 4, 5, 6, 7}, {2, 4, 6, 8, 10, 12, 14}}),
		"a row far away":         table(t, [][]float64{{1, 2, 3, 2, 1, 1e12}, {1, 1, 2, 2, 3, 3}}),
		"large values":           table(t, [][]float64{{1e200, 2e200, 3e200, 5e200, 1e200}, {1, 2, 3, 4, 5}}),
		"small values":           table(t, [][]float64{{1e-200, 2e-200, 3e-200, 5e-200, 1e-200}, {1, 2, 3, 4, 5}}),
	}
	for name, data := range tests {
		checkFinite(t, name, fit(t, data, cfg))
	}
}

func checkConstantColumn(t *testing.T, cfg segment.Config) {
	data := mixed(t, 60, 2, 1)
	more, err := data.With(datasource.Numbers("constant", slices.Repeat([]float64{7}, 60)))
	if err != nil {
		t.Fatal(err)
	}
	r := fit(t, more, cfg)
	checkFinite(t, "a constant column", r)
	if want := fit(t, data, cfg); !slices.Equal(r.Labels, want.Labels) || r.Inertia != want.Inertia {
		t.Error("a constant column changes the labels")
	}
	if !strings.Contains(strings.Join(r.Notes, " "), `"constant"`) {
		t.Errorf("notes %q do not name the constant column", r.Notes)
	}
}

func checkDuplicates(t *testing.T, cfg segment.Config) {
	data := uniform(t, 20, 2, 1)
	r := fit(t, data.Take(slices.Repeat([]int{0, 5, 9, 3, 17, 11, 2}, 9)), cfg)
	checkFinite(t, "duplicates", r)
	for i, label := range r.Labels {
		if label != r.Labels[i%7] {
			t.Errorf("row %d has label %d, the equal row %d has %d", i, label, i%7, r.Labels[i%7])
		}
	}
}

func checkCoherence(t *testing.T, cfg segment.Config) {
	for seed := range uint64(5) {
		data := mixed(t, 90, 2, seed)
		r := fit(t, data, cfg)
		checkFinite(t, "mixed rows", r)
		sizes, noise := make([]int, len(r.Segments)), 0
		for _, label := range r.Labels {
			if label == segment.Noise {
				noise++
			} else {
				sizes[label]++
			}
		}
		if noise != r.Noise || r.Model.K() != len(r.Segments) || len(r.Labels) != data.Rows() {
			t.Errorf("seed %d: noise %d, K %d, %d labels do not fit %d segments", seed, r.Noise, r.Model.K(), len(r.Labels), len(r.Segments))
		}
		for i, s := range r.Segments {
			if s.ID != i || s.Size != sizes[i] || s.Share != float64(s.Size)/90 || i > 0 && s.Size > r.Segments[i-1].Size {
				t.Errorf("seed %d: segment %d has ID %d, size %d, share %v", seed, i, s.ID, s.Size, s.Share)
			}
		}
		if !slices.ContainsFunc(r.Scores, func(s segment.Score) bool { return s.K == len(r.Segments) && s.Silhouette == r.Silhouette }) {
			t.Errorf("seed %d: no score is that of the result", seed)
		}
	}
}

func checkAssign(t *testing.T, cfg segment.Config) {
	for seed := range uint64(5) {
		data := mixed(t, 90, 3, seed)
		r := fit(t, data, cfg)
		got, err := r.Model.Assign(data)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, r.Labels) {
			t.Errorf("seed %d: the fitted rows are assigned to %v, fitted as %v", seed, got, r.Labels)
		}
	}
}

func checkPermuted(t *testing.T, cfg segment.Config) {
	for seed := range uint64(5) {
		data := mixed(t, 90, 3, seed)
		order := rng.Stream(seed, 5).Perm(data.Rows())
		shuffled, err := data.Take(order).Select("c", "word", "a", "b")
		if err != nil {
			t.Fatal(err)
		}
		want, got := fit(t, data, cfg), fit(t, shuffled, cfg)
		back := *got
		back.Labels = make([]int, len(order))
		for i, row := range order {
			back.Labels[row] = got.Labels[i]
		}
		if got.Mixture != nil {
			mixture := *got.Mixture
			mixture.Probabilities = make([][]float64, len(order))
			for i, row := range order {
				mixture.Probabilities[row] = got.Mixture.Probabilities[i]
			}
			back.Mixture = &mixture
		}
		for _, s := range back.Segments {
			slices.SortFunc(s.Columns, func(a, b segment.Summary) int { return strings.Compare(a.Column, b.Column) })
		}
		if bits(&back) != bits(want) {
			t.Errorf("seed %d: permuting changes more than the order", seed)
		}
	}
}

// Rows are scaled before anything else, and by a power of two exactly.
func checkScaled(t *testing.T, cfg segment.Config) {
	data := uniform(t, 60, 2, 3)
	larger := make([][]float64, 2)
	for j, c := range data.Columns() {
		for _, v := range c.Floats() {
			larger[j] = append(larger[j], v*float64(int(1024)<<j))
		}
	}
	a, b := fit(t, data, cfg), fit(t, table(t, larger), cfg)
	if !slices.Equal(a.Labels, b.Labels) || a.Inertia != b.Inertia || a.Silhouette != b.Silhouette {
		t.Error("the unit of a column changes the labels")
	}
}

func checkContext(t *testing.T, cfg segment.Config) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := segment.Fit(ended, uniform(t, 50, 2, 1), cfg); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: got %v, want context.Canceled", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cfg.Progress = func(done, _ int) {
		if done == 1 {
			cancel()
		}
	}
	if _, err := segment.Fit(ctx, uniform(t, 500, 2, 1), cfg); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ends at the first step: got %v, want context.Canceled", err)
	}
}

func checkProgress(t *testing.T, cfg segment.Config) {
	for _, data := range []*datasource.Table{mixed(t, 60, 2, 1), uniform(t, 10, 2, 1)} {
		last, total := 0, 0
		cfg.Progress = func(done, of int) {
			if done != last+1 {
				t.Errorf("step %d follows step %d", done, last)
			}
			last, total = done, of
		}
		fit(t, data, cfg)
		if last != total || total == 0 {
			t.Errorf("progress ended at %d of %d", last, total)
		}
	}
}
