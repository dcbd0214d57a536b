package datasource_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
)

func load(t *testing.T, text string, cfg datasource.CSVConfig) (*datasource.Table, error) {
	t.Helper()
	return datasource.Load(t.Context(), datasource.NewCSVBytes("x.csv", []byte(text), cfg))
}

// show writes a table as lines of cells, missing cells as <>.
func show(t *datasource.Table) string {
	rows := []string{strings.Join(t.Names(), "|")}
	for row := range t.Rows() {
		var cells []string
		for _, c := range t.Columns() {
			cell := c.Cell(row)
			if c.Missing(row) {
				cell = "<>"
			}
			cells = append(cells, cell)
		}
		rows = append(rows, strings.Join(cells, "|"))
	}
	return strings.Join(rows, " / ")
}

func TestCSVAccepts(t *testing.T) {
	tests := map[string]struct {
		text, want string
		lines      []int
	}{
		"plain":                   {"a,b\n1,x\n2,y\n", "a|b / 1|x / 2|y", []int{2, 3}},
		"byte order mark":         {"\ufeffa,b\n1,x\n", "a|b / 1|x", []int{2}},
		"CRLF":                    {"a,b\r\n1,x\r\n2,y\r\n", "a|b / 1|x / 2|y", []int{2, 3}},
		"no line end at the end":  {"a,b\n1,x", "a|b / 1|x", []int{2}},
		"carriage return at end":  {"a,b\n1,x\r", "a|b / 1|x", []int{2}},
		"blank rows":              {"\n \t\na,b\n\n1,x\r\n\r\n  \n2,y\n\n", "a|b / 1|x / 2|y", []int{5, 8}},
		"a row of missing values": {"a,b\n,\n1,x\n", "a|b / <>|<> / 1|x", []int{2, 3}},
		"quoted line breaks":      {"a,id\n1,\"p\nq\r\nr\"\n2,s\n", "a|id / 1|p\nq\r\nr / 2|s", []int{2, 5}},
		"breaks beside umlauts":   {"a,id\n1,\"Hauptstraße 1\r\n\tKöln\"\n2,é\tà\n", "a|id / 1|Hauptstraße 1\r\n\tKöln / 2|é\tà", []int{2, 4}},
		"quotes":                  {"a,id\n\"1\",\"say \"\"hi\"\", bob\"\n2,\"\"\"\"\n", "a|id / 1|say \"hi\", bob / 2|\"", []int{2, 3}},
		"quoted header":           {"\"a\"\"b\",\"c,d\"\n1,2\n", "a\"b|c,d / 1|2", []int{2}},
		"blanks around names":     {" a , b\t\n1,2\n", "a|b / 1|2", []int{2}},
		"numbers":                 {"a,b\n +5 ,.5\n-1e3,5.\n\t7\t,1E-2\n", "a|b / 5|0.5 / -1000|5 / 7|0.01", []int{2, 3, 4}},
		"missing numbers":         {"a,b\n,1\n  ,2\n\"\",3\n4,4\n", "a|b / <>|1 / <>|2 / <>|3 / 4|4", []int{2, 3, 4, 5}},
		"semicolons":              {"a;b\n1;2,5 km\n", "a|b / 1|2,5 km", []int{2}},
		"tabs":                    {"a\tb\n1\t\n", "a|b / 1|<>", []int{2}},
		"bars":                    {"a|b\n1|2\n", "a|b / 1|2", []int{2}},
		"one column":              {"a\n1\n2\n", "a / 1 / 2", []int{2, 3}},
		"one column, missing":     {"a\n1\n\"\"\n2\n", "a / 1 / <> / 2", []int{2, 3, 4}},
		"header only":             {"a,b\n", "a|b", nil},
		"header without line end": {"a,b", "a|b", nil},
		"categories are trimmed":  {"a,b\n x ,1\nx,2\n", "a|b / x|1 / x|2", []int{2, 3}},
		"non-ASCII":               {"a,b\nZoë,日本\n", "a|b / Zoë|日本", []int{2}},
		"IDs stay as they are": {
			"id,b\n../../etc/passwd,1\n'; DROP TABLE customers;--,2\n<script>,3\n 0012 ,4\n=1+1,5\n",
			"id|b / ../../etc/passwd|1 / '; DROP TABLE customers;--|2 / <script>|3 /  0012 |4 / =1+1|5", []int{2, 3, 4, 5, 6},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			table, err := load(t, test.text, datasource.CSVConfig{})
			if err != nil {
				t.Fatal(err)
			}
			if got := show(table); got != test.want {
				t.Errorf("want %q, got %q", test.want, got)
			}
			for row, line := range test.lines {
				if table.Line(row) != line {
					t.Errorf("row %d: want line %d, got %d", row+1, line, table.Line(row))
				}
			}
		})
	}
}

