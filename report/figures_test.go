package report

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/predict"
	"github.com/cohortlens/cohortlens/segment"
)

// figureNamed lays out one figure, nil when it has nothing to show.
func figureNamed(t testing.TB, c *Content, name string) *figure {
	t.Helper()
	figures, err := buildFigures(c, []string{name}, testFace(t))
	must(t, err)
	if len(figures) == 0 {
		return nil
	}
	return figures[0]
}

func drawSVG(t testing.TB, fig *figure) string {
	t.Helper()
	var b bytes.Buffer
	must(t, fig.plot.render(svgProvider("figure-"+fig.name, fig.title, fig.description, testFace(t)), &b, svgDPI, testFace(t)))
	return b.String()
}

func drawPNG(t testing.TB, fig *figure, dpi int) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, fig.plot.render(rasterProvider(testFace(t)), &b, dpi, testFace(t)))
	return b.Bytes()
}

// elements reads SVG as strict XML and counts its elements.
func elements(t testing.TB, svg string) map[string]int {
	t.Helper()
	found := map[string]int{}
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatalf("not well-formed: %v\n%.300s", err, svg)
		}
		if start, ok := token.(xml.StartElement); ok {
			found[start.Name.Local]++
		}
	}
}

// values returns n values that repeat the given ones.
func values(n int, of ...float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = of[i%len(of)]
	}
	return out
}

// clustered returns content for a clusters figure over two columns.
func clustered(t testing.TB, x, y []float64, segments int) *Content {
	t.Helper()
	table, err := datasource.NewTable(datasource.Numbers("x", x), datasource.Numbers("y", y))
	must(t, err)
	r := &segment.Result{Separation: []segment.Separation{{Column: "x", Share: 0.5}, {Column: "y", Share: 0.5}}}
	for i := range x {
		r.Labels = append(r.Labels, i%segments)
	}
	for id := range segments {
		r.Segments = append(r.Segments, segment.Segment{
			ID: id, Label: fmt.Sprintf("segment %d with a label of some length", id), Size: 1,
			Columns: []segment.Summary{{Column: "x", Mean: math.NaN()}, {Column: "y", Mean: 1e308}},
		})
	}
	return &Content{Table: table, Segmentation: r}
}

func outcomes(pairs ...float64) *Content {
	r := &predict.Result{Target: "score"}
	for i := 0; i < len(pairs); i += 2 {
		r.Holdout = append(r.Holdout, predict.Outcome{Actual: pairs[i], Predicted: pairs[i+1]})
	}
	return &Content{Prediction: r}
}

func correlated(n int, r float64) *Content {
	c := &insights.Correlation{}
	for i := range n {
		c.Columns = append(c.Columns, fmt.Sprintf("column number %d of many", i))
		c.R = append(c.R, values(n, r))
	}
	return &Content{Correlation: c}
}

func saved(percent ...float64) *Content {
	return &Content{Savings: &insights.Savings{Percent: percent, Rows: len(percent), Median: math.NaN()}}
}

// drifted returns a column that has changed, with a histogram.
func drifted(bins ...insights.Bin) *Content {
	return &Content{Drift: &insights.Drift{Columns: []insights.ColumnDrift{
		{Column: "x", Verdict: insights.Drifted, Numbers: &insights.NumberDrift{Histogram: bins}},
	}}}
}

func gendered(t testing.TB, levels ...string) *Content {
	t.Helper()
	table, err := datasource.NewTable(datasource.Categories("Gender", levels))
	must(t, err)
	return &Content{Table: table, GenderColumn: "Gender"}
}

func manyLevels(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("level %d", i)
	}
	return out
}

// noisy returns 30 customers in two segments, of whom every tenth is noise.
func noisy(t testing.TB) *Content {
	t.Helper()
	c := clustered(t, values(30, 1, 2, 3), values(30, 4, 5), 2)
	for i := 0; i < 30; i += 10 {
		c.Segmentation.Labels[i] = segment.Noise
		c.Segmentation.Noise++
	}
	return c
}

