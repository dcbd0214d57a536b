package predict_test

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/predict"
)

// rowOf returns a row as PredictRow takes it.
func rowOf(t testing.TB, p *predict.Predictor, table *datasource.Table, row int) (numbers []float64, levels []string) {
	t.Helper()
	for _, name := range p.Features() {
		c, err := table.Column(name)
		if err != nil {
			t.Fatal(err)
		}
		if c.Kind() == datasource.Numeric {
			numbers = append(numbers, c.Floats()[row])
		} else {
			levels = append(levels, c.Cell(row))
		}
	}
	return numbers, levels
}

func TestARowIsPredictedAsInATable(t *testing.T) {
	forEvery(t, func(t *testing.T, cfg predict.Config) {
		table := with(t, shops(t, 300, 5, 1), datasource.Categories("kind", strings.Split(strings.Repeat("k l ", 149)+"k l", " ")[:300]))
		for _, groups := range []string{"", "group", "kind"} {
			cfg.IntervalGroups, cfg.Numerical, cfg.Categorical = groups, []string{"x1", "x2"}, []string{"group"}
			p := train(t, table, cfg).Predictor
			rows := with(t, gappy(t, 300), datasource.Categories("kind", strings.Split(strings.Repeat("k z  ", 99)+"k l z", " ")[:300]))
			for row, want := range predictions(t, p, rows) {
				got, err := p.PredictRow(rowOf(t, p, rows, row))
				if err != nil || !reflect.DeepEqual(got, want) {
					t.Fatalf("row %d: %+v, %v, want %+v", row, got, err, want)
				}
			}
		}
	})
}

func TestARowAllocatesNothing(t *testing.T) {
	forEvery(t, func(t *testing.T, cfg predict.Config) {
		table := shops(t, 300, 5, 1)
		p := train(t, table, cfg).Predictor
		numbers, levels := rowOf(t, p, table, 7)
		if n := testing.AllocsPerRun(100, func() {
			if _, err := p.PredictRow(numbers, levels); err != nil {
				t.Error(err)
			}
		}); n != 0 {
			t.Errorf("%v allocations for a row", n)
		}
		x, err := p.Encode(t.Context(), table.Take([]int{7}))
		if err != nil {
			t.Fatal(err)
		}
		dst := make([]float64, 1)
		if n := testing.AllocsPerRun(100, func() { p.Evaluate(dst, x) }); n != 0 {
			t.Errorf("%v allocations for an encoded row", n)
		}
	})
}

func TestPredictRowRefuses(t *testing.T) {
	p := train(t, shops(t, 300, 5, 1), predict.Config{Target: "y"}).Predictor
	for _, tt := range []struct {
		numbers []float64
		levels  []string
		is      error
		want    string
	}{
		{[]float64{1}, []string{"A"}, nil, "numbers must be 2, one for each numerical feature, got 1"},
		{[]float64{1, 2}, nil, nil, "levels must be 1, one for each categorical feature, got 0"},
		{[]float64{1, math.Inf(-1)}, []string{"A"}, predict.ErrRange, "x2 must be a finite number or NaN, got -Inf"},
		{[]float64{1, 1e308}, []string{"A"}, predict.ErrRange, "the prediction of y is not finite"},
	} {
		_, err := p.PredictRow(tt.numbers, tt.levels)
		if err == nil || !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("%v, %q: error %v, want %q", tt.numbers, tt.levels, err, tt.want)
		}
	}
}
