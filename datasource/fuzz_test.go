package datasource_test

import (
	"encoding/csv"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
)

// FuzzCSV checks that no text makes the reader panic, that an error says where,
// and that rows are those of encoding/csv wherever both accept a file.
func FuzzCSV(f *testing.F) {
	for _, text := range []string{
		"a,b\n1,x\n", "a;b\r\n1;2\r\n", "\ufeffid,n\n\"1\n2\",3\n\n4,5", "a\n\"\"\n1\n", "a,b\n1,\"x\n", "a,b\n\"x\"\"y\",NaN\n1,2",
		"a\tb\n1\t2\n", "a,a\n", "a,b\r1,2\r", "a,b\n1,\xff\n", " a , b \n x , 5 \n", "id,z\n007,01234\n008,\n",
	} {
		f.Add(text, byte(0))
		f.Add(text, byte(','))
	}
	f.Fuzz(func(t *testing.T, text string, delimiter byte) {
		src := datasource.NewCSVBytes("fuzz", []byte(text), datasource.CSVConfig{Delimiter: rune(delimiter), BatchRows: 3})
		table, err := datasource.Load(t.Context(), src)
		if err != nil {
			checkFault(t, err, text)
			return
		}
		if delimiter != 0 {
			compareWithOracle(t, table, text, rune(delimiter))
		}
		var back strings.Builder
		if err := datasource.WriteCSV(&back, table); err != nil {
			t.Fatal(err)
		}
		again, err := load(t, back.String(), datasource.CSVConfig{Kinds: table.Kinds()})
		if err != nil || show(again) != show(table) {
			t.Fatalf("written and read back: %v\nwant %q\n got %v", err, show(table), again)
		}
	})
}

func checkFault(t *testing.T, err error, text string) {
	t.Helper()
	var fault *datasource.CSVError
	if !errors.As(err, &fault) {
		if !strings.HasPrefix(err.Error(), "csv: Delimiter") {
			t.Fatalf("an error without a place: %v", err)
		}
		return
	}
	if lines := 1 + strings.Count(text, "\n"); fault.Line < 0 || fault.Line > lines {
		t.Fatalf("line %d of %d: %v", fault.Line, lines, err)
	}
	if len(err.Error()) > 1500 {
		t.Fatalf("an error of %d bytes", len(err.Error()))
	}
}

// compareWithOracle skips what the two readers do differently on purpose: blank
// lines of blanks, and carriage returns, which encoding/csv drops inside quotes.
func compareWithOracle(t *testing.T, table *datasource.Table, text string, delimiter rune) {
	t.Helper()
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	r.Comma = delimiter
	records, err := r.ReadAll()
	if err != nil || strings.Contains(text, "\r") || slices.ContainsFunc(strings.Split(text, "\n"), isBlank) {
		return
	}
	if len(records) != table.Rows()+1 {
		t.Fatalf("want %d rows, got %d", len(records)-1, table.Rows())
	}
	for row, cells := range records[1:] {
		for i, c := range table.Columns() {
			want := cells[i]
			if c.Kind() == datasource.Categorical || isBlank(want) {
				want = strings.Trim(want, " \t")
			}
			if c.Kind() != datasource.Numeric && c.Cell(row) != want {
				t.Fatalf("row %d, column %d: want %q, got %q", row+1, i+1, want, c.Cell(row))
			}
			if c.Missing(row) != isBlank(want) {
				t.Fatalf("row %d, column %d: %q, missing %v", row+1, i+1, want, c.Missing(row))
			}
		}
	}
}

func isBlank(line string) bool { return strings.Trim(line, " \t") == "" }

// FuzzSchema makes a table and rules out of bytes, and compares what Validate
// and Prepare count with a plain count.
func FuzzSchema(f *testing.F) {
	f.Add([]byte{1, 2, 3, 0, 0, 255, 7, 7, 9, 9}, uint8(0))
	f.Add([]byte("a table of random bytes, repeated a table of random bytes"), uint8(1))
	f.Add([]byte{}, uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, choice uint8) {
		table := fuzzTable(t, data)
		schema := datasource.Schema{ID: "id", Fields: []datasource.Field{
			datasource.IDField("id"),
			{Name: "n", Kind: datasource.Numeric, Rules: []datasource.Rule{
				datasource.Present(), datasource.Whole(), datasource.Between(-2, 10), datasource.MoreThan(-1), datasource.AtLeast(0), datasource.Unique(),
			}},
			{Name: "c", Kind: datasource.Categorical, Rules: []datasource.Rule{datasource.Present(), datasource.AtMostRunes(1)}},
		}}
		want, bad := recount(t, table)
		kept, found, err := datasource.Validate(t.Context(), table, schema, datasource.Drop)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		total := 0
		for _, c := range found.Counts {
			got[c.Column+" "+c.Rule] = c.Count
			total += c.Count
		}
		if !maps.Equal(want, got) || found.BadRows != bad || kept.Rows() != table.Rows()-bad {
			t.Fatalf("want %v and %d bad rows, got %v and %d", want, bad, got, found.BadRows)
		}
		if len(found.Examples) != min(total, datasource.MaxExamples) {
			t.Fatalf("%d examples of %d violations", len(found.Examples), total)
		}
		policy := []datasource.Policy{datasource.Drop, datasource.Keep}[choice%2]
		_, q, _ := datasource.Prepare(t.Context(), table, schema, policy)
		if q.Rows != q.Kept+q.SetAside+q.MissingRows+q.DuplicateRows || q.Rows != table.Rows() {
			t.Fatalf("rows went missing: %+v", q)
		}
	})
}
