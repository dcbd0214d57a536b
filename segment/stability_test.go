package segment

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/rng"
)

// groupsOf returns rows around the given places, as many around each.
func groupsOf(t testing.TB, each int, places ...[2]float64) *datasource.Table {
	t.Helper()
	random := rng.Stream(3, uint64(each))
	var x, y []float64
	for _, place := range places {
		for range each {
			x = append(x, place[0]+random.NormFloat64())
			y = append(y, place[1]+random.NormFloat64())
		}
	}
	table, err := datasource.NewTable(datasource.Numbers("x", x), datasource.Numbers("y", y))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestPlantedGroupsAreStable(t *testing.T) {
	table := groupsOf(t, 60, [2]float64{0, 0}, [2]float64{20, 0}, [2]float64{0, 20})
	for _, c := range []Config{{K: 3}, {Algorithm: GMM, K: 3}, {Algorithm: DBSCAN}} {
		c.Bootstraps = 20
		r := fitted(t, table, c)
		if len(r.Stability) != 3 {
			t.Fatalf("%s: %d segments, want 3", r.Algorithm, len(r.Stability))
		}
		for id, s := range r.Stability {
			if s.Segment != id || s.Verdict != Stable || s.Jaccard < 0.95 || s.Dissolved != 0 {
				t.Errorf("%s: segment %d: %+v, want a stable one", r.Algorithm, id, s)
			}
		}
	}
}

func TestPiecesOfNoiseAreUnstable(t *testing.T) {
	random := rng.Stream(4)
	x, y := make([]float64, 300), make([]float64, 300)
	for i := range x {
		x[i], y[i] = random.Float64(), random.Float64()
	}
	table, err := datasource.NewTable(datasource.Numbers("x", x), datasource.Numbers("y", y))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Config{{K: 8}, {Algorithm: GMM, K: 8}} {
		c.Bootstraps = 20
		r := fitted(t, table, c)
		stable := 0
		for _, s := range r.Stability {
			if s.Verdict == Stable {
				stable++
			}
		}
		// A corner of the square may come back each time.
		if stable > 1 {
			t.Errorf("%s: %d of %d pieces are said to be stable: %+v", r.Algorithm, stable, len(r.Stability), r.Stability)
		}
	}
}

// A ring is cut into three where nothing divides it: its pieces turn when the rows
// are drawn again, while the group that stands apart remains.
func TestOnlyTheSegmentThatIsThereIsStable(t *testing.T) {
	x, y := make([]float64, 300), make([]float64, 300)
	for i := range x {
		y[i], x[i] = math.Sincos(2 * math.Pi * float64(i) / 200)
		if i < 100 {
			x[i], y[i] = 20+0.1*x[i], 20+0.1*y[i]
		}
	}
	table, err := datasource.NewTable(datasource.Numbers("x", x), datasource.Numbers("y", y))
	if err != nil {
		t.Fatal(err)
	}
	r := fitted(t, table, Config{K: 4, Bootstraps: 40})
	for id, s := range r.Stability {
		apart := r.Labels[0] == id
		if apart != (s.Verdict == Stable) {
			t.Errorf("segment %d, apart %v: %+v", id, apart, s)
		}
	}
}

func TestStabilityIsTheSameForAnyNumberOfWorkers(t *testing.T) {
	table := customers(t, 200)
	for _, c := range []Config{{K: 4}, {Algorithm: GMM, K: 3}, {Algorithm: DBSCAN}} {
		c.Bootstraps, c.Features, c.Workers = 10, []string{"Age", "Visits"}, 1
		want := fitted(t, table, c).Stability
		for _, workers := range []int{2, 3, 8} {
			c.Workers = workers
			if got := fitted(t, table, c).Stability; !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %d workers: got %+v, want %+v", c.Algorithm, workers, got, want)
			}
		}
	}
}