// Noise is grey, in the legend and on an axis of its own where segments have one.
func TestNoiseIsDrawn(t *testing.T) {
	c := noisy(t)
	fig := figureNamed(t, c, "clusters")
	svg := drawSVG(t, fig)
	if !strings.Contains(svg, ">noise<") || !strings.Contains(fig.caption, "Grey dots are noise") || !strings.Contains(fig.description, "3 of them are noise") {
		t.Errorf("the figure does not speak of noise: %s %s", fig.caption, fig.description)
	}
	view, err := newClusterView(c.Table, c.Segmentation)
	must(t, err)
	clouds := view.clouds(c.Segmentation)
	if grey := clouds[0]; grey.color != noiseColor || len(grey.x) != 3 || len(clouds[1].x)+len(clouds[2].x) != 27 {
		t.Errorf("got %d grey dots of %v", len(grey.x), grey.color)
	}
	view.alone = true
	axis := view.yAxis(c.Segmentation)
	if !strings.Contains(fmt.Sprint(axis.ticks), "{-1 noise}") || axis.low > -1 {
		t.Errorf("the axis of segments has the ticks %v from %v on", axis.ticks, axis.low)
	}
	without := figureNamed(t, clustered(t, values(30, 1, 2, 3), values(30, 4, 5), 2), "clusters")
	if strings.Contains(drawSVG(t, without)+without.caption, "noise") {
		t.Error("a figure without noise speaks of it")
	}
}

// Data of every odd shape gives a drawing, in both formats.
func TestFiguresOfAnyData(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	alone := clustered(t, values(30, 1, 2, 3), values(30, 0), 3)
	alone.Segmentation.Separation = alone.Segmentation.Separation[:1]
	noise := noisy(t)
	lonely := noisy(t)
	lonely.Segmentation.Separation = lonely.Segmentation.Separation[:1]
	for _, tc := range []struct {
		name, figure string
		content      *Content
	}{
		{"no rows", "clusters", clustered(t, nil, nil, 1)},
		{"one row", "clusters", clustered(t, values(1, 5), values(1, 5), 1)},
		{"constant columns", "clusters", clustered(t, values(20, 5), values(20, -7), 2)},
		{"missing values", "clusters", clustered(t, values(20, nan, 1), values(20, 3, nan), 2)},
		{"huge values", "clusters", clustered(t, values(20, 1e12, 3e12), values(20, -1.7e308, 1.7e308), 2)},
		{"tiny values", "clusters", clustered(t, values(20, 1e-300, 2e-300), values(20, 5e-324, 0), 2)},
		{"fifty segments", "clusters", clustered(t, values(200, 1, 2, 3, 4, 5), values(200, 6, 7, 8), 50)},
		{"one feature", "clusters", alone},
		{"rows in no segment", "clusters", noise},
		{"one feature and noise", "clusters", lonely},
		{"no rows", "prediction", outcomes()},
		{"one row", "prediction", outcomes(3, 3)},
		{"NaN and infinity", "prediction", outcomes(nan, 1, 1, inf, 2, 3, 4, 5)},
		{"negative values", "prediction", outcomes(-3, -4, -1e12, -2e12)},
		{"one column", "correlation", correlated(1, 1)},
		{"no value", "correlation", correlated(4, nan)},
		{"ten columns", "correlation", correlated(10, -0.5)},
		{"fifty columns", "correlation", correlated(50, 0.3)},
		{"one value", "savings", saved(12)},
		{"equal values", "savings", saved(50, 50, 50)},
		{"negative values", "savings", saved(-5, -1e12, -3, nan, inf)},
		{"extremes", "savings", saved(append(values(100, 10, 20, 30), -1e9, 1e9)...)},
		{"no rows", "gender", gendered(t)},
		{"one level", "gender", gendered(t, "x", "x")},
		{"only missing values", "gender", gendered(t, "", "")},
		{"fifty levels", "gender", gendered(t, manyLevels(50)...)},
		{"nothing moves it", "importance", explained(t, 0, 0, 0)},
		{"huge contributions", "importance", explained(t, 0, 1.7e308, -1.7e308)},
		{"many columns", "importance", explained(t, 1, values(50, 3, -2)...)},
		{"nothing moves it", "waterfalls", explained(t, 0, 0)},
		{"huge contributions", "waterfalls", explained(t, 0, 1.7e308, -1.7e308)},
		{"contributions that overflow", "waterfalls", explained(t, 1.7e308, 1.7e308)},
		{"tiny contributions", "waterfalls", explained(t, 1e9, 5e-324)},
		{"many columns", "waterfalls", explained(t, 1, values(50, 3, -2)...)},
		{"no value now", "drift", drifted(insights.Bin{Low: 0, High: 1, Baseline: 1})},
		{"huge values", "drift", drifted(insights.Bin{Low: -1.7e308, High: 1.7e308, Baseline: 1, Current: nan})},
		{"one value", "drift", drifted(insights.Bin{Low: 5, High: 5, Baseline: 1, Current: 1})},
	} {
		t.Run(tc.figure+"/"+tc.name, func(t *testing.T) {
			fig := figureNamed(t, tc.content, tc.figure)
			if fig == nil {
				t.Fatal("no figure")
			}
			svg := drawSVG(t, fig)
			elements(t, svg)
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") || strings.Contains(svg, "-922337") {
				t.Errorf("the drawing has a coordinate that is no number")
			}
			if _, err := png.Decode(bytes.NewReader(drawPNG(t, fig, 36))); err != nil {
				t.Error(err)
			}
		})
	}
}

