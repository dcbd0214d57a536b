package main

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/datasource/datasourcetest"
)

// TestConformance runs the suite that every source should pass.
func TestConformance(t *testing.T) {
	datasourcetest.Run(t, func(t *testing.T, want *datasource.Table) datasource.Source {
		return encode(t, want)
	})
}

// encode writes a table as JSON lines.
func encode(t *testing.T, table *datasource.Table) JSONLines {
	t.Helper()
	var s JSONLines
	for _, c := range table.Columns() {
		s.Columns = append(s.Columns, datasource.Field{Name: c.Name(), Kind: c.Kind()})
	}
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	for i := range table.Rows() {
		row := make(map[string]any)
		for _, c := range table.Columns() {
			switch {
			case c.Missing(i):
			case c.Kind() == datasource.Numeric:
				row[c.Name()] = c.Floats()[i]
			default:
				row[c.Name()] = c.Cell(i)
			}
		}
		if err := lines.Encode(row); err != nil {
			t.Fatal(err)
		}
	}
	s.Data = out.Bytes()
	return s
}

func TestBadLines(t *testing.T) {
	columns := []datasource.Field{{Name: "n", Kind: datasource.Numeric}, {Name: "s", Kind: datasource.Text}}
	for line, want := range map[string]string{
		`{"n":"1"}`:              `n: "1" is a text`,
		`{"s":1}`:                "s: 1 is a number",
		`{"n":[1]}`:              "n: [1] is neither",
		`{"n":1`:                 "customer after byte",
		`{"n":null} {"n":1e400}`: "customer after byte",
	} {
		_, err := datasource.Load(context.Background(), JSONLines{Data: []byte(line), Columns: columns})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", line, err, want)
		}
	}
	got, err := datasource.Load(context.Background(), JSONLines{Data: []byte(`{"extra":true}`), Columns: columns})
	if err != nil || got.Rows() != 1 || !math.IsNaN(got.Columns()[0].Floats()[0]) {
		t.Errorf("a line of unknown keys: got %v, %v; want one row without values", got, err)
	}
}
