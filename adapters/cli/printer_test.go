package cli

import (
	"math"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/adapters/service"
	"github.com/cohortlens/cohortlens/datasource"
)

func TestFigures(t *testing.T) {
	for n, want := range map[float64]string{
		0: "0.000", 0.0123: "0.012", 0.00012: "0.00012", 1.2345: "1.23", -12.345: "-12.35", 123.45: "123.5",
		1234.5: "1,235", -1234567: "-1,234,567", 1e20: "1e+20", math.Inf(1): "-",
	} {
		if got := figure(service.Number(n)); got != want {
			t.Errorf("%v: got %s, want %s", n, got, want)
		}
	}
	if got := figure(service.Number(math.NaN())); got != "-" {
		t.Errorf("NaN: got %s", got)
	}
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -999: "-999"} {
		if got := count(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func TestExactFigures(t *testing.T) {
	for n, want := range map[float64]string{
		0: "0", 34: "34", 1957: "1957", -9999: "-9999", 10000: "10,000", 137350: "137,350", 0.25: "0.250", 2e15: "2e+15",
	} {
		if got := exact(service.Number(n)); got != want {
			t.Errorf("%v: got %s, want %s", n, got, want)
		}
	}
	for n, want := range map[float64]string{
		0: "0.0%", 0.125: "12.5%", 0.9994: "99.9%", 0.9996: "99.96%", 0.9999999: "99.99999%", 1: "100.0%",
	} {
		if got := share(service.Number(n)); got != want {
			t.Errorf("share %v: got %s, want %s", n, got, want)
		}
	}
}

func TestTableIsAligned(t *testing.T) {
	var p printer
	p.table([][]string{{"", "segment", "size"}, {"0", "größer", "7"}, {"1", "x\x1b[3\u202em", "1,234"}}, 2)
	want := "     segment          size\n" +
		"  0  größer              7\n" +
		"  1  x\\x1b[3\\u202em  1,234\n"
	if p.String() != want {
		t.Errorf("got\n%s\nwant\n%s", p.String(), want)
	}
}

func TestParagraphBreaksBetweenWords(t *testing.T) {
	text := strings.Repeat("seven77 ", 30) + strings.Repeat("x", 100)
	var p printer
	p.paragraph(text)
	lines := strings.Split(strings.TrimSuffix(p.String(), "\n"), "\n")
	for i, line := range lines[:len(lines)-2] { // the last word is longer than a line
		if n := len(line); n > 78 || n < 70 {
			t.Errorf("line %d has %d characters: %q", i+1, n, line)
		}
	}
	if got := strings.Join(strings.Fields(p.String()), " "); got != strings.Join(strings.Fields(text), " ") {
		t.Errorf("words were lost: %q", got)
	}
}

func TestQualityCountsEveryRow(t *testing.T) {
	var p printer
	p.quality("x.csv", datasource.Quality{
		Rows: 2000, Kept: 1600, Policy: datasource.Drop, BadRows: 300, SetAside: 300, MissingRows: 60, DuplicateRows: 40, Notes: []string{"odd"},
	})
	if want := "x.csv: 1,600 of 2,000 rows analysed (300 break a rule, 60 lack a value, 40\nrepeat another).\nNote: odd\n"; p.String() != want {
		t.Errorf("got %q, want %q", p.String(), want)
	}
	p.Reset()
	p.account("y.csv", "scored", datasource.Quality{Rows: 4, Kept: 1, SetAside: 1, MissingRows: 1, DuplicateRows: 1})
	if want := "y.csv: 1 of 4 rows scored (1 breaks a rule, 1 lacks a value, 1 repeats\nanother).\n"; p.String() != want {
		t.Errorf("got %q, want %q", p.String(), want)
	}
	p.Reset()
	p.quality("x.csv", datasource.Quality{Rows: 20, Kept: 20, Policy: datasource.Keep, BadRows: 1})
	if !strings.Contains(p.String(), "1 row of the file breaks a rule and was not set aside") {
		t.Errorf("got %q", p.String())
	}
}

func TestPartsThatAreMissingAreSaid(t *testing.T) {
	var p printer
	p.reportDocument(&service.ReportDocument{
		Report: "r.html", Omitted: map[string]string{"savings": "no income", "prediction": "no target"},
	})
	text := p.String()
	a, b := strings.Index(text, "No prediction: no target"), strings.Index(text, "No savings: no income")
	if a < 0 || b < a || strings.Contains(text, "Figures:") {
		t.Errorf("got %q", text)
	}
}

// Values of a column that may all be years have no separators.
func TestFiguresOfYears(t *testing.T) {
	nan := service.Number(math.NaN())
	for want, values := range map[string][]service.Number{
		"1956 1969": {1956.2, 1968.81}, "1800 2199": {1800, 2199.4}, "1,956 2,200": {1956.2, 2200}, "1,799 1,969": {1799, 1969},
		"1,969 -": {1969, nan}, "40,414 0.500": {40414, 0.5}, "": nil,
	} {
		if got := strings.Join(figures(values...), " "); got != want {
			t.Errorf("want %q, got %q", want, got)
		}
	}
}
