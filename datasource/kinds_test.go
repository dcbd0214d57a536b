package datasource_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/testkit"
)

// column makes CSV text of one column, quoted so that any cell is possible, and
// a second column that keeps blank cells from being blank lines.
func column(name string, cells ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q,other\n", name)
	for _, cell := range cells {
		fmt.Fprintf(&b, "\"%s\",1\n", cell)
	}
	return b.String()
}

func numbered(format string, n, modulus int) []string {
	cells := make([]string, n)
	for i := range cells {
		cells[i] = fmt.Sprintf(format, i%modulus)
	}
	return cells
}

func TestInferredKinds(t *testing.T) {
	const numeric, categorical, text = datasource.Numeric, datasource.Categorical, datasource.Text
	tests := map[string]struct {
		name  string
		cells []string
		want  datasource.Kind
	}{
		"numbers":                      {"x", []string{"1", "2.5", "", "-3"}, numeric},
		"two values of numbers":        {"x", numbered("%d", 100, 2), numeric},
		"leading zeros":                {"zip", []string{"01234", "2345", "3456"}, categorical},
		"zeros are no codes":           {"x", []string{"0", "0.5", "0e1", "-0.1"}, numeric},
		"words":                        {"x", []string{"a", "b", "a"}, categorical},
		"20 levels in few rows":        {"x", numbered("v%d", 40, 20), categorical},
		"21 levels in few rows":        {"x", numbered("v%d", 40, 21), text},
		"50 levels in 1,000 rows":      {"x", numbered("v%d", 1000, 50), categorical},
		"51 levels in 1,000 rows":      {"x", numbered("v%d", 1000, 51), text},
		"1,000 levels in many rows":    {"x", numbered("v%d", 30_000, 1000), categorical},
		"1,001 levels in many rows":    {"x", numbered("v%d", 30_000, 1001), text},
		"nothing":                      {"x", []string{"", " ", ""}, text},
		"a label in the last row":      {"x", append(numbered("%d", 50_000, 10), "A12"), categorical},
		"labels among many codes":      {"x", append(numbered("%d", 30_000, 3000), "SW1A"), text},
		"19 numbers and a word":        {"x", append(numbered("%d", 19, 10), "ten"), categorical},
		"words in one of 19":           {"x", append(numbered("%d", 36, 10), "ten", "ten"), categorical},
		"words first, then numbers":    {"x", append(numbered("w%d x", 1500, 1500), numbered("%d", 20_000, 20)...), text},
		"numbers first, then words":    {"x", slices.Concat([]string{"word"}, numbered("%d.0000000000000000", 30_000, 30_000), numbered("w %d", 30_000, 30_000)), text},
		"a list":                       {"x", []string{"1,2,3", "1,2", "4,5,6", "2,3,4"}, categorical},
		"mostly no amounts":            {"x", []string{"5%", "10%", "$15"}, categorical},
		"a missing word":               {"x", []string{"a", "b", "NA", "a"}, categorical},
		"mostly no numbers":            {"x", []string{"5%", "10%", "15"}, categorical},
		"numbers as IDs":               {"CustomerID", numbered("%d", 30, 30), text},
		"id":                           {"id", numbered("%d", 30, 30), text},
		"customer_id":                  {"customer_id", numbered("%d", 30, 30), text},
		"Client Id":                    {"Client Id", numbered("%d", 30, 30), text},
		"userId":                       {"userId", numbered("%d", 30, 30), text},
		"an ID with a repeat":          {"id", append(numbered("%d", 30, 30), "7", ""), text},
		"an ID that means something":   {"segment_id", numbered("%d", 30, 3), numeric},
		"paid is no ID":                {"paid", numbered("%d", 30, 30), numeric},
		"GRID is no ID":                {"GRID", numbered("%d", 30, 30), numeric},
		"distinct numbers are numbers": {"income", numbered("%d", 30, 30), numeric},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			table, err := load(t, column(test.name, test.cells...), datasource.CSVConfig{})
			if err != nil {
				t.Fatal(err)
			}
			c, err := table.Column(test.name)
			if err != nil {
				t.Fatal(err)
			}
			if c.Kind() != test.want {
				t.Errorf("want %s, got %s", test.want, c.Kind())
			}
		})
	}
}

