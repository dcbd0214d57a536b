package datasource_test

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/datasource/datasourcetest"
)

func TestLoadReturnsNoPartOfATable(t *testing.T) {
	broken := errors.New("the source broke")
	for batches := range 6 {
		src := datasourcetest.Faulty(datasourcetest.InBatches(small(t), 1), batches, broken)
		if table, err := datasource.Load(t.Context(), src); table != nil || !errors.Is(err, broken) {
			t.Errorf("after %d batches: got %v, %v", batches, table, err)
		}
	}
}

// In a synctest bubble time is exact: Load must end at the moment that its
// context does, and not when the source would have gone on.
func TestLoadEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Minute)
		defer cancel()
		start := time.Now()
		table, err := datasource.Load(ctx, datasourcetest.Slow(datasourcetest.InBatches(small(t), 1), time.Hour))
		if table != nil || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, %v", table, err)
		}
		if took := time.Since(start); took != 90*time.Minute {
			t.Errorf("Load ended after %v", took)
		}
	})
}

func TestSlowSourceIsComplete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		want := small(t)
		got, err := datasource.Load(t.Context(), datasourcetest.Slow(datasourcetest.InBatches(want, 3), time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if d := datasourcetest.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

type batches []*datasource.Table

func (b batches) Batches(context.Context) iter.Seq2[*datasource.Table, error] {
	return func(yield func(*datasource.Table, error) bool) {
		for _, batch := range b {
			if !yield(batch, nil) {
				return
			}
		}
	}
}

func TestLoadRefusesSourcesThatBreakTheContract(t *testing.T) {
	numbers := newTable(t, datasource.Numbers("a", []float64{1}))
	for words, src := range map[string]batches{
		"no batch":                 {},
		"neither a batch nor":      {numbers, nil},
		"1 columns, then 3":        {numbers, small(t)},
		`then text "a"`:            {numbers, newTable(t, datasource.Texts("a", []string{"1"}))},
		`then numeric "b"`:         {numbers, newTable(t, datasource.Numbers("b", []float64{1}))},
		`column 1 is numeric "a",`: {numbers, newTable(t, datasource.Categories("a", []string{"1"}))},
	} {
		if table, err := datasource.Load(t.Context(), src); table != nil || err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("want %q, got %v, %v", words, table, err)
		}
	}
}

// What is read must not depend on the number of cores.
func TestCSVIsTheSameOnAnyNumberOfCores(t *testing.T) {
	var text strings.Builder
	text.WriteString("id,level,n,note\n")
	for row := range 60_000 {
		text.WriteString([]string{"0001,a,1.5,\"x\ny\"\n", "2,b,,z\n\n", "0001,c,-7,\n"}[row%3])
	}
	var want *datasource.Table
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, cores := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(cores)
		got, err := load(t, text.String(), datasource.CSVConfig{})
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if d := datasourcetest.Diff(want, got); d != "" {
			t.Errorf("%d cores: %s", cores, d)
		}
		for row := range want.Rows() {
			if want.Line(row) != got.Line(row) {
				t.Fatalf("%d cores: row %d is on line %d, then on %d", cores, row+1, want.Line(row), got.Line(row))
			}
		}
	}
}

func TestReadAgainAfterReaderIsConsumed(t *testing.T) {
	src := datasource.NewCSVReader("stdin", strings.NewReader("a,b\n1,2\n"), datasource.CSVConfig{})
	if _, err := datasource.Load(t.Context(), src); err != nil {
		t.Fatal(err)
	}
	_, err := datasource.Load(t.Context(), src)
	if !errors.Is(err, datasource.ErrConsumed) || !strings.HasPrefix(err.Error(), "stdin: ") {
		t.Errorf("want ErrConsumed, got %v", err)
	}
}
