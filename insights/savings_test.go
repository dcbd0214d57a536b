package insights_test

import (
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
)

var roles = insights.Roles{Spending: "spending", Income: "income", Experience: "years", FamilySize: "family"}

func household(t *testing.T) *datasource.Table {
	nan := math.NaN()
	return newTable(t,
		datasource.Numbers("income", []float64{24000, 12000, 0, -500, nan, 60000, 60000, 12e-306}),
		datasource.Numbers("years", []float64{1, 2, 1, 1, 1, nan, 0, 1e10}),
		datasource.Numbers("family", []float64{2, 1, 1, 1, 1, 3, 1, 1}))
}

func TestSavings(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		name    string
		cfg     insights.SavingsConfig
		want    []float64
		formula string
	}{
		{"default", insights.SavingsConfig{}, []float64{0, -150, nan, nan, nan, nan, 90, nan},
			"Savings in percent = (income - spend) / income x 100, with a monthly income of income / 12 and an estimated monthly spend of 1000 x years + 500 x family."},
		{"own coefficients", insights.SavingsConfig{PerExperienceYear: 100, PerFamilyMember: 0.5}, []float64{94.95, 79.95, nan, nan, nan, nan, 99.99, nan},
			"Savings in percent = (income - spend) / income x 100, with a monthly income of income / 12 and an estimated monthly spend of 100 x years + 0.5 x family."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := insights.ComputeSavings(household(t), roles, tt.cfg, nil)
			if err != nil {
				t.Fatal(err)
			}
			negative := 0
			for row, want := range tt.want {
				near(t, "saving", s.Percent[row], want, 1e-15)
				if math.IsNaN(want) != math.IsNaN(s.Percent[row]) {
					t.Errorf("row %d: %v, want %v", row, s.Percent[row], want)
				}
				if want < 0 {
					negative++
				}
			}
			if s.Rows != 3 || s.Negative != negative || s.Formula != tt.formula || s.BySegment != nil {
				t.Errorf("%+v", s)
			}
			near(t, "mean", s.Mean, (tt.want[0]+tt.want[1]+tt.want[6])/3, 1e-14)
			near(t, "median", s.Median, tt.want[0], 1e-14)
		})
	}
}

func TestSavingsBySegment(t *testing.T) {
	s, err := insights.ComputeSavings(household(t), roles, insights.SavingsConfig{}, []int{1, 1, 0, 0, 0, -1, -1, 3})
	if err != nil {
		t.Fatal(err)
	}
	got := s.BySegment
	for i := range got {
		if got[i].Rows == 0 && math.IsNaN(got[i].Mean) && math.IsNaN(got[i].Median) {
			got[i].Mean, got[i].Median = 0, 0
		}
	}
	want := []insights.SegmentSavings{{Segment: 0}, {Segment: 1, Rows: 2, Mean: -75, Median: -75}, {Segment: 3}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestSavingsNeedTheirRoles(t *testing.T) {
	table := household(t)
	tests := []struct {
		change func(*insights.Roles)
		want   string
		column error
	}{
		{func(r *insights.Roles) { r.Income = "" }, "savings: no column is known to hold the income", nil},
		{func(r *insights.Roles) { r.Experience = "" }, "savings: no column is known to hold the experience", nil},
		{func(r *insights.Roles) { r.FamilySize = "famly" }, `savings: the column for the family size: no column "famly"; did you mean "family"?`, datasource.ErrNoColumn},
	}
	for _, tt := range tests {
		changed := roles
		tt.change(&changed)
		_, err := insights.ComputeSavings(table, changed, insights.SavingsConfig{}, nil)
		if err == nil || err.Error() != tt.want || !errors.Is(err, insights.ErrNoRole) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
		if tt.column != nil && !errors.Is(err, tt.column) {
			t.Errorf("error %v is not %v", err, tt.column)
		}
	}
}

func TestSavingsRefuseParameters(t *testing.T) {
	table := household(t)
	tests := []struct {
		cfg    insights.SavingsConfig
		labels []int
		want   string
	}{
		{insights.SavingsConfig{PerExperienceYear: -1}, nil, "savings: PerExperienceYear must be a finite number of at least 0, got -1"},
		{insights.SavingsConfig{PerFamilyMember: math.NaN()}, nil, "savings: PerFamilyMember must be a finite number of at least 0, got NaN"},
		{insights.SavingsConfig{}, []int{1}, "savings: labels must have one entry for each of 8 rows, got 1"},
	}
	for _, tt := range tests {
		if _, err := insights.ComputeSavings(table, roles, tt.cfg, tt.labels); err == nil || err.Error() != tt.want {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}