func TestBrokenNumbersAreNotCategories(t *testing.T) {
	tests := map[string]string{
		"NaN": "leave the cell empty", "Inf": "finite", "-infinity": "finite", "1e309": "too large", "-1e400": "too large",
		"0x1p-2": "decimal digits", "0x1F": "decimal digits", "1_000": "underscores", "1,000": "thousands separators",
		"1,234,567.5": "thousands separators", "1,5": "decimal point", "1.234,50": "decimal point", "$5": "currency", "5 €": "currency",
		"$1,234.50": "currency", "-$5": "currency", "5%": "percent", "1 000": "without spaces", "1\u00a0000": "without spaces", "1'000": "without spaces",
		"\u22125": "minus", "NA": "leave the cell empty", "N/A": "leave the cell empty", "null": "leave the cell empty",
		"None": "leave the cell empty", "-": "leave the cell empty", "#N/A": "leave the cell empty",
		strings.Repeat("9", 400): "too large", "-" + strings.Repeat("9", 400): "too large",
	}
	for cell, hint := range tests {
		t.Run(shortName(cell), func(t *testing.T) {
			_, err := load(t, column("x", "1", "2", "", cell, "3"), datasource.CSVConfig{})
			var fault *datasource.CSVError
			if !errors.As(err, &fault) || fault.Line != 5 || fault.Column != "x" || !strings.Contains(fault.Hint, hint) {
				t.Errorf("inferred: want line 5 and %q, got %v", hint, err)
			}
			kinds := map[string]datasource.Kind{"x": datasource.Numeric}
			_, err = load(t, column("x", cell), datasource.CSVConfig{Kinds: kinds})
			if !errors.As(err, &fault) || fault.Line != 2 || !strings.Contains(fault.Hint, hint) {
				t.Errorf("demanded: want line 2 and %q, got %v", hint, err)
			}
			kinds["x"] = datasource.Categorical
			if _, err = load(t, column("x", "1", cell, "3"), datasource.CSVConfig{Kinds: kinds}); err != nil {
				t.Errorf("as a category: %v", err)
			}
		})
	}
}

// A column of amounts is no column of words because each is written wrongly.
func TestAmountsAreNotText(t *testing.T) {
	tests := map[string]struct {
		cells []string
		line  int
		hint  string
	}{
		"decimal commas":            {numbered("%d3,45", 1500, 1500), 2, "decimal point, and no comma"},
		"few decimal commas":        {[]string{"", "1,5", "2,5", "1,5", "NA"}, 3, "decimal point, and no comma"},
		"both separators":           {[]string{"1.234,50", "2.345,60"}, 2, "decimal point, and no comma"},
		"thousands":                 {[]string{"1,234", "2,345,678", "12"}, 2, "without thousands separators"},
		"currency":                  {numbered("$8%d,835.00", 50, 50), 2, "without the currency sign"},
		"currency behind":           {numbered("%d €", 50, 50), 2, "without the currency sign"},
		"decimal commas and a word": {append(numbered("%d3,45", 30, 30), "unknown"), 2, "decimal point, and no comma"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, column("x", test.cells...), datasource.CSVConfig{})
			var fault *datasource.CSVError
			if !errors.As(err, &fault) || fault.Line != test.line || !strings.Contains(fault.Hint, test.hint) {
				t.Errorf("want line %d and %q, got %v", test.line, test.hint, err)
			}
		})
	}
}

