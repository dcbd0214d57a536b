package predict_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/predict"
)

// value evaluates the coefficients by hand.
func value(r *predict.Result, x1, x2 float64, group map[string]float64) float64 {
	v := r.Coefficients[0].Value
	for _, c := range r.Coefficients[1:] {
		switch c.Column {
		case "x1":
			v += c.Value * x1
		case "x2":
			v += c.Value * x2
		default:
			v += c.Value * group[c.Level]
		}
	}
	return v
}

func TestPredictionsFollowTheCoefficients(t *testing.T) {
	table := planted(t, 300, 5, 1)
	r := train(t, table, predict.Config{Target: "y"})
	shares := map[string]float64{}
	group, _ := table.CategoricalColumn("group")
	for row := range table.Rows() {
		shares[group.Cell(row)] += 1.0 / 300
	}
	descriptionMean := 0.0
	x1, _ := table.NumericColumn("x1")
	for _, v := range x1.Floats() {
		descriptionMean += v / 300
	}
	unseen := newTable(t,
		datasource.Categories("group", []string{"B", "C", "new", "", "A"}),
		datasource.Numbers("x1", []float64{1, 2, 3, 4, math.NaN()}),
		datasource.Numbers("x2", []float64{5, 6, 7, 8, 9}))
	tests := []struct {
		x1, x2 float64
		group  map[string]float64
		unseen []string
	}{
		{1, 5, map[string]float64{"B": 1}, nil},
		{2, 6, map[string]float64{"C": 1}, nil},
		{3, 7, shares, []string{"group"}},
		{4, 8, shares, []string{"group"}},
		{descriptionMean, 9, map[string]float64{"A": 1}, []string{"x1"}},
	}
	got, err := r.Predictor.Predict(t.Context(), unseen)
	if err != nil {
		t.Fatal(err)
	}
	for row, tt := range tests {
		near(t, "prediction", got[row].Value, value(r, tt.x1, tt.x2, tt.group), 1e-12)
		near(t, "width", got[row].High-got[row].Low, 2*r.Intervals.HalfWidth, 1e-12)
		if !slices.Equal(got[row].Unseen, tt.unseen) {
			t.Errorf("row %d: unseen %q, want %q", row, got[row].Unseen, tt.unseen)
		}
	}
}

func TestAnEmptyTableHasNoPredictions(t *testing.T) {
	table := planted(t, 50, 5, 1)
	got, err := train(t, table, predict.Config{Target: "y"}).Predictor.Predict(t.Context(), table.Take(nil))
	if err != nil || len(got) != 0 {
		t.Errorf("%v, %v, want no prediction and no error", got, err)
	}
}

func TestPredictRefuses(t *testing.T) {
	p := train(t, planted(t, 50, 5, 1), predict.Config{Target: "y"}).Predictor
	groups, number := datasource.Categories("group", []string{"A"}), datasource.Numbers("x1", []float64{1})
	tests := []struct {
		name  string
		table *datasource.Table
		is    error
		want  string
	}{
		{"a missing column", newTable(t, number, groups, datasource.Numbers("X2", []float64{1})), datasource.ErrNoColumn, `predict: no column "x2"; did you mean "X2"?`},
		{"another kind", newTable(t, number, groups, datasource.Texts("x2", []string{"1"})), datasource.ErrKind, `predict: column "x2" is text: a numeric column is needed`},
		{"an overflow", newTable(t, number, groups, datasource.Numbers("x2", []float64{1e308})), predict.ErrRange, "predict: line 1: the prediction of y is not finite: numbers too large"},
	}
	for _, tt := range tests {
		_, err := p.Predict(t.Context(), tt.table)
		if !errors.Is(err, tt.is) || err.Error() != tt.want {
			t.Errorf("%s: error %q, want %q", tt.name, err, tt.want)
		}
	}
}

func TestAccessors(t *testing.T) {
	p := train(t, planted(t, 50, 5, 1), predict.Config{Target: "y"}).Predictor
	if p.Target() != "y" || !slices.Equal(p.Features(), []string{"x1", "x2", "group"}) {
		t.Errorf("target %q, features %q", p.Target(), p.Features())
	}
	want := []predict.EncodedColumn{
		{Name: "x1", Column: "x1"}, {Name: "x2", Column: "x2"},
		{Name: "group=B", Column: "group", Level: "B", Reference: "A"}, {Name: "group=C", Column: "group", Level: "C", Reference: "A"},
	}
	if !slices.Equal(p.Columns(), want) {
		t.Errorf("columns %v, want %v", p.Columns(), want)
	}
	all := train(t, planted(t, 50, 5, 1), predict.Config{Target: "y", KeepFirst: true}).Predictor.Columns()
	if got, want := all[2], (predict.EncodedColumn{Name: "group=A", Column: "group", Level: "A"}); got != want {
		t.Errorf("with all levels: column %+v, want %+v", got, want)
	}
}
