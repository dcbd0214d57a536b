package predict_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/predict"
)

func TestParametersAreCheckedBeforeData(t *testing.T) {
	tests := []struct {
		cfg  predict.Config
		want string
	}{
		{predict.Config{}, "Target must name the numeric column to predict, got none"},
		{predict.Config{Target: "y", Algorithm: "autogluon"}, `Algorithm must be one of ["linear_regression" "ridge" "random_forest" "auto" "mean"], got "autogluon"; use "auto" instead`},
		{predict.Config{Target: "y", Algorithm: "lstm"}, `got "lstm"; use "random_forest" instead`},
		{predict.Config{Target: "y", Algorithm: "magic"}, `got "magic": no such algorithm`},
		{predict.Config{Target: "y", TestSize: 1}, "TestSize must be more than 0 and less than 1, got 1"},
		{predict.Config{Target: "y", TestSize: math.NaN()}, "TestSize must be more than 0 and less than 1, got NaN"},
		{predict.Config{Target: "y", Folds: 1}, "Folds must be from 2 to 100, got 1"},
		{predict.Config{Target: "y", Folds: 101}, "Folds must be from 2 to 100, got 101"},
		{predict.Config{Target: "y", Level: 1.5}, "Level must be more than 0 and less than 1, got 1.5"},
		{predict.Config{Target: "y", Workers: -1}, "Workers must be 0 or more, got -1"},
		{predict.Config{Target: "y", Numerical: []string{"x", "y"}}, `the target "y" cannot be among the columns to predict from`},
		{predict.Config{Target: "y", Numerical: []string{"x"}, Categorical: []string{"x"}}, `column "x" is named twice`},
	}
	empty := newTable(t, datasource.Numbers("other", nil))
	for _, tt := range tests {
		_, err := predict.Train(t.Context(), empty, tt.cfg)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
		if tt.cfg.Algorithm != "" && !errors.Is(err, predict.ErrAlgorithm) {
			t.Errorf("error %v is not ErrAlgorithm", err)
		}
	}
}

// oneGap returns the first row without an x1.
func oneGap(t *testing.T, table *datasource.Table) []int {
	t.Helper()
	c, err := table.Column("x1")
	if err != nil {
		t.Fatal(err)
	}
	return []int{slices.IndexFunc(c.Floats(), math.IsNaN)}
}

func TestDataThatCannotBeTrainedOn(t *testing.T) {
	table := planted(t, 40, 1, 1)
	gaps := with(t, table, derived(t, table, "x1", func(get func(string) float64) float64 {
		if v := get("x1"); v > 50 {
			return v
		}
		return math.NaN()
	}))
	huge := with(t, table, derived(t, table, "x2", func(get func(string) float64) float64 { return get("x2") * 1e200 }))
	many := make([]string, 40)
	for i := range many {
		many[i] = fmt.Sprint("zip", i)
	}
	wide := with(t, newTable(t, wideColumns(220, 40)...), datasource.Categories("zip", many))
	tests := []struct {
		name  string
		table *datasource.Table
		cfg   predict.Config
		is    error
		want  string
	}{
		{"no target", table, predict.Config{Target: "Y"}, datasource.ErrNoColumn, `target: no column "Y"; did you mean "y"?`},
		{"target is a category", table, predict.Config{Target: "group"}, datasource.ErrKind, `target: column "group" is categorical`},
		{"no feature", table, predict.Config{Target: "y", Numerical: []string{"x3"}}, datasource.ErrNoColumn, `numerical feature: no column "x3"; did you mean "x1"?`},
		{"number as category", table, predict.Config{Target: "y", Categorical: []string{"x1"}}, datasource.ErrKind, `categorical feature: column "x1" is numeric`},
		{"target alone", newTable(t, datasource.Numbers("y", make([]float64, 20))), predict.Config{Target: "y"}, nil, `there is no column to predict "y" from`},
		{"number for groups", table, predict.Config{Target: "y", IntervalGroups: "x1"}, datasource.ErrKind, `IntervalGroups: column "x1" is numeric: a categorical column is needed`},
		{"no such groups", table, predict.Config{Target: "y", IntervalGroups: "grup"}, datasource.ErrNoColumn, `IntervalGroups: no column "grup"; did you mean "group"?`},
		{"missing values", gaps, predict.Config{Target: "y"}, predict.ErrMissing, "of 40 rows lack a value in x1; drop them with Clean first"},
		{"a missing value", gaps.Take(oneGap(t, gaps)), predict.Config{Target: "y"}, predict.ErrMissing, "1 of 1 rows lacks a value in x1"},
		{"one row", table.Take([]int{0}), predict.Config{Target: "y"}, predict.ErrTooFewRows, "5 folds need at least 10 rows, got 1"},
		{"two rows", table.Take([]int{0, 1}), predict.Config{Target: "y"}, predict.ErrTooFewRows, "5 folds need at least 10 rows, got 2"},
		{"no row", table.Take(nil), predict.Config{Target: "y"}, predict.ErrTooFewRows, "got 0"},
		{"nothing left to train on", table, predict.Config{Target: "y", TestSize: 0.99}, predict.ErrTooFewRows, "TestSize 0.99 leaves 0 of 40 rows"},
		{"numbers too large", huge, predict.Config{Target: "y"}, predict.ErrRange, `the numbers of column "x2" spread beyond 1e+140`},
		{"too many levels", wide, predict.Config{Target: "x0"}, predict.ErrTooManyColumns, `258 encoded columns, at most 256 can be used; "zip" alone has 40 levels`},
		{"too many numbers", newTable(t, wideColumns(258, 10)...), predict.Config{Target: "x0"}, predict.ErrTooManyColumns, "257 numeric columns, at most 256 can be used"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := predict.Train(t.Context(), tt.table, tt.cfg)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want %q", err, tt.want)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("error %v is not %v", err, tt.is)
			}
		})
	}
}

// wideColumns makes n numeric columns x0, x1 ...
func wideColumns(n, rows int) []datasource.Column {
	columns := make([]datasource.Column, n)
	for i := range columns {
		values := make([]float64, rows)
		for row := range values {
			values[row] = float64((row*(i+3))%17 + i)
		}
		columns[i] = datasource.Numbers(fmt.Sprint("x", i), values)
	}
	return columns
}

func TestTheMostColumnsCanBeUsed(t *testing.T) {
	r := train(t, newTable(t, wideColumns(predict.MaxColumns+1, 20)...), predict.Config{Target: "x0"})
	if len(r.Coefficients) != predict.MaxColumns+1 {
		t.Errorf("%d coefficients", len(r.Coefficients))
	}
}

func TestAtLeastTwoRowsAreHeldOut(t *testing.T) {
	if r := train(t, planted(t, 20, 1, 3), predict.Config{Target: "y", TestSize: 0.01}); r.Metrics.Rows != 2 {
		t.Errorf("%d rows held out of 20 at 1%%, want 2", r.Metrics.Rows)
	}
}

func TestFewestRowsGiveAResult(t *testing.T) {
	table := planted(t, 10, 1, 3)
	finite(t, train(t, table, predict.Config{Target: "y"}))
	finite(t, train(t, table.Take([]int{0, 1, 2, 3, 4, 5}), predict.Config{Target: "y", Folds: 2, TestSize: 0.01, Seed: 1}))
}