// A figure without its part of the content is left out.
func TestFiguresWithoutContent(t *testing.T) {
	for _, c := range []*Content{{}, saved(math.NaN()), {Correlation: &insights.Correlation{}}, {Segmentation: &segment.Result{}}, {GenderColumn: "Gender"}} {
		figures, err := buildFigures(c, FigureNames(), testFace(t))
		if err != nil || len(figures) != 0 {
			t.Errorf("got %d figures and error %v, want none", len(figures), err)
		}
	}
}

func TestFigureOfUnknownColumn(t *testing.T) {
	c := fixture(t)
	c.GenderColumn = "Gendre"
	_, err := WriteFigures(t.Context(), t.TempDir(), c, Options{})
	if !errors.Is(err, datasource.ErrNoColumn) || !strings.Contains(err.Error(), "figure gender") || !strings.Contains(err.Error(), `"Gender"`) {
		t.Errorf("got %v, want an error that names the figure and the nearest column", err)
	}
}

// The drawing says what it says also to those who do not see it.
func TestFiguresAreDescribed(t *testing.T) {
	c := fixture(t)
	for name, want := range map[string]string{
		"clusters":    "Segment 1 (high income, high spending): mean Annual Income ($) 142,000, mean Spending Score (1-100) 82.00.",
		"prediction":  "Scatter plot of 60 held-out customers. R squared is -0.013.",
		"importance":  "On average it moves them by: Age 3.18; Annual Income ($) 2.07; Gender 0.750.",
		"waterfalls":  "Waterfall from the average prediction, 50.25, to 52.72: Annual Income ($) = 144,134 +2.91; Gender = Female -0.75; Age = 41 +0.31;",
		"correlation": "Annual Income ($) and Work Experience 0.81;",
		"savings":     "The median is 41.5%, 31 customers are below zero.",
		"gender":      "Male 153; Female 147;",
		"drift":       "Two histograms of Annual Income ($). The mean is 101,300, and was 86,000.",
	} {
		svg := drawSVG(t, figureNamed(t, c, name))
		if !strings.Contains(svg, want) {
			t.Errorf("figure %s is not described by %q:\n%.900s", name, want, svg)
		}
	}
}

