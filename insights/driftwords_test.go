package insights

import (
	"strings"
	"testing"
)

// Means of a column that may hold years have no separators.
func TestDriftOfYearsInWords(t *testing.T) {
	summary := func(mean, low, high float64) NumberSummary {
		return NumberSummary{Count: 9, Mean: mean, Std: 12, Min: low, Max: high}
	}
	for want, n := range map[string]NumberDrift{
		"went from 1969 to 1972":   {Baseline: summary(1968.81, 1893, 1996), Current: summary(1971.6, 1900, 2199)},
		"went from 1,969 to 1,972": {Baseline: summary(1968.81, 1893, 1996), Current: summary(1971.6, 1900, 2200)},
		"went from 1,969 to 1,850": {Baseline: summary(1968.81, 1893, 1996), Current: summary(1850, 1799, 1900)},
	} {
		if got := n.reason(0.1); !strings.Contains(got, want) {
			t.Errorf("want %q in %q", want, got)
		}
	}
}
