package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cohortlens/cohortlens/adapters/config"
	"github.com/cohortlens/cohortlens/datasource"
)

func newService(t *testing.T, o Options, change func(*config.Config)) *Service {
	t.Helper()
	c := config.Default()
	c.Root = t.TempDir()
	if change != nil {
		change(c)
	}
	s, err := New(c, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// twoGroups has two plain groups of customers.
const twoGroups = "ID,Age,Income\n01,20,1000\n02,21,1100\n03,22,1050\n04,60,9000\n05,61,9100\n06,62,9050\n"

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestNumberIsNullUnlessFinite(t *testing.T) {
	got, err := json.Marshal([]Number{1.5, Number(math.NaN()), Number(math.Inf(1)), Number(math.Inf(-1)), 0})
	if want := "[1.5,null,null,null,0]"; err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

func TestWriteJSONIsOneLine(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJSON(&b, map[string]any{"b": "<\n>", "a": orEmpty[int](nil)}); err != nil {
		t.Fatal(err)
	}
	if want := `{"a":[],"b":"<\n>"}` + "\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestNothingThatThisVersionLacks(t *testing.T) {
	for name, change := range map[string]func(*config.Config){
		"pdf": func(c *config.Config) { c.Reporting.Format = "pdf" },
	} {
		c := config.Default()
		change(c)
		_, err := New(c, Options{})
		var input *InputError
		if !errors.As(err, &input) || !strings.Contains(err.Error(), name) || input.Hint == "" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestDataIsFound(t *testing.T) {
	s := newService(t, Options{Stdin: strings.NewReader(twoGroups)}, nil)
	named := writeFile(t, "named.csv", twoGroups)
	for _, test := range []struct {
		path, name string
		sample     bool
	}{{named, "named.csv", false}, {"-", "standard input", false}, {"", "sample data", true}} {
		in, err := s.open(test.path)
		if err != nil || in.name != test.name || in.sample != test.sample || in.sample != (len(in.notes) > 0) {
			t.Errorf("%q: got %+v, %v", test.path, in, err)
		}
	}
	raw := filepath.Join(s.config.Root, "data", "raw")
	if err := os.MkdirAll(raw, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(raw, "Customers.csv"), []byte(twoGroups), 0o600); err != nil {
		t.Fatal(err)
	}
	if in, err := s.open(""); err != nil || in.name != "Customers.csv" || in.sample {
		t.Errorf("configured file: got %+v, %v", in, err)
	}
}

func TestInputErrors(t *testing.T) {
	s := newService(t, Options{}, nil)
	bad := writeFile(t, "bad.csv", "ID,Age\n1,2,3\n")
	ctx := context.Background()
	for name, call := range map[string]func() error{
		"missing file":  func() error { _, err := s.Segment(ctx, SegmentRequest{Data: bad + "x"}); return err },
		"folder":        func() error { _, err := s.Segment(ctx, SegmentRequest{Data: filepath.Dir(bad)}); return err },
		"bad CSV":       func() error { _, err := s.Segment(ctx, SegmentRequest{Data: bad}); return err },
		"no stdin":      func() error { _, err := s.Predict(ctx, PredictRequest{Data: "-"}); return err },
		"two of stdin":  func() error { _, err := s.Predict(ctx, PredictRequest{Data: "-", Score: "-"}); return err },
		"missing score": func() error { _, err := s.Predict(ctx, PredictRequest{Data: bad, Score: bad + "x"}); return err },
		"data as out":   func() error { _, err := s.Segment(ctx, SegmentRequest{Data: bad, Out: bad}); return err },
		"file as folder": func() error {
			_, err := s.Report(ctx, ReportRequest{Output: filepath.Join(bad, "r.html")})
			return err
		},
	} {
		var input *InputError
		if err := call(); !errors.As(err, &input) {
			t.Errorf("%s: got %v, want an *InputError", name, err)
		}
	}
}

func TestCancelledRequestWritesNothing(t *testing.T) {
	s := newService(t, Options{}, nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	out := filepath.Join(t.TempDir(), "new", "r.html")
	_, err := s.Report(ctx, ReportRequest{Output: out, FigureFiles: true})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	for _, dir := range []string{filepath.Dir(filepath.Dir(out)), s.config.Root} {
		if left := tree(t, dir); len(left) != 0 {
			t.Errorf("left behind: %q", left)
		}
	}
}

func TestOneFailingPartFailsTheReport(t *testing.T) {
	fault := errors.New("no ink")
	if _, err := withFigures(func() error { return fault }, func() ([]string, error) { return []string{"a"}, nil }); !errors.Is(err, fault) {
		t.Errorf("page: got %v", err)
	}
	if _, err := withFigures(func() error { return nil }, func() ([]string, error) { return nil, fault }); !errors.Is(err, fault) {
		t.Errorf("figures: got %v", err)
	}
	if files, err := withFigures(func() error { return nil }, func() ([]string, error) { return []string{"a"}, nil }); err != nil || len(files) != 1 {
		t.Errorf("got %q, %v", files, err)
	}
}

func TestReportSaysWhatItIs(t *testing.T) {
	s := newService(t, Options{Version: "v1.2.3", Created: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}, nil)
	out := filepath.Join(t.TempDir(), "r.html")
	d, err := s.Report(context.Background(), ReportRequest{Output: out})
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"v1.2.3", "2026", "ample data"} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the report does not say %q", want)
		}
	}
	if !d.SampleData || d.Report != out || len(d.Figures) != 0 {
		t.Errorf("got %v, %s, %q", d.SampleData, d.Report, d.Figures)
	}
}

func TestCustomersWithoutIDAreNamedByLine(t *testing.T) {
	path := writeFile(t, "x.csv", "Age,Income\n20.5,1000\n21.5,1000\n\n60.5,9000\n61.5,9000\n")
	s := newService(t, Options{}, func(c *config.Config) {
		c.Features.Numerical = []string{"Age", "Income"}
		c.Models.Segmentation.Clusters = 2
	})
	d, err := s.Segment(context.Background(), SegmentRequest{Data: path})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, a := range d.Assignments {
		ids = append(ids, a.CustomerID)
	}
	if want := []string{"2", "3", "5", "6"}; !slices.Equal(ids, want) {
		t.Errorf("got %q, want %q", ids, want)
	}
	if !strings.Contains(strings.Join(d.Notes, " "), "no ID column") {
		t.Errorf("the notes do not say so: %q", d.Notes)
	}
}

func TestSafeText(t *testing.T) {
	for text, want := range map[string]string{
		"=1": "'=1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\tx": "'\tx", "\rx": "'\rx", "": "", "a=1": "a=1", "é": "é",
	} {
		if got := safeText(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestWithoutFormulasLeavesNumbers(t *testing.T) {
	table, err := datasource.NewTable(datasource.Texts("=id", []string{"-1"}), datasource.Numbers("n", []float64{-1}),
		datasource.Categories("c", []string{"@x"}))
	if err != nil {
		t.Fatal(err)
	}
	safe, err := withoutFormulas(table)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := datasource.WriteCSV(&b, safe); err != nil {
		t.Fatal(err)
	}
	if want := "'=id,n,c\n'-1,-1,'@x\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
	clash, err := datasource.NewTable(datasource.Texts("=id", []string{""}), datasource.Texts("'=id", []string{""}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := withoutFormulas(clash); err == nil {
		t.Error("two columns of the same name were made")
	}
}

func TestProgressIsReported(t *testing.T) {
	var stages []string
	s := newService(t, Options{Progress: func(stage string, done, total int) {
		if total < 1 || done < 0 || done > total {
			t.Errorf("%s: %d of %d", stage, done, total)
		}
		if len(stages) == 0 || stages[len(stages)-1] != stage {
			stages = append(stages, stage)
		}
	}}, nil)
	if _, err := s.Report(context.Background(), ReportRequest{Output: filepath.Join(t.TempDir(), "r.html")}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"load", "segment", "predict", "explain", "insights"}; !slices.Equal(stages, want) {
		t.Errorf("got %q, want %q", stages, want)
	}
}