func TestCSVRefuses(t *testing.T) {
	tests := map[string]struct {
		text   string
		line   int
		column string
		words  string
	}{
		"empty":                  {"", 0, "", "empty"},
		"only blank lines":       {"\n\n  \n", 0, "", "empty"},
		"short row":              {"a,b,c\n1,2,3\n4,5\n", 3, "", "the row has 2 cells, the header has 3"},
		"long row":               {"a,b\n1,2\n\n3,4,5\n", 4, "", "more cells than the header"},
		"long row of thousands":  {"a,b\n1,000,2\n", 2, "", "must be in double quotes"},
		"after quoted newlines":  {"a,b\n\"1\n2\n3\",x\r\n\r\n4\n", 6, "", "the row has 1 cell"},
		"bare quote":             {"a,b\n1,x\"y\n", 2, "b", "double quote inside a cell"},
		"blank before quote":     {"a,b\n1, \"y\"\n", 2, "b", "double quote inside a cell"},
		"text after quote":       {"a,b\n1,\"x\"y\n", 2, "b", "after the closing quote"},
		"unclosed quote":         {"a,b\n1,x\n2,\"y\n3,z\n", 3, "b", "never closed"},
		"unclosed after newline": {"a,b\n\"p\nq\",\"y\n3,z\n", 3, "b", "never closed"},
		"NUL":                    {"a,b\n1,x\x00\n", 2, "b", "NUL"},
		"NUL in quotes":          {"a,b\n1,\"x\n\x00\"\n", 3, "b", "NUL"},
		"escape":                 {"a,b\n\x1b[31m,2\n", 2, "a", "0x1b"},
		"delete":                 {"a,b\n1\x7f,2\n", 2, "a", "0x7f"},
		"control beyond ASCII":   {"a,b\n1,x\u0085\n", 2, "b", "U+0085"},
		"vertical tab in header": {"a\v,b\n", 1, "", "0x0b"},
		"lone carriage return":   {"a,b\r1,2\r", 1, "", "carriage return"},
		"invalid UTF-8":          {"a,b\n1,\xff\n", 2, "b", "save the file as UTF-8"},
		"Latin-1":                {"a,b\nZo\xeb,1\n", 2, "a", "0xeb is not UTF-8"},
		"invalid in quotes":      {"a,b\n\"\xc3\",1\n", 2, "a", "0xc3"},
		"overlong UTF-8":         {"a,b\n1,\xc0\xaf\n", 2, "b", "0xc0"},
		"UTF-16":                 {"\xff\xfea\x00,\x00", 0, "", "UTF-16"},
		"UTF-16 big endian":      {"\xfe\xff\x00a", 0, "", "UTF-16"},
		"UTF-16 without mark":    {"a\x00,\x00b\x00\n\x00", 1, "", "UTF-16"},
		"gzip":                   {"\x1f\x8b\x08\x00", 0, "", "gzip"},
		"zip or xlsx":            {"PK\x03\x04\x14\x00", 0, "", "Excel"},
		"old Excel":              {"\xd0\xcf\x11\xe0\xa1", 0, "", "Excel"},
		"PNG":                    {"\x89PNG\r\n\x1a\n", 0, "", "PNG"},
		"PDF":                    {"%PDF-1.7\n", 0, "", "PDF"},
		"duplicate name":         {"a,b,a\n1,2,3\n", 1, "a", "columns 1 and 3 have the same name"},
		"duplicate when trimmed": {"a,a \n1,2\n", 1, "a", "columns 1 and 2"},
		"empty name":             {"\na,,c\n1,2,3\n", 2, "", "column 2 of 3 has no name"},
		"delimiter at the end":   {"a,b,\n1,2,\n", 1, "", "column 3 of 3 has no name"},
		"two delimiters fit":     {"a;b,c\n1;2,3\n", 1, "", "say which one is the delimiter"},
		"no delimiter fits":      {"a;b,c\n1;2;3,4,5\n", 1, "", "say which one is the delimiter"},
		"delimiter only in rows": {"a\n1;2\n", 1, "", "say which one is the delimiter"},
		"number and NaN":         {"a,b\n1,5\n2,6\n3,NaN\n", 4, "b", "leave the cell empty"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			table, err := load(t, test.text, datasource.CSVConfig{})
			var fault *datasource.CSVError
			if table != nil || !errors.As(err, &fault) || !errors.Is(err, datasource.ErrCSV) {
				t.Fatalf("want a CSVError, got %v, %v", table, err)
			}
			if fault.Line != test.line || fault.Column != test.column || fault.Name != "x.csv" {
				t.Errorf("want line %d, column %q, got line %d, column %q", test.line, test.column, fault.Line, fault.Column)
			}
			if !strings.Contains(err.Error(), test.words) {
				t.Errorf("want %q in %q", test.words, err)
			}
		})
	}
}

