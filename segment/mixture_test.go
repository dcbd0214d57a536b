package segment_test

import (
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

var covariances = []segment.Covariance{
	segment.FullCovariance, segment.TiedCovariance, segment.DiagonalCovariance, segment.SphericalCovariance,
}

func mixtureConfig(c segment.Covariance, k int) segment.Config {
	return segment.Config{Algorithm: segment.GMM, Covariance: c, K: k, Restarts: 2, References: 5, Seed: 3}
}

// stretched returns groups that k-means cuts across: long, thin and parallel.
func stretched(t testing.TB, n int, seed uint64) (*datasource.Table, []int) {
	t.Helper()
	random := rng.Stream(seed, 21)
	columns, groups := make([][]float64, 2), make([]int, n)
	for i := range n {
		groups[i] = i % 2
		along, across := 10*random.NormFloat64(), 0.3*random.NormFloat64()
		columns[0] = append(columns[0], along)
		columns[1] = append(columns[1], along+across+4*float64(groups[i]))
	}
	return table(t, columns), groups
}

func TestMixturesFindWhatKMeansCannot(t *testing.T) {
	for seed := range uint64(10) {
		data, groups := stretched(t, 400, seed)
		c := mixtureConfig(segment.FullCovariance, 2)
		c.Restarts, c.Seed = 10, seed
		if r := fit(t, data, c); !samePartition(r.Labels, groups) {
			t.Errorf("seed %d: the two lines were not told apart", seed)
		}
	}
}

func TestMixturesAreTheSameForAnyNumberOfWorkersAndCores(t *testing.T) {
	data := uniform(t, 2600, 3, 1) // more than one chunk
	for _, covariance := range covariances {
		c := mixtureConfig(covariance, 3)
		c.MaxIterations = 15
		of := func(workers int) string {
			c.Workers = workers
			r := fit(t, data, c)
			return fmt.Sprintf("%s %x %+v", fingerprint(r), r.Mixture.Probabilities, *r.Mixture)
		}
		want := of(1)
		for _, workers := range []int{2, 3, 5, 16} {
			if of(workers) != want {
				t.Fatalf("%s: %d workers: the result differs from that of one", covariance, workers)
			}
		}
		for _, cores := range []int{1, 2, 3, 8} {
			before := runtime.GOMAXPROCS(cores)
			got := of(0)
			runtime.GOMAXPROCS(before)
			if got != want {
				t.Fatalf("%s: GOMAXPROCS %d: the result differs", covariance, cores)
			}
		}
	}
}

func TestPermutingPermutesMixturesOnly(t *testing.T) {
	for _, covariance := range covariances {
		data := uniform(t, 150, 3, 7)
		want := fit(t, data, mixtureConfig(covariance, 3))
		order := rng.Stream(1, 5).Perm(data.Rows())
		shuffled, err := data.Take(order).Select("c", "a", "b")
		if err != nil {
			t.Fatal(err)
		}
		got := fit(t, shuffled, mixtureConfig(covariance, 3))
		if got.Mixture.LogLikelihood != want.Mixture.LogLikelihood || got.Silhouette != want.Silhouette {
			t.Errorf("%s: permuting changed the log-likelihood from %v to %v", covariance, want.Mixture.LogLikelihood, got.Mixture.LogLikelihood)
		}
		for i, row := range order {
			if got.Labels[i] != want.Labels[row] || !slices.Equal(got.Mixture.Probabilities[i], want.Mixture.Probabilities[row]) {
				t.Fatalf("%s: row %d has label %d and probabilities %v, permuted %d and %v", covariance, row,
					want.Labels[row], want.Mixture.Probabilities[row], got.Labels[i], got.Mixture.Probabilities[i])
			}
		}
	}
}

func TestProbabilities(t *testing.T) {
	for _, covariance := range covariances {
		data := uniform(t, 700, 2, 5)
		r := fit(t, data, mixtureConfig(covariance, 4))
		got, err := r.Model.Probabilities(data)
		if err != nil {
			t.Fatal(err)
		}
		weights := make([]float64, 4)
		for i, row := range got {
			sum, likeliest := 0.0, 0
			for id, p := range row {
				sum += p
				weights[id] += p / float64(data.Rows())
				if p > row[likeliest] {
					likeliest = id
				}
			}
			if !(math.Abs(sum-1) <= 1e-12) || row[r.Labels[i]] != row[likeliest] {
				t.Fatalf("%s: row %d of segment %d has probabilities %v", covariance, i, r.Labels[i], row)
			}
			if !slices.Equal(row, r.Mixture.Probabilities[i]) {
				t.Fatalf("%s: row %d has probabilities %v, when fitted %v", covariance, i, row, r.Mixture.Probabilities[i])
			}
		}
		for id, w := range r.Mixture.Weights {
			if !(math.Abs(w-weights[id]) <= 1e-3) { // those of one iteration earlier
				t.Errorf("%s: segment %d has weight %v, its rows make %v", covariance, id, w, weights[id])
			}
		}
	}
}

func TestProbabilitiesOfOddRows(t *testing.T) {
	data, _ := planted(t, 90, 2, 3, 1)
	fresh := table(t, [][]float64{{math.NaN(), 1e308, -1e200}, {1, -1e308, 5}})
	r := fit(t, data, mixtureConfig(segment.FullCovariance, 3))
	got, err := r.Model.Probabilities(fresh)
	if err != nil {
		t.Fatal(err)
	}
	if got[0] != nil {
		t.Errorf("a row without its first feature has probabilities %v, want none", got[0])
	}
	for _, row := range got[1:] {
		if sum := row[0] + row[1] + row[2]; !(math.Abs(sum-1) <= 1e-12) {
			t.Errorf("a row far out has probabilities %v", row)
		}
	}
	lacking, err := data.Select("b")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Model.Probabilities(lacking); err == nil || !strings.Contains(err.Error(), `"a"`) {
		t.Errorf("a table without column a: %v", err)
	}
	plain := fit(t, data, segment.Config{K: 3, References: 5})
	if _, err := plain.Model.Probabilities(data); err == nil || !strings.Contains(err.Error(), `only a model of algorithm "gmm"`) {
		t.Errorf("probabilities of k-means: %v", err)
	}
}

func TestMixturesOfDegenerateTables(t *testing.T) {
	two := uniform(t, 2, 2, 1).Take(slices.Repeat([]int{0, 1, 1}, 50))
	line := uniform(t, 60, 1, 2)
	x := line.Columns()[0].Floats()
	minus := make([]float64, len(x))
	for i, v := range x {
		minus[i] = 5 - 2*v
	}
	collinear := table(t, [][]float64{x, x, minus})
	tests := []struct {
		name string
		data *datasource.Table
		k    int
	}{
		{"many copies of two rows", two, 2},
		{"a segment for each row", uniform(t, 6, 2, 1), 6},
		{"one segment", uniform(t, 6, 2, 1), 1},
		{"collinear features", collinear, 3},
		{"more features than rows", uniform(t, 6, 12, 3), 3},
		{"a constant feature", table(t, [][]float64{{1, 1, 1, 1, 1}, {1, 2, 8, 9, 9}}), 2},
		{"an outlier", table(t, [][]float64{append(slices.Clone(x), 1e12)}), 3},
		{"two values", table(t, [][]float64{{0, 0, 0, 1, 1, 1, 0, 1}, {0, 1, 0, 1, 0, 1, 1, 0}}), 4},
	}
	for _, test := range tests {
		for _, covariance := range covariances {
			for _, regularisation := range []float64{0, 1e-300, 1e300} {
				c := mixtureConfig(covariance, test.k)
				c.Regularisation = regularisation
				r := fit(t, test.data, c)
				if text := fmt.Sprintf("%+v %+v", *r, *r.Mixture); strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
					t.Errorf("%s, %s, regularisation %v: a figure is not finite: %s", test.name, covariance, regularisation, text)
				}
				if len(r.Segments) != test.k {
					t.Errorf("%s, %s: %d segments, want %d", test.name, covariance, len(r.Segments), test.k)
				}
			}
		}
	}
}

