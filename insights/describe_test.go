package insights_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
)

func TestDescribeFewValues(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		name   string
		values []float64
		want   pandasDescription
	}{
		{"none", []float64{nan, nan}, pandasDescription{0, nan, nan, nan, nan, nan, nan, nan}},
		{"one", []float64{nan, 4}, pandasDescription{1, 4, nan, 4, 4, 4, 4, 4}},
		{"constant", []float64{0.1, 0.1}, pandasDescription{2, 0.1, 0, 0.1, 0.1, 0.1, 0.1, 0.1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := insights.Describe(t.Context(), newTable(t, datasource.Numbers("x", tt.values)))
			if err != nil {
				t.Fatal(err)
			}
			tt.want.check(t, got[0], 0)
		})
	}
}

func TestDescribeChoosesColumns(t *testing.T) {
	table := newTable(t, datasource.Texts("id", []string{"1"}), datasource.Numbers("b", []float64{1}),
		datasource.Categories("c", []string{"x"}), datasource.Numbers("a", []float64{2}))
	tests := []struct {
		names, want []string
		is          error
	}{
		{nil, []string{"b", "a"}, nil},
		{[]string{"a"}, []string{"a"}, nil},
		{[]string{"a", "b"}, []string{"a", "b"}, nil},
		{[]string{"c"}, nil, datasource.ErrKind},
		{[]string{"d"}, nil, datasource.ErrNoColumn},
	}
	for _, tt := range tests {
		got, err := insights.Describe(t.Context(), table, tt.names...)
		if !errors.Is(err, tt.is) {
			t.Errorf("%q: error %v, want %v", tt.names, err, tt.is)
		}
		var names []string
		for _, d := range got {
			names = append(names, d.Column)
		}
		if !slices.Equal(names, tt.want) {
			t.Errorf("%q: described %q, want %q", tt.names, names, tt.want)
		}
		if c, err := insights.Correlate(t.Context(), table, tt.names...); !errors.Is(err, tt.is) || !slices.Equal(c.Columns, tt.want) {
			t.Errorf("%q: correlated %q, error %v", tt.names, c.Columns, err)
		}
	}
}

func TestDescribeLeavesTheTableAsItIs(t *testing.T) {
	values := []float64{5, 1, 4, math.NaN(), 2}
	table := newTable(t, datasource.Numbers("x", values))
	if _, err := insights.Describe(t.Context(), table); err != nil {
		t.Fatal(err)
	}
	c, _ := table.NumericColumn("x")
	if got := c.Floats(); !slices.Equal(got[:3], values[:3]) || got[4] != 2 {
		t.Errorf("the column is now %v", got)
	}
}