// The same faults far behind the first block, where other code has counted lines.
func TestCSVFaultsFarDown(t *testing.T) {
	var head strings.Builder
	head.WriteString("a,id\n")
	for row := range 100_000 {
		fmt.Fprintf(&head, "%d,\"two\nlines\"\r\n", row)
	}
	const before = 1 + 2*100_000
	for fault, words := range map[string]string{
		"1,2,3\n": "more cells", "1\n": "1 cell", "1,x\"y\n": "double quote", "1,\"x\n": "never closed",
		"1,\xff\n": "UTF-8", "1,\x00\n": "NUL", "1e309,5\n": "too large",
	} {
		_, err := load(t, head.String()+fault+"4,5\n", datasource.CSVConfig{})
		var e *datasource.CSVError
		if !errors.As(err, &e) || e.Line != before+1 || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: want line %d and %q, got %v", fault, before+1, words, err)
		}
	}
}

func TestCSVErrorsAreShortAndPrintable(t *testing.T) {
	huge := strings.Repeat("x\u202e\u0301", 10_000)
	for _, text := range []string{
		huge + ",b\n1,2,3\n", huge + "," + huge + "\n", "a,b\n1," + huge + "\n2,3\n", "a\n1\n2\n" + huge + "\n",
	} {
		src := datasource.NewCSVBytes("\x1b[2J"+huge, []byte(text), datasource.CSVConfig{
			Kinds: map[string]datasource.Kind{"b": datasource.Numeric},
		})
		_, err := datasource.Load(t.Context(), src)
		if err == nil {
			t.Fatal("no error")
		}
		message := err.Error()
		if len(message) > 1500 || strings.ContainsAny(message, "\x1b\u202e\n") {
			t.Errorf("%d bytes: %q", len(message), message[:min(300, len(message))])
		}
	}
}

func TestCSVConfigIsChecked(t *testing.T) {
	for words, cfg := range map[string]datasource.CSVConfig{
		"Delimiter":            {Delimiter: '"'},
		"Delimiter: want":      {Delimiter: 'é'},
		"Delimiter: want one":  {Delimiter: '5'},
		"got '\\n'":            {Delimiter: '\n'},
		"got -1":               {BatchRows: -1},
		"Limits":               {Limits: datasource.Limits{MaxRows: -1}},
		"MaxFieldBytes":        {Limits: datasource.Limits{MaxFieldBytes: math.MaxInt}},
		`column "a", got Kind`: {Kinds: map[string]datasource.Kind{"a": 9}},
	} {
		src := datasource.NewCSVFile("no such file", cfg)
		if _, err := datasource.Load(t.Context(), src); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("want %q, got %v", words, err)
		}
	}
}

func TestCSVDelimiterOnDemand(t *testing.T) {
	table, err := load(t, "a;b,c\n1;x,y\n", datasource.CSVConfig{Delimiter: ';'})
	if err != nil || show(table) != "a|b,c / 1|x,y" {
		t.Errorf("got %v, %v", table, err)
	}
	table, err = load(t, "a^b\n1^2\n", datasource.CSVConfig{Delimiter: '^'})
	if err != nil || show(table) != "a|b / 1|2" {
		t.Errorf("got %v, %v", table, err)
	}
}

