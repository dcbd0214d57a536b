package segment

import (
	"math"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/rng"
)

// cloud returns a single group whose features follow a common factor.
func cloud(n, d int, correlation float64, shape func(float64) float64, seed uint64) points {
	random := rng.Stream(seed, 6)
	p := points{n: n, d: d, x: make([]float64, n*d)}
	for i := range n {
		common := random.NormFloat64()
		for j := range d {
			p.x[i*d+j] = shape(math.Sqrt(correlation)*common + math.Sqrt(1-correlation)*random.NormFloat64())
		}
	}
	return p
}

func columnsOf(t *testing.T, p points) *datasource.Table {
	t.Helper()
	columns := make([]datasource.Column, p.d)
	for j := range columns {
		columns[j] = datasource.Numbers(string(rune('a'+j)), sortedColumn(p, j, false))
	}
	table, err := datasource.NewTable(columns...)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func sortedColumn(p points, j int, sorted bool) []float64 {
	var values []float64
	for i := range p.n {
		values = append(values, p.row(i)[j])
	}
	if sorted {
		slices.Sort(values)
	}
	return values
}

// A cloud that is merely stretched, or skewed, has no groups.
func TestCorrelationIsNotStructure(t *testing.T) {
	same := func(v float64) float64 { return v }
	tests := []struct {
		name        string
		d           int
		correlation float64
		shape       func(float64) float64
	}{
		{"two features, r 0.5", 2, 0.5, same},
		{"two features, r 0.99", 2, 0.99, same},
		{"five features of one factor", 5, 0.8, same},
		{"five skewed features of one factor", 5, 0.8, math.Exp},
	}
	for _, test := range tests {
		const seeds = 20
		none := 0
		for seed := range uint64(seeds) {
			r, err := Fit(t.Context(), columnsOf(t, cloud(200, test.d, test.correlation, test.shape, seed)), Config{Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			if r.Structure.Correlated == nil {
				t.Fatalf("%s: no draws that keep the correlation", test.name)
			}
			if r.Structure.Verdict == NoStructure {
				none++
			}
		}
		if none < seeds-1 {
			t.Errorf("%s: no structure in %d of %d draws of a single cloud", test.name, none, seeds)
		}
	}
}

func TestDrawsKeepTheColumns(t *testing.T) {
	p := cloud(150, 3, 0.7, math.Exp, 1)
	for name, source := range map[string]drawer{"shuffle": newShuffle(p), "correlated": newCorrelated(p, 1)} {
		q := source.draw(rng.Stream(1))
		for j := range p.d {
			if !slices.Equal(sortedColumn(q, j, true), sortedColumn(p, j, true)) {
				t.Errorf("%s: column %d has other values", name, j)
			}
		}
	}
}

func TestDrawsKeepCorrelationsOrNot(t *testing.T) {
	p := cloud(2000, 2, 0.7, func(v float64) float64 { return v }, 1)
	for _, test := range []struct {
		source drawer
		want   float64
	}{{newShuffle(p), 0}, {newCorrelated(p, 1), 0.7}} {
		q := test.source.draw(rng.Stream(2))
		sum := 0.0
		for i := range q.n {
			sum += q.row(i)[0] * q.row(i)[1]
		}
		if got := sum / float64(q.n); math.Abs(got-test.want) > 0.08 {
			t.Errorf("%T: correlation %.3f, want about %.1f", test.source, got, test.want)
		}
	}
	if newCorrelated(cloud(2000, 2, 0, math.Exp, 1), 1) != nil {
		t.Error("features that are not related have draws that keep their relation")
	}
}

// scipy 1.17.1: scipy.stats.norm.ppf((scipy.stats.rankdata([3, 1, 3, 2])) / 5)
func TestNormalScores(t *testing.T) {
	p := points{n: 4, d: 1, x: []float64{3, 1, 3, 2}}
	got := normalScores(p, []int{0, 1, 2, 3}, 0)
	want := []float64{0.5244005127080407, -0.8416212335729142, 0.5244005127080407, -0.2533471031357997}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-12 {
			t.Errorf("score %d is %v, want %v", i, got[i], want[i])
		}
	}
}
