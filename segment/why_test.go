package segment_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/rng"
	"github.com/cohortlens/cohortlens/segment"
)

// comparing are the algorithms that compare segments, and so have reasons.
var comparing = map[string]segment.Config{
	"kmeans":         {Algorithm: segment.KMeans, K: 4},
	"gmm":            {Algorithm: segment.GMM, K: 4},
	"gmm, tied":      {Algorithm: segment.GMM, K: 3, Covariance: segment.TiedCovariance},
	"gmm, diagonal":  {Algorithm: segment.GMM, K: 3, Covariance: segment.DiagonalCovariance},
	"gmm, spherical": {Algorithm: segment.GMM, K: 3, Covariance: segment.SphericalCovariance},
}

func why(t *testing.T, m *segment.Model, data *datasource.Table) []segment.Reason {
	t.Helper()
	reasons, err := m.Why(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	if len(reasons) != data.Rows() {
		t.Fatalf("%d reasons for %d rows", len(reasons), data.Rows())
	}
	return reasons
}

func TestReasonsAgreeWithThemselves(t *testing.T) {
	for name, cfg := range comparing {
		for seed := range uint64(5) {
			data := mixed(t, 150, 1+int(seed), seed)
			r := fit(t, data, small(cfg, seed))
			for row, reason := range why(t, r.Model, data) {
				if reason.Segment != r.Labels[row] {
					t.Errorf("%s, row %d: the reason is for segment %d, the row is in %d", name, row, reason.Segment, r.Labels[row])
				}
				checkReason(t, fmt.Sprintf("%s, row %d", name, row), r.Model, data, row, reason)
			}
		}
	}
}

func checkReason(t *testing.T, name string, m *segment.Model, data *datasource.Table, row int, r segment.Reason) {
	t.Helper()
	if r.Next == r.Segment || r.Next < 0 || r.Next >= m.K() || r.Margin < -1e-9 {
		t.Errorf("%s: next segment %d of %d, own %d, margin %v", name, r.Next, m.K(), r.Segment, r.Margin)
	}
	sum := r.Offset
	for i, f := range r.Factors {
		sum += f.Contribution
		column, err := data.NumericColumn(f.Column)
		if err != nil {
			t.Fatal(err)
		}
		j := slices.Index(m.Scaler().Columns(), f.Column)
		if f.Value != column.Floats()[row] || f.Centre != m.Centre(r.Segment)[j] || f.NextCentre != m.Centre(r.Next)[j] {
			t.Errorf("%s: %+v is not of segments %d and %d", name, f, r.Segment, r.Next)
		}
		if i > 0 && f.Contribution > r.Factors[i-1].Contribution {
			t.Errorf("%s: contribution %v after %v", name, f.Contribution, r.Factors[i-1].Contribution)
		}
	}
	if len(r.Factors) != len(data.Columns())-1 { // all but the words
		t.Errorf("%s: %d factors", name, len(r.Factors))
	}
	if !(math.Abs(sum-r.Margin) <= 1e-9*(1+math.Abs(r.Margin))) {
		t.Errorf("%s: the parts sum to %v, the margin is %v", name, sum, r.Margin)
	}
}

// The oracle is the definition: squared distances to all centres, one by one.
func TestReasonsOfKMeansEqualDistances(t *testing.T) {
	for seed := range uint64(10) {
		data := mixed(t, 100, 1+int(seed)%4, seed)
		m := fit(t, data, small(segment.Config{K: 2 + int(seed)%4}, seed)).Model
		names, std := m.Scaler().Columns(), m.Scaler().Std()
		squares := func(row, id int) map[string]float64 {
			out := map[string]float64{}
			for j, name := range names {
				column, _ := data.NumericColumn(name)
				out[name] = math.Pow((column.Floats()[row]-m.Centre(id)[j])/std[j], 2)
				out[""] += out[name]
			}
			return out
		}
		for row, r := range why(t, m, data) {
			own, next := squares(row, r.Segment), squares(row, r.Next)
			for id := range m.K() {
				if id != r.Segment && squares(row, id)[""] < next[""]-1e-9 {
					t.Fatalf("seed %d, row %d: segment %d is nearer than the next one, %d", seed, row, id, r.Next)
				}
			}
			if !(math.Abs(r.Margin-(next[""]-own[""])) <= 1e-9) || r.Offset != 0 {
				t.Fatalf("seed %d, row %d: margin %v, offset %v, by distances %v", seed, row, r.Margin, r.Offset, next[""]-own[""])
			}
			for _, f := range r.Factors {
				if want := next[f.Column] - own[f.Column]; !(math.Abs(f.Contribution-want) <= 1e-9) {
					t.Fatalf("seed %d, row %d: %s contributes %v, by distances %v", seed, row, f.Column, f.Contribution, want)
				}
			}
		}
	}
}

func TestMarginsOfAMixtureAreLogOdds(t *testing.T) {
	data := mixed(t, 200, 2, 3)
	r := fit(t, data, small(comparing["gmm"], 3))
	compared := 0
	for row, reason := range why(t, r.Model, data) {
		p := r.Mixture.Probabilities[row]
		for id := range p {
			if id != reason.Segment && p[id] > p[reason.Next] {
				t.Errorf("row %d: the next segment is %d of %v", row, reason.Next, p)
			}
		}
		if p[reason.Next] == 0 {
			continue
		}
		compared++
		if want := math.Log(p[reason.Segment] / p[reason.Next]); !(math.Abs(reason.Margin-want) <= 1e-9) {
			t.Errorf("row %d: margin %v, log odds %v", row, reason.Margin, want)
		}
	}
	if compared < 50 {
		t.Errorf("only %d rows could be compared", compared)
	}
}

func TestPermutingPermutesReasonsOnly(t *testing.T) {
	for name, cfg := range comparing {
		data := mixed(t, 90, 3, 7)
		m := fit(t, data, small(cfg, 7)).Model
		order := rng.Stream(7, 5).Perm(data.Rows())
		shuffled, err := data.Take(order).Select("c", "word", "a", "b")
		if err != nil {
			t.Fatal(err)
		}
		want, got := why(t, m, data), why(t, m, shuffled)
		for i, row := range order {
			if !reflect.DeepEqual(got[i], want[row]) {
				t.Fatalf("%s: row %d has %+v, shuffled %+v", name, row, want[row], got[i])
			}
		}
	}
}

func TestReasonsForAnyNumberOfCores(t *testing.T) {
	data := mixed(t, 5000, 3, 1) // several chunks of work
	m := fit(t, data.Take([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 31, 42}), small(comparing["gmm, tied"], 1)).Model
	before := runtime.GOMAXPROCS(1)
	want := why(t, m, data)
	runtime.GOMAXPROCS(8)
	got := why(t, m, data)
	runtime.GOMAXPROCS(before)
	if !reflect.DeepEqual(got, want) {
		t.Error("the number of cores changes the reasons")
	}
}

func TestReasonsForAwkwardRows(t *testing.T) {
	data := mixed(t, 60, 2, 1)
	rows := table(t, [][]float64{{1, math.NaN(), 3}, {1, 2, math.NaN()}})
	none := segment.Reason{Segment: segment.Noise, Next: segment.Noise}
	for name, cfg := range comparing {
		m := fit(t, data, small(cfg, 1)).Model
		reasons := why(t, m, rows)
		if reasons[0].Segment == segment.Noise || !reflect.DeepEqual(reasons[1:], []segment.Reason{none, none}) {
			t.Errorf("%s: rows that lack features have %+v", name, reasons)
		}
		if got := why(t, m, rows.Take(nil)); len(got) != 0 {
			t.Errorf("%s: no rows have %+v", name, got)
		}
		_, err := m.Why(t.Context(), table(t, [][]float64{{1, 2}}))
		if !errors.Is(err, datasource.ErrNoColumn) {
			t.Errorf("%s: a table without a feature: %v", name, err)
		}
		far := table(t, [][]float64{{1, 1e250, 1e250}, {1, 2, 3}})
		var sum *segment.SumError
		if _, err = m.Why(t.Context(), far); !errors.As(err, &sum) || sum.Row != 1 || !strings.Contains(err.Error(), "row 2") {
			t.Errorf("%s: a row too far out: %v", name, err)
		}
	}
}

func TestNoReasons(t *testing.T) {
	data := mixed(t, 60, 2, 1)
	m := fit(t, data, small(algorithms["dbscan"], 1)).Model
	if _, err := m.Why(t.Context(), data); !errors.Is(err, segment.ErrNoReasons) {
		t.Errorf("DBSCAN: %v", err)
	}
	single := fit(t, data, small(segment.Config{Algorithm: segment.GMM, K: 1}, 1)).Model
	for _, r := range why(t, single, data) {
		if !reflect.DeepEqual(r, segment.Reason{Segment: 0, Next: segment.Noise}) {
			t.Fatalf("a single segment: %+v", r)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := single.Why(ctx, data); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
}

func TestOfEqualNextSegmentsTheFirstCounts(t *testing.T) {
	data := table(t, [][]float64{{-10, -10, 0, 0, 0, 10, 10}})
	for _, r := range why(t, fit(t, data, small(segment.Config{K: 3}, 1)).Model, data.Take([]int{2, 3})) {
		if r.Segment != 0 || r.Next != 1 {
			t.Errorf("segments 1 and 2 are equally near: %+v", r)
		}
	}
}
