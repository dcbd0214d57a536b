package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cohortlens/cohortlens/datasource"
)

// Options says what a report shows. The zero value works.
type Options struct {
	// Figures names the figures to draw, see [FigureNames]; all when empty.
	// The report keeps its own order.
	Figures []string
	// Metrics names the measures of the prediction to show, in order: "mse",
	// "mae", "r2" and "rmse"; the first three when empty.
	Metrics []string
	// DPI is the resolution of PNG files, 36 to 600; 150 when 0. A figure is
	// 6.4 inches wide and 4.2 inches high.
	DPI int
}

const (
	minDPI     = 36
	maxDPI     = 600
	defaultDPI = 150
)

// MetricNames returns the names that Options.Metrics may hold.
func MetricNames() []string { return []string{"mse", "mae", "r2", "rmse"} }

// checked returns the options with their defaults, or an error that names the
// one out of range.
func (o Options) checked() (Options, error) {
	if len(o.Figures) == 0 {
		o.Figures = FigureNames()
	}
	if len(o.Metrics) == 0 {
		o.Metrics = MetricNames()[:3]
	}
	if o.DPI == 0 {
		o.DPI = defaultDPI
	}
	if o.DPI < minDPI || o.DPI > maxDPI {
		return o, fmt.Errorf("report: DPI must be from %d to %d, got %d", minDPI, maxDPI, o.DPI)
	}
	if err := known("Figures", o.Figures, FigureNames()); err != nil {
		return o, err
	}
	return o, known("Metrics", o.Metrics, MetricNames())
}

func known(option string, names, allowed []string) error {
	for _, name := range names {
		if slices.Contains(allowed, name) {
			continue
		}
		if nearest, ok := datasource.Nearest(name, allowed); ok {
			return fmt.Errorf("report: %s: unknown name %q; did you mean %q?", option, name, nearest)
		}
		return fmt.Errorf("report: %s: unknown name %q; the names are %s", option, name, strings.Join(allowed, ", "))
	}
	return nil
}
