package segment

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/testkit"
)

// readJSON decodes a file of figures.
func readJSON(t *testing.T, path string, to any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, to); err != nil {
		t.Fatal(err)
	}
}

func indicesOf(flags []bool) []int {
	indices := []int{}
	for i, set := range flags {
		if set {
			indices = append(indices, i)
		}
	}
	return indices
}

// dense returns the partition of DBSCAN and its core rows.
func dense(t testing.TB, p points, c Config) (*partition, []bool) {
	t.Helper()
	m := newDensity(p, c)
	found, err := m.find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	isCore, _, err := m.core(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found, isCore
}

// testdata/dbscan_cases.json was made by testdata/dbscan_cases.py, which names
// the versions: DBSCAN(eps, min_samples).fit(x). Core rows, noise and the parts
// of core rows must be the same. A border row may be in another part only if it
// is within eps of core rows of both.
func TestDensityEqualsScikitLearn(t *testing.T) {
	var golden struct {
		Cases []struct {
			Name       string
			Eps        float64
			MinSamples int `json:"min_samples"`
			D          int
			X          []float64
			Labels     []int32
			Core       []int
		}
	}
	readJSON(t, "testdata/dbscan_cases.json", &golden)
	if len(golden.Cases) < 30 {
		t.Fatalf("only %d data sets", len(golden.Cases))
	}
	ties := 0
	for _, g := range golden.Cases {
		p := points{n: len(g.X) / g.D, d: g.D, x: g.X}
		found, isCore := dense(t, p, Config{Epsilon: g.Eps, MinSamples: g.MinSamples})
		if got := indicesOf(isCore); !slices.Equal(got, g.Core) {
			t.Errorf("%s: core rows are %v, want %v", g.Name, got, g.Core)
			continue
		}
		place := make([]int, p.n)
		for i := range place {
			place[i] = i
		}
		theirs := byVisiting(p, g.Eps, found.labels, isCore, place)
		if !slices.Equal(renamed(theirs), renamed(g.Labels)) {
			t.Errorf("%s: labels are %v, want %v but for border rows", g.Name, found.labels, g.Labels)
		}
		for i := range p.n {
			if theirs[i] != found.labels[i] {
				ties++
			}
		}
	}
	if ties == 0 {
		t.Error("no data set has a border row that two parts could have, so the rule for them has not been seen")
	}
	t.Logf("%d border rows are in another part, which is as near or nearer", ties)
}

// densityReference is what scikit-learn 1.2.1 found in the customers of the
// shop: DBSCAN(eps, min_samples).fit(StandardScaler().fit_transform(x)).
type densityReference struct {
	Rows   int
	DBSCAN map[string]struct {
		Clusters, Noise, Core int
		Sizes                 []int `json:"sizes_sorted"`
	}
}

func TestDensityOfShopCustomersEqualsScikitLearn(t *testing.T) {
	var figures struct {
		Complete densityReference `json:"complete_rows"`
		Valid    densityReference `json:"valid_rows"`
	}
	readJSON(t, testkit.SharedFile(t, "reference", "shop_customers.json"), &figures)
	file := testkit.SharedFile(t, "data", "shop_customers.csv")
	loaded, err := datasource.Load(t.Context(), datasource.NewCSVFile(file, datasource.CSVConfig{Schema: datasource.CustomerSchema()}))
	if err != nil {
		t.Fatal(err)
	}
	for policy, want := range map[datasource.Policy]densityReference{datasource.Keep: figures.Complete, datasource.Drop: figures.Valid} {
		table, _, err := datasource.Prepare(t.Context(), loaded, datasource.CustomerSchema(), policy)
		if err != nil {
			t.Fatal(err)
		}
		data, err := prepare(t.Context(), table, Config{Features: []string{datasource.Age, datasource.AnnualIncome, datasource.SpendingScore}})
		if err != nil {
			t.Fatal(err)
		}
		compareDensity(t, string(policy), data, want)
	}
}

func compareDensity(t *testing.T, name string, data *prepared, want densityReference) {
	t.Helper()
	if data.n != want.Rows || len(want.DBSCAN) != 4 {
		t.Fatalf("%s: %d rows and %d settings, want %d and 4", name, data.n, len(want.DBSCAN), want.Rows)
	}
	for setting, w := range want.DBSCAN {
		var c Config
		if _, err := fmt.Sscanf(setting, "eps=%f,min_samples=%d", &c.Epsilon, &c.MinSamples); err != nil {
			t.Fatal(err)
		}
		found, isCore := dense(t, data.points, c)
		if core := len(indicesOf(isCore)); found.k != w.Clusters || core != w.Core {
			t.Errorf("%s, %s: %d clusters and %d core rows, want %d and %d", name, setting, found.k, core, w.Clusters, w.Core)
		}
		noise := 0
		for _, label := range found.labels {
			if label == Noise {
				noise++
			}
		}
		if noise != w.Noise {
			t.Errorf("%s, %s: %d rows are noise, want %d", name, setting, noise, w.Noise)
		}
		theirs := &partition{k: found.k, labels: byVisiting(data.points, c.Epsilon, found.labels, isCore, data.order)}
		sizes := theirs.sizes()
		slices.Sort(sizes)
		if !slices.Equal(sizes, w.Sizes) {
			t.Errorf("%s, %s: sizes are %v, want %v", name, setting, sizes, w.Sizes)
		}
	}
}
