package segment_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/rng"
	"github.com/cohortlens/cohortlens/segment"
)

// A row of weight w must do what w equal rows do.
func TestWeightsCountAsCopies(t *testing.T) {
	for seed := range uint64(20) {
		random := rng.Stream(seed, 8)
		plain := uniform(t, 60, 2, seed)
		var copies []int
		weights := make([]float64, plain.Rows())
		for row := range weights {
			weights[row] = float64(1 + random.IntN(4))
			for range int(weights[row]) {
				copies = append(copies, row)
			}
		}
		weighted, err := plain.With(datasource.Numbers("weight", weights))
		if err != nil {
			t.Fatal(err)
		}
		cfg := segment.Config{Features: []string{"a", "b"}, K: 4, Seed: seed}
		want := fit(t, plain.Take(copies), cfg)
		cfg.Weights = "weight"
		got := fit(t, weighted, cfg)
		labels := make([]int, len(copies))
		for i, row := range copies {
			labels[i] = got.Labels[row]
		}
		if !samePartition(labels, want.Labels) {
			t.Fatalf("seed %d: weights and copies give different partitions", seed)
		}
		if math.Abs(got.Inertia-want.Inertia) > 1e-9*want.Inertia {
			t.Fatalf("seed %d: inertia %v with weights, %v with copies", seed, got.Inertia, want.Inertia)
		}
		for j, mean := range want.Model.Scaler().Mean() {
			if math.Abs(got.Model.Scaler().Mean()[j]-mean) > 1e-12 {
				t.Fatalf("seed %d: the scaler's means differ", seed)
			}
		}
	}
}

// The least and the greatest weight, together and beside the greatest value.
func TestAnyWeightsGiveFiniteResults(t *testing.T) {
	for name, weights := range map[string][]float64{
		"least": {1e-100}, "greatest": {1e100}, "all": {1e-100, 1, 1e100}, "one small": append(slices.Repeat([]float64{1e100}, 99), 1e-100),
	} {
		for _, outlier := range []float64{0, 1e150, 1e300} {
			data := uniform(t, 100, 2, 1)
			far, column := slices.Clone(data.Columns()[0].Floats()), make([]float64, 100)
			far[99] += outlier
			for row := range column {
				column[row] = weights[row%len(weights)]
			}
			data, err := data.With(datasource.Numbers("far", far))
			if err == nil {
				data, err = data.With(datasource.Numbers("w", column))
			}
			if err != nil {
				t.Fatal(err)
			}
			cfg := segment.Config{Features: []string{"b", "far"}, Weights: "w", K: 3, References: 5, Bootstraps: 5}
			checkFinite(t, name, fit(t, data, cfg))
		}
	}
}

func TestWeightsAreChecked(t *testing.T) {
	data := uniform(t, 10, 2, 1)
	for name, value := range map[string]float64{"none": 0, "negative": -1, "missing": math.NaN(), "huge": 1e101, "tiny": 1e-101} {
		weights := slices.Repeat([]float64{1}, 10)
		weights[7] = value
		weighted, err := data.With(datasource.Numbers("w", weights))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := segment.Fit(t.Context(), weighted, segment.Config{Features: []string{"a"}, Weights: "w"}); err == nil || !strings.Contains(err.Error(), "row 8") {
			t.Errorf("%s: got %v, want an error that names row 8", name, err)
		}
	}
	if _, err := segment.Fit(t.Context(), data, segment.Config{Weights: "x"}); err == nil || !strings.Contains(err.Error(), "Weights") {
		t.Errorf("a column that is not there: %v", err)
	}
	if _, err := segment.Fit(t.Context(), data, segment.Config{Algorithm: segment.GMM, Weights: "a"}); err == nil || !strings.Contains(err.Error(), "kmeans") {
		t.Errorf("weights for a mixture: %v", err)
	}
}
