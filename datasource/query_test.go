package datasource_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/cohortlens/cohortlens/datasource"
)

var errFake = errors.New("the database is gone")

func TestQueryTypes(t *testing.T) {
	when := time.Date(2026, 2, 3, 4, 5, 6, 0, time.FixedZone("", 3600))
	result := &fakeResult{
		types: []string{"BIGINT", "NUMERIC(12,2)", "BOOL", "TEXT", "TIMESTAMPTZ", "VARCHAR", "", "bytea", "INT8"},
		rows: fakeTable{
			names: []string{"customer_id", "income", "active", "zip", "seen", "size", "dynamic", "note", "age"},
			cells: [][]driver.Value{
				{int64(9007199254740993), []byte("1234.50"), true, "01234", when, "10", int64(3), []byte("é"), nil},
				{int64(2), "12", false, "02345", when, "12", 2.5, nil, int64(7)},
				{int64(3), nil, nil, "", when, " 10", nil, []byte("é"), nil},
			},
		},
	}
	table, err := datasource.Load(t.Context(), datasource.NewQuery(openFake(t, result), "select", 1, "x"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		column string
		kind   datasource.Kind
		cells  [3]string
	}{
		{"customer_id", datasource.Text, [3]string{"9007199254740993", "2", "3"}},
		{"income", datasource.Numeric, [3]string{"1234.5", "12", ""}},
		{"active", datasource.Numeric, [3]string{"1", "0", ""}},
		{"zip", datasource.Categorical, [3]string{"01234", "02345", ""}},
		{"seen", datasource.Categorical, [3]string{"2026-02-03T04:05:06+01:00", "2026-02-03T04:05:06+01:00", "2026-02-03T04:05:06+01:00"}},
		{"size", datasource.Categorical, [3]string{"10", "12", "10"}},
		{"dynamic", datasource.Numeric, [3]string{"3", "2.5", ""}},
		{"note", datasource.Categorical, [3]string{"é", "", "é"}},
		{"age", datasource.Numeric, [3]string{"", "7", ""}},
	} {
		c, err := table.Column(want.column)
		if err != nil {
			t.Fatal(err)
		}
		if c.Kind() != want.kind {
			t.Errorf("%s: want %s, got %s", want.column, want.kind, c.Kind())
		}
		for row, cell := range want.cells {
			if c.Cell(row) != cell {
				t.Errorf("%s, row %d: want %q, got %q", want.column, row+1, cell, c.Cell(row))
			}
		}
	}
}

func TestQueryRefuses(t *testing.T) {
	tests := map[string]struct {
		value   driver.Value
		kinds   map[string]datasource.Kind
		message string
	}{
		"NaN":             {value: math.NaN(), message: `row 2, column "x": NaN is not a finite number`},
		"infinity":        {value: math.Inf(-1), message: `row 2, column "x": -Inf is not a finite number`},
		"bytes":           {value: []byte{0xff}, message: `row 2, column "x": the value is not UTF-8 text`},
		"text for number": {value: "1,000", kinds: map[string]datasource.Kind{"x": datasource.Numeric}, message: "thousands separators"},
		"unknown column":  {value: 1.0, kinds: map[string]datasource.Kind{"y": datasource.Numeric}, message: `no column "y"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			result := &fakeResult{rows: fakeTable{names: []string{"x"}, cells: [][]driver.Value{{1.0}, {test.value}}}}
			q := datasource.NewQuery(openFake(t, result), "select")
			q.Kinds = test.kinds
			table, err := datasource.Load(t.Context(), q)
			if table != nil || err == nil || !strings.Contains(err.Error(), test.message) {
				t.Errorf("want %q, got %v, %v", test.message, table, err)
			}
		})
	}
}

func TestQueryHeader(t *testing.T) {
	for message, names := range map[string][]string{
		"column 2 of the result has no name":          {"a", ""},
		`columns 1 and 3 of the result have the same`: {"a", "b", "a"},
	} {
		result := &fakeResult{rows: fakeTable{names: names}}
		_, err := datasource.Load(t.Context(), datasource.NewQuery(openFake(t, result), "select"))
		if err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("want %q, got %v", message, err)
		}
	}
}

func TestQueryErrorsArePassedOn(t *testing.T) {
	rows := fakeTable{names: []string{"x"}, cells: [][]driver.Value{{1.0}, {2.0}, {3.0}}}
	for name, kinds := range map[string]map[string]datasource.Kind{
		"gathered": nil, "streamed": {"x": datasource.Numeric},
	} {
		q := datasource.NewQuery(openFake(t, &fakeResult{rows: rows, failAfter: 2, failure: errFake}), "select")
		q.Kinds = kinds
		if _, err := datasource.Load(t.Context(), q); !errors.Is(err, errFake) {
			t.Errorf("%s: want %v, got %v", name, errFake, err)
		}
	}
	q := datasource.NewQuery(openFake(t, &fakeResult{rows: rows}), "bad")
	if _, err := datasource.Load(t.Context(), q); !errors.Is(err, errFake) {
		t.Errorf("want %v, got %v", errFake, err)
	}
}

func TestQueryRunsNothingAfterItsContext(t *testing.T) {
	result := &fakeResult{rows: fakeTable{names: []string{"x"}}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := datasource.Load(ctx, datasource.NewQuery(openFake(t, result), "select"))
	if !errors.Is(err, context.Canceled) || result.queries.Load() != 0 {
		t.Errorf("want context.Canceled and no query, got %v and %d", err, result.queries.Load())
	}
}

// Rows are counted over all batches, in what is read and in errors.
func TestQueryCountsRowsAcrossBatches(t *testing.T) {
	const n = 40_000
	rows := fakeTable{names: []string{"x", "y"}}
	for i := range n {
		rows.cells = append(rows.cells, []driver.Value{int64(i), "1"})
	}
	for name, kinds := range map[string]map[string]datasource.Kind{
		"gathered": {"y": datasource.Numeric}, "streamed": {"x": datasource.Numeric, "y": datasource.Numeric},
	} {
		rows.cells[n-1][1] = "1"
		q := datasource.NewQuery(openFake(t, &fakeResult{rows: rows}), "select")
		q.Kinds = kinds
		table, err := datasource.Load(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range []int{0, 20_000, n - 1} {
			if table.Line(row) != row+1 {
				t.Errorf("%s: row %d has number %d", name, row+1, table.Line(row))
			}
		}
		rows.cells[n-1][1] = "one"
		_, err = datasource.Load(t.Context(), q)
		var bad *datasource.CellError
		if !errors.As(err, &bad) || bad.Row != n || bad.Column != "y" {
			t.Errorf("%s: want a bad cell in row %d, got %v", name, n, err)
		}
	}
}
