package insights

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// SavingsConfig holds the coefficients of the monthly spend that [ComputeSavings]
// estimates. The zero value works.
type SavingsConfig struct {
	// PerExperienceYear and PerFamilyMember are in the unit of the income, 0
	// or more; 1000 and 500 when 0.
	PerExperienceYear, PerFamilyMember float64
}

// Savings estimates what customers have left of their income each month.
type Savings struct {
	// Percent has the share of income that is left, times 100, for each row of
	// the table; NaN where a value is missing or the income is not positive.
	Percent []float64
	// Rows counts the rows with a value, Negative those below zero.
	Rows, Negative int
	// Mean and Median are over the rows with a value; NaN when there is none.
	Mean, Median float64
	// Formula states the calculation in words.
	Formula string
	// BySegment has the mean and median of each segment, by segment ID.
	BySegment []SegmentSavings
}

// SegmentSavings is [Savings] for one segment. Mean and Median are NaN when no
// row has a value.
type SegmentSavings struct {
	Segment, Rows int
	Mean, Median  float64
}

// ComputeSavings estimates the savings of each customer: with a monthly income of
// a twelfth of the annual one, and a monthly spend of 1000 for each year of
// experience and 500 for each member of the family, (income - spend) / income x
// 100. It is a rule of thumb and not a measurement, and depends on the unit of
// the income.
//
// It needs the roles Income, Experience and FamilySize ([*RoleError]). Labels, if
// not nil, holds the segment of each row, below 0 for none. Cost is linear.
func ComputeSavings(t *datasource.Table, roles Roles, cfg SavingsConfig, labels []int) (*Savings, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if labels != nil && len(labels) != t.Rows() {
		return nil, fmt.Errorf("savings: labels must have one entry for each of %d rows, got %d", t.Rows(), len(labels))
	}
	income, err1 := roleColumn(t, "income", roles.Income)
	experience, err2 := roleColumn(t, "experience", roles.Experience)
	family, err3 := roleColumn(t, "family size", roles.FamilySize)
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			return nil, fmt.Errorf("savings: %w", err)
		}
	}
	s := &Savings{Percent: make([]float64, t.Rows()), Formula: cfg.formula(roles)}
	for row := range s.Percent {
		s.Percent[row] = cfg.percent(income.Floats()[row], experience.Floats()[row], family.Floats()[row])
	}
	s.summarise(labels)
	return s, nil
}

func (c SavingsConfig) withDefaults() (SavingsConfig, error) {
	for _, p := range []struct {
		name         string
		value        *float64
		defaultValue float64
	}{
		{"PerExperienceYear", &c.PerExperienceYear, 1000},
		{"PerFamilyMember", &c.PerFamilyMember, 500},
	} {
		if !(*p.value >= 0) || math.IsInf(*p.value, 0) {
			return c, fmt.Errorf("savings: %s must be a finite number of at least 0, got %v", p.name, *p.value)
		}
		if *p.value == 0 {
			*p.value = p.defaultValue
		}
	}
	return c, nil
}

// percent returns NaN when a value is missing, the income is not positive or the
// result is beyond what a float64 holds.
func (c SavingsConfig) percent(annualIncome, experience, family float64) float64 {
	income := annualIncome / 12
	if !(income > 0) {
		return math.NaN()
	}
	spend := c.PerExperienceYear*experience + c.PerFamilyMember*family
	v := (income - spend) / income * 100
	if math.IsInf(v, 0) {
		return math.NaN()
	}
	return v
}

func (c SavingsConfig) formula(roles Roles) string {
	amount := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	return fmt.Sprintf("Savings in percent = (income - spend) / income x 100, with a monthly income of %s / 12 "+
		"and an estimated monthly spend of %s x %s + %s x %s.",
		roles.Income, amount(c.PerExperienceYear), roles.Experience, amount(c.PerFamilyMember), roles.FamilySize)
}

// summarise fills all but Percent and Formula.
func (s *Savings) summarise(labels []int) {
	bySegment := make(map[int][]float64)
	var all []float64
	for row, v := range s.Percent {
		known := !math.IsNaN(v)
		if known {
			all = append(all, v)
			if v < 0 {
				s.Negative++
			}
		}
		if labels == nil || labels[row] < 0 {
			continue
		}
		values := bySegment[labels[row]]
		if known {
			values = append(values, v)
		}
		bySegment[labels[row]] = values
	}
	s.Rows = len(all)
	s.Mean, s.Median = meanAndMedian(all)
	for _, id := range slices.Sorted(maps.Keys(bySegment)) {
		segment := SegmentSavings{Segment: id, Rows: len(bySegment[id])}
		segment.Mean, segment.Median = meanAndMedian(bySegment[id])
		s.BySegment = append(s.BySegment, segment)
	}
}

// meanAndMedian reorders the values.
func meanAndMedian(values []float64) (mean, median float64) {
	var m stat.Moments
	m.Add(values)
	return m.Mean(), stat.Quantile(values, 0.5)
}