func TestStabilityDoesNotDependOnTheOrderOfRows(t *testing.T) {
	table := customers(t, 200)
	c := Config{K: 4, Bootstraps: 10}
	want := fitted(t, table, c).Stability
	if got := fitted(t, table.Take(rng.Stream(8).Perm(200)), c).Stability; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// similarity is the definition, with sets.
func similarity(a, b map[int]bool) float64 {
	both := 0
	for row := range a {
		if b[row] {
			both++
		}
	}
	return float64(both) / float64(len(a)+len(b)-both)
}

func TestSimilaritiesAreThoseOfTheDefinition(t *testing.T) {
	random := rng.Stream(12)
	for range 300 {
		n, k, l := 1+random.IntN(20), 1+random.IntN(4), random.IntN(4)
		rows := make([]int, n)
		for i := range rows {
			rows[i] = random.IntN(n)
		}
		slices.Sort(rows)
		q, found := randomLabels(random.IntN, n, k), randomLabels(random.IntN, n, l)
		for i := 1; i < n; i++ { // equal rows are found in the same part
			if rows[i] == rows[i-1] {
				found.labels[i] = found.labels[i-1]
			}
		}
		got := similarities(rows, q, found)
		for part := range k {
			before, want := map[int]bool{}, -1.0
			for _, row := range rows {
				if int(q.labels[row]) == part {
					before[row], want = true, 0
				}
			}
			for other := range l {
				after := map[int]bool{}
				for i, row := range rows {
					if int(found.labels[i]) == other {
						after[row] = true
					}
				}
				if len(before) > 0 {
					want = max(want, similarity(before, after))
				}
			}
			if got[part] != want {
				t.Fatalf("part %d of %v: got %v, want %v", part, q.labels, got[part], want)
			}
		}
	}
}

func randomLabels(draw func(int) int, n, k int) *partition {
	p := &partition{k: k, labels: make([]int32, n)}
	for i := range p.labels {
		p.labels[i] = int32(draw(k+1)) - 1
	}
	return p
}

func TestStabilityOf(t *testing.T) {
	tests := []struct {
		similar []float64
		want    Stability
	}{
		{[]float64{1, 0.7}, Stability{0, 0.85, 0, Stable}},
		{[]float64{0.5, 0.75, -1}, Stability{0, 0.625, 0, Doubtful}},
		{[]float64{0.25, 0.75}, Stability{0, 0.5, 0.5, Unstable}},
		{[]float64{-1, -1}, Stability{0, 0, 0, Unstable}},
	}
	for _, test := range tests {
		var draws [][]float64
		for _, v := range test.similar {
			draws = append(draws, []float64{v})
		}
		if got := stabilityOf(draws, 0); got != test.want {
			t.Errorf("%v: got %+v, want %+v", test.similar, got, test.want)
		}
	}
}

func TestStabilityOnAwkwardTables(t *testing.T) {
	tests := []struct {
		name  string
		table *datasource.Table
		c     Config
		k     int
	}{
		{"as many segments as rows", onLine(t, 1, 2, 3, 4), Config{K: 4}, 4},
		{"two values", onLine(t, 1, 1, 1, 1, 9), Config{K: 2}, 2},
		{"two values in a mixture", onLine(t, 1, 1, 1, 1, 9), Config{Algorithm: GMM, K: 2}, 2},
		{"noise only", onLine(t, 1, 2, 3, 4), Config{Algorithm: DBSCAN, Epsilon: 1e-6}, 0},
	}
	for _, test := range tests {
		test.c.Bootstraps = 10
		r := fitted(t, test.table, test.c)
		if r.Stability == nil || len(r.Stability) != test.k {
			t.Errorf("%s: got %v, want %d", test.name, r.Stability, test.k)
		}
		for _, s := range r.Stability {
			if math.IsNaN(s.Jaccard) || s.Jaccard < 0 || s.Jaccard > 1 {
				t.Errorf("%s: %+v", test.name, s)
			}
		}
	}
	if r := fitted(t, onLine(t, 1, 2, 3, 4), Config{K: 2}); r.Stability != nil {
		t.Errorf("without being asked for: %v", r.Stability)
	}
}

func TestALargeTableIsDrawnFromInPart(t *testing.T) {
	const n = 3 * stabilityRows
	rows := drawRows(n, Config{Algorithm: KMeans}, 1)
	if len(rows) != stabilityRows || !slices.IsSorted(rows) || rows[len(rows)-1] < n-100 {
		t.Errorf("%d rows up to %d were drawn of %d", len(rows), rows[len(rows)-1], n)
	}
	if all := drawRows(n, Config{Algorithm: DBSCAN}, 1); len(all) != n {
		t.Errorf("%d rows were drawn for DBSCAN, want all %d", len(all), n)
	}
}

func TestDrawnRowsKeepTheirWeights(t *testing.T) {
	p := points{n: 3, d: 2, x: []float64{1, 2, 3, 4, 5, 6}, w: []float64{1, 2, 3}}
	want := points{n: 3, d: 2, x: []float64{1, 2, 5, 6, 5, 6}, w: []float64{1, 3, 3}}
	if got := p.only([]int{0, 2, 2}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestBootstrapStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p, q := points{n: 4, d: 1, x: []float64{0, 1, 8, 9}}, &partition{k: 2, labels: []int32{0, 0, 1, 1}}
	draws := 0
	_, err := bootstrap(ctx, p, q, Config{Algorithm: KMeans, Bootstraps: 1000, Restarts: 1, MaxIterations: 10, Workers: 1}, func() {
		if draws++; draws == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || draws != 3 {
		t.Errorf("got %v after %d draws, want an end after 3", err, draws)
	}
}