func TestCSVLimits(t *testing.T) {
	cell := func(n int) string { return strings.Repeat("x", n) }
	row := func(n int, cell string) string { return strings.Repeat(cell+",", n-1) + cell + "\n" }
	header := func(n int) string {
		names := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprint("c", i)
		}
		return strings.Join(names, ",") + "\n"
	}
	tests := map[string]struct {
		limits     datasource.Limits
		good, over string
	}{
		"bytes":         {datasource.Limits{MaxBytes: 8}, "a,b\n1,2\n", "a,b\n1,2\n\n"},
		"rows":          {datasource.Limits{MaxRows: 2}, "a,b\n1,2\n3,4\n", "a,b\n1,2\n3,4\n5,6\n"},
		"columns":       {datasource.Limits{}, header(256) + row(256, "1"), header(257) + row(257, "1")},
		"field":         {datasource.Limits{}, "a,b\n1," + cell(65536) + "\n", "a,b\n1," + cell(65537) + "\n"},
		"quoted field":  {datasource.Limits{}, "a,b\n1,\"" + cell(65534) + "\"\"\n\"\n", "a,b\n1,\"" + cell(65535) + "\"\"\n\"\n"},
		"header field":  {datasource.Limits{}, "a," + cell(65536) + "\n", "a," + cell(65537) + "\n"},
		"a lower field": {datasource.Limits{MaxFieldBytes: 3}, "a,b\n123,2\n", "a,b\n1234,2\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := datasource.CSVConfig{Limits: test.limits}
			if _, err := load(t, test.good, cfg); err != nil {
				t.Errorf("at the limit: %v", err)
			}
			table, err := load(t, test.over, cfg)
			if table != nil || !errors.Is(err, datasource.ErrTooLarge) || !errors.Is(err, datasource.ErrCSV) {
				t.Errorf("beyond the limit: want ErrTooLarge, got %v, %v", table, err)
			}
		})
	}
}

// An unclosed quote must not make the reader swallow the rest of a large file.
func TestCSVUnclosedQuoteReadsLittle(t *testing.T) {
	body := &countingReader{r: io.LimitReader(repeated("1,2\n"), 100<<20)}
	_, err := datasource.Load(t.Context(), datasource.NewCSVReader("stdin",
		io.MultiReader(strings.NewReader("a,b\n\"1,2\n"), body), datasource.CSVConfig{}))
	var fault *datasource.CSVError
	if !errors.As(err, &fault) || fault.Line != 2 || !strings.Contains(fault.Hint, "closing quote") {
		t.Errorf("want a fault on line 2, got %v", err)
	}
	if body.n > 4<<20 {
		t.Errorf("%d bytes were read", body.n)
	}
}

type repeated string

func (s repeated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = s[i%len(s)]
	}
	return len(p) / len(s) * len(s), nil
}

type countingReader struct {
	r io.Reader
	n int
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

func TestCSVFilePaths(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "customers.csv"), []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := datasource.Load(t.Context(), datasource.NewCSVFile(filepath.Join(dir, "custmers.csv"), datasource.CSVConfig{}))
	if !errors.Is(err, fs.ErrNotExist) || !errors.Is(err, datasource.ErrCSV) || !strings.Contains(err.Error(), `did you mean "customers.csv"?`) {
		t.Errorf("missing file: %v", err)
	}
	_, err = datasource.Load(t.Context(), datasource.NewCSVFile(dir, datasource.CSVConfig{}))
	if !errors.Is(err, datasource.ErrCSV) || !strings.Contains(err.Error(), "folder") {
		t.Errorf("folder: %v", err)
	}
	src := datasource.NewCSVFile(filepath.Join(dir, "customers.csv"), datasource.CSVConfig{})
	if src.Name() != "customers.csv" {
		t.Errorf("name: %q", src.Name())
	}
}

// A pipe's path is read once, through memory.
func TestCSVFileOfAPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	path := fmt.Sprintf("/dev/fd/%d", r.Fd())
	if _, err := os.Stat(path); err != nil {
		t.Skipf("this system has no %s", path)
	}
	go func() {
		io.WriteString(w, "a,b\n1,x\n2,y\n")
		w.Close()
	}()
	table, err := datasource.Load(t.Context(), datasource.NewCSVFile(path, datasource.CSVConfig{}))
	if err != nil || show(table) != "a|b / 1|x / 2|y" {
		t.Errorf("got %v, %v", table, err)
	}
}

