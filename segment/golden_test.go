package segment_test

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/datasource/sample"
	"github.com/cohortlens/cohortlens/internal/testkit"
	"github.com/cohortlens/cohortlens/segment"
)

// reference is what a run of scikit-learn found on one subset of the rows.
type reference struct {
	Rows   int       `json:"rows"`
	Mean   []float64 `json:"scaler_mean"`
	Std    []float64 `json:"scaler_std_population"`
	BestK  int       `json:"kmeans_best_k_by_silhouette"`
	KMeans map[string]struct {
		Inertia    float64 `json:"best_inertia_of_200_starts"`
		Silhouette float64 `json:"silhouette"`
	} `json:"kmeans"`
}

var customerFeatures = []string{datasource.Age, datasource.AnnualIncome, datasource.SpendingScore}

// The reference file names its tools and calls: scikit-learn 1.2.1,
// KMeans(k, n_init=10) for 20 seeds and silhouette_score of the best.
func TestShopCustomersEqualScikitLearn(t *testing.T) {
	raw, err := os.ReadFile(testkit.SharedFile(t, "reference", "shop_customers.json"))
	if err != nil {
		t.Fatal(err)
	}
	var figures struct {
		Complete reference `json:"complete_rows"`
		Valid    reference `json:"valid_rows"`
	}
	if err := json.Unmarshal(raw, &figures); err != nil {
		t.Fatal(err)
	}
	file := testkit.SharedFile(t, "data", "shop_customers.csv")
	src := datasource.NewCSVFile(file, datasource.CSVConfig{Schema: datasource.CustomerSchema()})
	t.Run("keep", func(t *testing.T) { compare(t, src, datasource.Keep, figures.Complete) })
	t.Run("drop", func(t *testing.T) { compare(t, src, datasource.Drop, figures.Valid) })
}

// testdata/sample_kmeans.json was made by testdata/sample_kmeans.py, which names
// the versions.
func TestSampleDataEqualsScikitLearn(t *testing.T) {
	raw, err := os.ReadFile("testdata/sample_kmeans.json")
	if err != nil {
		t.Fatal(err)
	}
	var want reference
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	r := compare(t, sample.Customers(), datasource.Drop, want)
	if r.Structure.Verdict != segment.StrongStructure {
		t.Errorf("the planted groups are said to have structure %q: %s", r.Structure.Verdict, r.Structure.Evidence)
	}
}

func compare(t *testing.T, src datasource.Source, policy datasource.Policy, want reference) *segment.Result {
	t.Helper()
	loaded, err := datasource.Load(t.Context(), src)
	if err != nil {
		t.Fatal(err)
	}
	data, _, err := datasource.Prepare(t.Context(), loaded, datasource.CustomerSchema(), policy)
	if err != nil {
		t.Fatal(err)
	}
	if data.Rows() != want.Rows {
		t.Fatalf("%d rows, want %d", data.Rows(), want.Rows)
	}
	r := fit(t, data, segment.Config{Features: customerFeatures, Seed: 42})
	if len(r.Segments) != want.BestK {
		t.Errorf("%d segments were chosen, want %d", len(r.Segments), want.BestK)
	}
	for j := range customerFeatures {
		near(t, "mean of "+customerFeatures[j], r.Model.Scaler().Mean()[j], want.Mean[j], 1e-12)
		near(t, "deviation of "+customerFeatures[j], r.Model.Scaler().Std()[j], want.Std[j], 1e-12)
	}
	if len(r.Scores) != len(want.KMeans) {
		t.Errorf("%d numbers of segments were tried, want %d", len(r.Scores), len(want.KMeans))
	}
	for _, s := range r.Scores {
		w := want.KMeans[strconv.Itoa(s.K)]
		near(t, "inertia", s.Inertia, w.Inertia, 1e-3)
		if math.Abs(s.Silhouette-w.Silhouette) > 0.002 {
			t.Errorf("k = %d: silhouette %v, want %v", s.K, s.Silhouette, w.Silhouette)
		}
	}
	return r
}

func near(t *testing.T, what string, got, want, relative float64) {
	t.Helper()
	if math.Abs(got-want) > relative*math.Abs(want) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}
