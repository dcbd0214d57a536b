package datasource_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/datasource/datasourcetest"
)

func csvText(t *testing.T, table *datasource.Table) []byte {
	t.Helper()
	var text bytes.Buffer
	if err := datasource.WriteCSV(&text, table); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func TestTableConforms(t *testing.T) {
	datasourcetest.Run(t, func(t *testing.T, want *datasource.Table) datasource.Source { return want })
}

func TestInBatchesConforms(t *testing.T) {
	datasourcetest.Run(t, func(t *testing.T, want *datasource.Table) datasource.Source {
		return datasourcetest.InBatches(want, 1000)
	})
}

func TestCSVBytesConforms(t *testing.T) {
	datasourcetest.Run(t, func(t *testing.T, want *datasource.Table) datasource.Source {
		return datasource.NewCSVBytes("want.csv", csvText(t, want), datasource.CSVConfig{Kinds: want.Kinds()})
	})
}

func TestCSVFileConforms(t *testing.T) {
	datasourcetest.Run(t, func(t *testing.T, want *datasource.Table) datasource.Source {
		path := filepath.Join(t.TempDir(), "want.csv")
		if err := os.WriteFile(path, csvText(t, want), 0o600); err != nil {
			t.Fatal(err)
		}
		return datasource.NewCSVFile(path, datasource.CSVConfig{Kinds: want.Kinds(), BatchRows: 700})
	})
}

func TestCSVReaderConforms(t *testing.T) {
	datasourcetest.Run(t, func(t *testing.T, want *datasource.Table) datasource.Source {
		r := iotest.HalfReader(bytes.NewReader(csvText(t, want)))
		return datasource.NewCSVReader("stdin", r, datasource.CSVConfig{Kinds: want.Kinds(), Delimiter: ','})
	}, datasourcetest.OneShot())
}

// The kind of one column is left to inference, so that the text is read twice.
func TestCSVReaderWithInferenceConforms(t *testing.T) {
	datasourcetest.Run(t, func(t *testing.T, want *datasource.Table) datasource.Source {
		kinds := want.Kinds()
		for _, c := range want.Columns() {
			if c.Kind() == datasource.Numeric && c.Len() > 0 {
				delete(kinds, c.Name())
				break
			}
		}
		return datasource.NewCSVReader("stdin", bytes.NewReader(csvText(t, want)), datasource.CSVConfig{Kinds: kinds})
	}, datasourcetest.OneShot())
}

func TestDataFrameConforms(t *testing.T) {
	datasourcetest.Run(t, func(t *testing.T, want *datasource.Table) datasource.Source {
		table, err := datasource.FromDataFrame(want.DataFrame())
		if err != nil {
			t.Fatal(err)
		}
		table, err = table.Convert(want.Kinds())
		if err != nil {
			t.Fatal(err)
		}
		return table
	})
}

func TestQueryConforms(t *testing.T) {
	datasourcetest.Run(t, func(t *testing.T, want *datasource.Table) datasource.Source {
		q := datasource.NewQuery(openFake(t, &fakeResult{rows: fakeRows(want)}), "select")
		q.Kinds = want.Kinds()
		return q
	})
}

func TestQueryWithInferenceConforms(t *testing.T) {
	datasourcetest.Run(t, func(t *testing.T, want *datasource.Table) datasource.Source {
		q := datasource.NewQuery(openFake(t, &fakeResult{rows: fakeRows(want)}), "select")
		q.Kinds = want.Kinds()
		for _, c := range want.Columns() {
			if c.Kind() == datasource.Numeric && c.Len() > 0 {
				delete(q.Kinds, c.Name())
				break
			}
		}
		return q
	})
}