// A reader that never answers must not keep Load from ending with its context.
func TestCSVReaderThatBlocks(t *testing.T) {
	for name, start := range map[string]string{"at once": "", "after rows": "a,b\n" + strings.Repeat("1,2\n", 300_000)} {
		t.Run(name, func(t *testing.T) {
			r, w := io.Pipe()
			defer w.Close()
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				io.WriteString(w, start)
				cancel()
			}()
			_, err := datasource.Load(ctx, datasource.NewCSVReader("stdin", r, datasource.CSVConfig{}))
			if !errors.Is(err, context.Canceled) {
				t.Errorf("want context.Canceled, got %v", err)
			}
		})
	}
}

func TestCSVReaderErrorIsPassedOn(t *testing.T) {
	broken := errors.New("the line is dead")
	r := io.MultiReader(strings.NewReader("a,b\n1,2\n"), failing{broken})
	_, err := datasource.Load(t.Context(), datasource.NewCSVReader("stdin", r, datasource.CSVConfig{}))
	if !errors.Is(err, broken) || errors.Is(err, datasource.ErrCSV) || !strings.HasPrefix(err.Error(), "stdin: ") {
		t.Errorf("want %v, got %v", broken, err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestCSVBatchRows(t *testing.T) {
	text := "a,b\n" + strings.Repeat("1,2\n", 100)
	for limit, want := range map[int][]int{0: {100}, 1000: {100}, 40: {40, 40, 20}, 50: {50, 50}} {
		var got []int
		for batch, err := range datasource.NewCSVBytes("x", []byte(text), datasource.CSVConfig{BatchRows: limit}).Batches(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, batch.Rows())
		}
		if !slices.Equal(got, want) {
			t.Errorf("at most %d rows: want batches of %v, got %v", limit, want, got)
		}
	}
}

// The first fault of a file is reported, whichever column it is in.
func TestCSVReportsTheFirstFault(t *testing.T) {
	kinds := map[string]datasource.Kind{"a": datasource.Numeric, "b": datasource.Numeric}
	for text, want := range map[string][2]any{
		"a,b\n1,2\n3,x\ny,4\n":   {3, "b"},
		"a,b\n1,2\ny,3\n4,x\n":   {3, "a"},
		"a,b\n1,2\ny,x\n":        {3, "a"},
		"a,b\n1,x\n2,3,4\n":      {2, "b"},
		"a,b\n1,2\n2,3,4\nx,y\n": {3, ""},
	} {
		_, err := load(t, text, datasource.CSVConfig{Kinds: kinds})
		var fault *datasource.CSVError
		if !errors.As(err, &fault) || fault.Line != want[0] || fault.Column != want[1] {
			t.Errorf("%q: want %v, got %v", text, want, err)
		}
	}
}

// A caller that stops must be let go at once, also in the middle of a stream that
// never ends.
func TestCSVStopsInAnEndlessStream(t *testing.T) {
	kinds := map[string]datasource.Kind{"a": datasource.Numeric, "b": datasource.Numeric}
	src := datasource.NewCSVReader("stdin", io.MultiReader(strings.NewReader("a,b\n"), repeated("1,2\n")), datasource.CSVConfig{Kinds: kinds})
	batches := 0
	for _, err := range src.Batches(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if batches++; batches == 3 {
			break
		}
	}
}

// A file cut at any byte loads its whole rows or fails; it never panics, and
// never makes up a row.
func TestCSVCutAnywhere(t *testing.T) {
	const text = "\ufeffid,n,note\r\n007,1.5,\"a \"\"b\"\"\nc\"\r\n\r\n008,,Zoë\r\n009,3,x\r\n"
	whole, err := load(t, text, datasource.CSVConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for end := range text {
		cut, err := load(t, text[:end], datasource.CSVConfig{Delimiter: ','})
		if err == nil && cut.Rows() > whole.Rows() {
			t.Errorf("cut at %d: %d rows", end, cut.Rows())
		}
	}
}