func TestScatterIsThinnedAndSaysSo(t *testing.T) {
	for _, tc := range []struct {
		rows, dots int
		caption    string
	}{
		{5000, 5000, ""},
		{5001, 2501, "one row in 2 is drawn: 2,501 of 5,001."},
		{20_000, 5000, "one row in 4 is drawn: 5,000 of 20,000."},
	} {
		fig := figureNamed(t, clustered(t, values(tc.rows, 1, 2, 3), values(tc.rows, 4, 5), 1), "clusters")
		if !strings.HasSuffix(fig.caption, tc.caption) {
			t.Errorf("%d rows: caption %q does not end with %q", tc.rows, fig.caption, tc.caption)
		}
		svg := drawSVG(t, fig)
		if dots := strings.Count(svg, "h0") - 2; dots != tc.dots { // the legend's badge has two
			t.Errorf("%d rows: %d dots, want %d", tc.rows, dots, tc.dots)
		}
		if len(svg) > 100_000 {
			t.Errorf("%d rows: %d bytes of SVG, want at most 100,000", tc.rows, len(svg))
		}
	}
}

func TestWriteFigures(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "reports", "figures")
	paths, err := WriteFigures(t.Context(), dir, fixture(t), Options{DPI: 100})
	must(t, err)
	var names []string
	for _, path := range paths {
		names = append(names, filepath.Base(path))
		f, err := os.Open(path)
		must(t, err)
		config, err := png.DecodeConfig(f)
		f.Close()
		width, height := 640, 420
		if name := filepath.Base(path); strings.HasPrefix(name, "waterfall") || strings.HasPrefix(name, "drift") {
			width, height = 480, 315
		}
		if err != nil || config.Width != width || config.Height != height {
			t.Errorf("%s: %d by %d pixels and error %v, want %d by %d", path, config.Width, config.Height, err, width, height)
		}
	}
	if got := strings.Join(names, " "); got != "clusters.png prediction_vs_actual.png importance.png waterfall_0.png waterfall_1.png correlation.png savings.png gender.png drift_0.png drift_1.png drift_2.png" {
		t.Errorf("got files %s", got)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != len(names) {
		t.Errorf("the folder has %d entries (error %v), want the %d figures", len(entries), err, len(names))
	}
}

func TestWriteFiguresNamed(t *testing.T) {
	paths, err := WriteFigures(t.Context(), t.TempDir(), fixture(t), Options{DPI: 36, Figures: []string{"gender", "clusters"}})
	must(t, err)
	if len(paths) != 2 || filepath.Base(paths[0]) != "clusters.png" || filepath.Base(paths[1]) != "gender.png" {
		t.Errorf("got %v, want clusters.png, then gender.png", paths)
	}
}

func TestWriteFiguresStopsBeforeWriting(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "figures")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := WriteFigures(ctx, dir, fixture(t), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder was made (%v)", err)
	}
}

func TestWriteFiguresIntoAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(path, nil, 0o600))
	if _, err := WriteFigures(t.Context(), path, fixture(t), Options{DPI: 36}); err == nil || !strings.Contains(err.Error(), "folder for figures") {
		t.Errorf("got %v, want an error about the folder", err)
	}
}

// A path that cannot be replaced leaves no other file behind.
func TestWriteFiguresCleansUp(t *testing.T) {
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "clusters.png", "x"), 0o755))
	if _, err := WriteFigures(t.Context(), dir, fixture(t), Options{DPI: 36}); err == nil || !strings.Contains(err.Error(), "write figure clusters") {
		t.Errorf("got %v, want an error about clusters.png", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("the folder has %d entries, want the one from before", len(entries))
	}
}

func BenchmarkFigure(b *testing.B) {
	c := fixture(b)
	for _, name := range FigureNames() {
		fig := figureNamed(b, c, name)
		b.Run(name+"/PNG", func(b *testing.B) {
			for b.Loop() {
				drawPNG(b, fig, defaultDPI)
			}
		})
		b.Run(name+"/SVG", func(b *testing.B) {
			for b.Loop() {
				drawSVG(b, fig)
			}
		})
	}
}
