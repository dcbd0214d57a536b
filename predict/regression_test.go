package predict_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/sajari/regression"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/predict"
)

// regressed trains a regression on the rows of a table.
func regressed(t testing.TB, table *datasource.Table, target string, columns ...string) *regression.Regression {
	t.Helper()
	var r regression.Regression
	for row := range table.Rows() {
		values := make([]float64, 0, len(columns)+1)
		for _, name := range append(columns, target) {
			c, err := table.NumericColumn(name)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, c.Floats()[row])
		}
		r.Train(regression.DataPoint(values[len(columns)], values[:len(columns)]))
	}
	if err := r.Run(); err != nil {
		t.Fatal(err)
	}
	return &r
}

func TestARegressionPredictsAsItself(t *testing.T) {
	table := planted(t, 500, 5, 1)
	r := regressed(t, table, "y", "x2", "x1")
	p, err := predict.FromRegression(r, planted(t, 400, 5, 2), "y", []string{"x2", "x1"})
	if err != nil {
		t.Fatal(err)
	}
	rows := planted(t, 3000, 5, 3)
	x1, _ := rows.NumericColumn("x1")
	x2, _ := rows.NumericColumn("x2")
	y, _ := rows.NumericColumn("y")
	covered := 0
	for row, one := range predictions(t, p, rows) {
		want, err := r.Predict([]float64{x2.Floats()[row], x1.Floats()[row]})
		if err != nil {
			t.Fatal(err)
		}
		near(t, "prediction", one.Value, want, 1e-11)
		if v := y.Floats()[row]; one.Low <= v && v <= one.High {
			covered++
		}
	}
	if share := float64(covered) / 3000; p.Level() != 0.9 || math.Abs(share-0.9) > 0.03 {
		t.Errorf("intervals of level %v cover %v", p.Level(), share)
	}
	if p.Verdict() != predict.StrongSkill || p.Algorithm() != predict.LinearRegression {
		t.Errorf("verdict %q of %q", p.Verdict(), p.Algorithm())
	}
	if _, _, slopes, ok := p.Linear(); !ok || slopes[0] != r.Coeff(1) || slopes[1] != r.Coeff(2) {
		t.Errorf("slopes %v, want those of %v", slopes, r.GetCoeffs())
	}
	var file bytes.Buffer
	if err := p.Save(t.Context(), &file); err != nil {
		t.Fatal(err)
	}
	if _, err := predict.Load(t.Context(), &file); err != nil {
		t.Error(err)
	}
}

func TestARegressionWithoutTargetsHasNoIntervals(t *testing.T) {
	table := planted(t, 500, 5, 1)
	r := regressed(t, table, "y", "x1")
	features, err := table.Select("x1")
	if err != nil {
		t.Fatal(err)
	}
	for _, known := range []*datasource.Table{features, table.Take([]int{0, 1, 2, 3, 4, 5, 6, 7, 8})} {
		p, err := predict.FromRegression(r, known, "y", []string{"x1"})
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range predictions(t, p, table)[:5] {
			if one.Low != one.Value || one.High != one.Value || one.Confidence != predict.LowConfidence || p.Level() != 0 {
				t.Errorf("%+v with level %v, want no interval", one, p.Level())
			}
		}
		var file bytes.Buffer
		if err := p.Save(t.Context(), &file); err != nil {
			t.Fatal(err)
		}
		loaded, err := predict.Load(t.Context(), &file)
		if err != nil || loaded.Level() != 0 {
			t.Errorf("loaded: %v, %v", loaded, err)
		}
	}
}

func TestRegressionsThatCannotBeUsed(t *testing.T) {
	table := planted(t, 50, 5, 1)
	r := regressed(t, table, "y", "x1", "x2")
	none := with(t, table, derived(t, table, "x2", func(func(string) float64) float64 { return math.NaN() }))
	for _, tt := range []struct {
		r       *regression.Regression
		table   *datasource.Table
		columns []string
		is      error
		want    string
	}{
		{new(regression.Regression), table, []string{"x1"}, nil, "must be run before it can predict"},
		{r, table, []string{"x1"}, nil, "columns must name 2, one for each variable of the regression, got 1"},
		{r, table, []string{"x1", "x3"}, datasource.ErrNoColumn, `no column "x3"`},
		{r, table, []string{"x1", "group"}, datasource.ErrKind, `column "group" is categorical`},
		{r, table, []string{"x1", "x1"}, nil, `column "x1" is named twice`},
		{r, table, []string{"x1", "y"}, nil, `the target "y" cannot be among the columns`},
		{r, none, []string{"x1", "x2"}, predict.ErrMissing, `column "x2" has no value`},
	} {
		_, err := predict.FromRegression(tt.r, tt.table, "y", tt.columns)
		if err == nil || !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("%v: error %v, want %q", tt.columns, err, tt.want)
		}
	}
}

func ExampleFromRegression() {
	var r regression.Regression
	for _, v := range []float64{1, 2, 3, 4, 5, 6} {
		r.Train(regression.DataPoint(100+20*v, []float64{v}))
	}
	if err := r.Run(); err != nil {
		fmt.Println(err)
		return
	}
	known, err := datasource.NewTable(datasource.Numbers("Visits", []float64{1, 2, 3, 4, 5, 6}))
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := predict.FromRegression(&r, known, "Spend", []string{"Visits"})
	if err != nil {
		fmt.Println(err)
		return
	}
	base, centres, slopes, _ := p.Linear()
	one, err := p.PredictRow([]float64{8}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f + %.0f * (Visits - %.1f); for 8 visits %.0f, confidence %s\n", base, slopes[0], centres[0], one.Value, one.Confidence)
	// Output:
	// 170 + 20 * (Visits - 3.5); for 8 visits 260, confidence low
}