func TestSegmentsThatWinNoRow(t *testing.T) {
	for seed := range uint64(200) {
		data := uniform(t, 12, 1, seed)
		c := mixtureConfig(segment.TiedCovariance, 4)
		c.Restarts, c.Seed = 1, seed
		r := fit(t, data, c)
		last := r.Segments[3]
		if last.Size > 0 {
			continue
		}
		if !strings.HasPrefix(last.Label, "no customers") || last.Columns[0].Z != 0 || math.IsNaN(r.Model.Centre(3)[0]) {
			t.Errorf("an empty segment is described as %+v", last)
		}
		if slices.Contains(r.Labels, 3) {
			t.Error("an empty segment has rows")
		}
		return
	}
	t.Error("no seed gave a segment that wins no row")
}

func TestMixturesByBIC(t *testing.T) {
	data, groups := stretched(t, 300, 4)
	r := fit(t, data, segment.Config{Algorithm: segment.GMM, Criterion: segment.ByBIC, KMax: 4, References: 5})
	if !samePartition(r.Labels, groups) || len(r.Scores) != 3 {
		t.Errorf("%d segments were chosen by BIC of scores %+v, want 2", len(r.Segments), r.Scores)
	}
	if chosen := r.Scores[len(r.Segments)-2]; chosen.BIC != r.Mixture.BIC || chosen.AIC != r.Mixture.AIC {
		t.Errorf("the mixture has BIC %v, its score %v", r.Mixture.BIC, chosen.BIC)
	}
}