// A word among numbers does not turn a column of numbers into categories, in
// whichever block of the file it stands and however many values there are.
func TestStrayWordsAreFaults(t *testing.T) {
	for name, test := range map[string]struct {
		cells []string
		line  int
		words string
	}{
		"first":        {append([]string{"unknown"}, numbered("%d", 50_000, 50_000)...), 2, "50000 of 50001 cells"},
		"last":         {append(numbered("%d", 50_000, 10), "ten"), 50_002, "50000 of 50001 cells"},
		"with blanks":  {append(numbered("%d", 40, 10), "", "about 30"), 43, "40 of 41 cells"},
		"one in 20":    {append([]string{"x", "y"}, numbered("%d", 38, 38)...), 2, "38 of 40 cells"},
		"with a unit":  {append(numbered("%d", 20, 10), "34y"), 22, "20 of 21 cells"},
		"open ended":   {append(numbered("%d", 20, 10), "10+"), 22, "20 of 21 cells"},
		"NA, then one": {append(numbered("%d", 60, 10), "NA", "ten"), 62, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, column("x", test.cells...), datasource.CSVConfig{})
			var fault *datasource.CSVError
			if !errors.As(err, &fault) || fault.Line != test.line || fault.Column != "x" || !strings.Contains(fault.Reason, test.words) ||
				!strings.Contains(fault.Hint, "leave the cell empty") {
				t.Errorf("want line %d and %q, got %v", test.line, test.words, err)
			}
			kinds := map[string]datasource.Kind{"x": datasource.Categorical}
			if _, err := load(t, column("x", test.cells...), datasource.CSVConfig{Kinds: kinds}); err != nil {
				t.Errorf("as a category: %v", err)
			}
		})
	}
}

func shortName(s string) string { return s[:min(len(s), 20)] }

// A word in a column that was said to hold numbers may mean that it does not.
func TestWordAmongNumbersHasNoHint(t *testing.T) {
	_, err := load(t, "x\nabc\n", datasource.CSVConfig{Kinds: map[string]datasource.Kind{"x": datasource.Numeric}})
	if err == nil || !strings.Contains(err.Error(), "read it as categorical or text") {
		t.Errorf("got %v", err)
	}
}

func TestKindsGoBeforeSchemaBeforeInference(t *testing.T) {
	const text = "CustomerID,Gender,Age,Profession,extra\n1,1,20,x,5\n2,0,30,y,6\n"
	table, err := load(t, text, datasource.CSVConfig{
		Schema: datasource.CustomerSchema(), Kinds: map[string]datasource.Kind{"Age": datasource.Text},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]datasource.Kind{
		"CustomerID": datasource.Text, "Gender": datasource.Categorical, "Age": datasource.Text,
		"Profession": datasource.Categorical, "extra": datasource.Numeric,
	}
	for name, kind := range table.Kinds() {
		if want[name] != kind {
			t.Errorf("%s: want %s, got %s", name, want[name], kind)
		}
	}
	_, err = load(t, text, datasource.CSVConfig{Kinds: map[string]datasource.Kind{"age": datasource.Numeric}})
	var missing *datasource.ColumnError
	if !errors.As(err, &missing) || missing.Nearest != "Age" {
		t.Errorf("want a ColumnError that suggests Age, got %v", err)
	}
}

// Rows and missing values are those of pandas 2.3.3 read_csv (isna().sum()); the
// files need no setting: one has semicolons, a byte order mark and missing
// incomes, the other IDs with leading zeros.
func TestRealFilesNeedNoSettings(t *testing.T) {
	tests := []struct {
		file, id, firstID string
		rows, columns     int
		numeric           int
		missing           int
	}{
		{"marketing_campaign.csv", "ID", "5524", 2240, 29, 25, 24},
		{"mall_customers.csv", "CustomerID", "0001", 200, 5, 3, 0},
		{"shop_customers.csv", "CustomerID", "1", 2000, 8, 5, 35},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			path := testkit.SharedFile(t, "data", test.file)
			table, err := datasource.Load(t.Context(), datasource.NewCSVFile(path, datasource.CSVConfig{}))
			if err != nil {
				t.Fatal(err)
			}
			numeric, missing := 0, 0
			for _, c := range table.Columns() {
				missing += c.MissingCount()
				if c.Kind() == datasource.Numeric {
					numeric++
				}
			}
			if table.Rows() != test.rows || len(table.Columns()) != test.columns || numeric != test.numeric || missing != test.missing {
				t.Errorf("%d rows, %d columns, %d of them numeric, %d missing values",
					table.Rows(), len(table.Columns()), numeric, missing)
			}
			id, err := table.Column(test.id)
			if err != nil || id.Kind() != datasource.Text || id.Cell(0) != test.firstID || datasource.InferSchema(table).ID != test.id {
				t.Errorf("ID: %s, first %q, %v", id.Kind(), id.Cell(0), err)
			}
		})
	}
}
