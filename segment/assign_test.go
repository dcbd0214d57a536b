package segment

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
)

// Row by row is the oracle: tasks and blocks of rows must not show.
func TestAssignIsTheSameRowByRowAndForAnyNumberOfCores(t *testing.T) {
	table := tableOf(t, gaussian(3*assignRows+77, 2, 9))
	for _, c := range []Config{{K: 5}, {Algorithm: GMM, K: 3}, {Algorithm: DBSCAN, Epsilon: 0.15}} {
		c.References, c.Restarts = 5, 1
		m := fitted(t, table.Take(slices.Collect(upTo(1000))), c).Model
		want := assigned(t, m, table)
		for row := range table.Rows() {
			if row%61 != 0 {
				continue
			}
			if got := assigned(t, m, table.Take([]int{row})); got[0] != want[row] {
				t.Fatalf("%s: row %d is assigned to %d alone, to %d among others", m.Algorithm(), row, got[0], want[row])
			}
		}
		for _, cores := range []int{1, 2, 3, 8} {
			before := runtime.GOMAXPROCS(cores)
			got := assigned(t, m, table)
			runtime.GOMAXPROCS(before)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %d cores assign in another way", m.Algorithm(), cores)
			}
		}
	}
}

func upTo(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func TestAssignBatchesAssignsAsAWhole(t *testing.T) {
	table := customers(t, 500)
	m := fitted(t, table, Config{K: 4, Features: []string{"Age", "Visits"}}).Model
	var got []int
	var sizes []int
	for batch, err := range m.AssignBatches(t.Context(), batched{table, []int{1, 120}}) {
		if err != nil {
			t.Fatal(err)
		}
		if batch.Table.Rows() != len(batch.Labels) {
			t.Fatalf("%d labels for %d rows", len(batch.Labels), batch.Table.Rows())
		}
		got, sizes = append(got, batch.Labels...), append(sizes, len(batch.Labels))
	}
	if !slices.Equal(got, assigned(t, m, table)) || !slices.Equal(sizes[:3], []int{1, 120, 1}) {
		t.Errorf("batches of %v are assigned in another way than the whole", sizes)
	}
}

func TestAssignBatchesEndsWithAnError(t *testing.T) {
	good := onLine(t, 1, 2, 8, 9)
	m := fitted(t, good, Config{K: 2}).Model
	other, err := datasource.NewTable(datasource.Numbers("y", []float64{1}))
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name    string
		ctx     context.Context
		src     datasource.Source
		batches int
		want    string
		is      error
	}{
		{"a batch without the feature", t.Context(), &sequence{passes: [][]*datasource.Table{{good, other, good}}}, 1, "after 4 rows", datasource.ErrNoColumn},
		{"a nil batch", t.Context(), &sequence{passes: [][]*datasource.Table{{nil}}}, 0, "neither a batch nor an error", nil},
		{"an ended context", ended, good, 0, "after 0 rows", context.Canceled},
		{"an ended context that the source overlooks", ended, &sequence{passes: [][]*datasource.Table{{good}}}, 0, "after 0 rows", context.Canceled},
	}
	for _, test := range tests {
		batches := 0
		var last error
		for _, err := range m.AssignBatches(test.ctx, test.src) {
			if last = err; err == nil {
				batches++
			}
		}
		if batches != test.batches || last == nil || !strings.Contains(last.Error(), test.want) || test.is != nil && !errors.Is(last, test.is) {
			t.Errorf("%s: %d batches, then %v; want %d, then %q", test.name, batches, last, test.batches, test.want)
		}
	}
}

func TestAssignBatchesStopsWhenItsCallerDoes(t *testing.T) {
	table := onLine(t, 1, 2, 8, 9)
	m := fitted(t, table, Config{K: 2}).Model
	batches := 0
	for range m.AssignBatches(t.Context(), batched{table, []int{1}}) {
		if batches++; batches == 2 {
			break
		}
	}
	if batches != 2 {
		t.Errorf("%d batches, want 2", batches)
	}
}

func BenchmarkAssign(b *testing.B) {
	table := tableOf(b, gaussian(200_000, 5, 1))
	few := table.Take(slices.Collect(upTo(2000)))
	for _, c := range []Config{{K: 8}, {Algorithm: GMM, K: 8}, {Algorithm: DBSCAN, Epsilon: 0.5}} {
		c.References, c.Restarts = 5, 1
		r, err := Fit(b.Context(), few, c)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(string(r.Algorithm), func(b *testing.B) {
			for b.Loop() {
				if _, err := r.Model.Assign(table); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(table.Rows())*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
