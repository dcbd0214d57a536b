package predict

import (
	"math"
	"testing"
)

// growth returns what the mean squared error of a model grows by when some encoded
// columns of each row are replaced by those of each row in turn: the expectation
// over all shuffles.
func growth(p *Predictor, x, y []float64, low, high int) float64 {
	width, rows := len(p.Columns()), len(y)
	square := func(row []float64, actual float64) float64 {
		var v [1]float64
		p.Evaluate(v[:], row)
		return (actual - v[0]) * (actual - v[0])
	}
	sum := 0.0
	for i, actual := range y {
		row := append([]float64(nil), x[i*width:(i+1)*width]...)
		before := square(row, actual)
		for j := range rows {
			copy(row[low:high], x[j*width+low:j*width+high])
			sum += square(row, actual) - before
		}
	}
	return sum / float64(rows*rows)
}

func TestLinearImportancesAreThoseOfAllShuffles(t *testing.T) {
	table := randomTable(t, 80, 4)
	for _, cfg := range []Config{{}, {Algorithm: Ridge, RidgeAlpha: 30}, {KeepFirst: true}} {
		cfg.Target = "y"
		r, err := Train(t.Context(), table, cfg)
		if err != nil {
			t.Fatal(err)
		}
		x, err := r.Predictor.Encode(t.Context(), table)
		if err != nil {
			t.Fatal(err)
		}
		y, _ := table.NumericColumn("y")
		at := map[string]place{}
		for _, one := range r.Predictor.encoder.places() {
			at[one.name] = one
		}
		for i, c := range r.Predictor.Columns() {
			if c.Level != "" {
				at[c.Name] = place{low: i, high: i + 1}
			}
		}
		checked := 0
		check := func(one Importance) {
			want := growth(r.Predictor, x, y.Floats(), at[one.Column].low, at[one.Column].high)
			if math.Abs(one.Permutation-want) > 1e-9*max(1, math.Abs(want)) {
				t.Errorf("%+v: importance of %s is %v, want %v", cfg, one.Column, one.Permutation, want)
			}
			checked++
		}
		for i, one := range r.Importances {
			check(one)
			for _, encoded := range one.Encoded {
				check(encoded)
			}
			if i > 0 && one.Permutation > r.Importances[i-1].Permutation {
				t.Errorf("%s comes after %s, which matters less", one.Column, r.Importances[i-1].Column)
			}
		}
		if want := len(r.Predictor.Columns()) + 2; checked != want {
			t.Errorf("%d importances, want %d", checked, want)
		}
	}
}

// The target hangs on a and b; city and plan set its noise.
func TestForestImportancesFindWhatMatters(t *testing.T) {
	r, err := Train(t.Context(), randomTable(t, 600, 4), Config{Target: "y", Algorithm: RandomForest, Trees: 30})
	if err != nil {
		t.Fatal(err)
	}
	impurity := 0.0
	for _, one := range r.Importances {
		impurity += one.Impurity
		parts := 0.0
		for _, encoded := range one.Encoded {
			parts += encoded.Impurity
		}
		if len(one.Encoded) > 0 && math.Abs(parts-one.Impurity) > 1e-12 {
			t.Errorf("the impurity of %s is %v, that of its levels %v", one.Column, one.Impurity, parts)
		}
	}
	if r.Importances[0].Column != "a" || r.Importances[0].Permutation < 20*r.Importances[0].StdError || math.Abs(impurity-1) > 1e-12 {
		t.Errorf("importances %+v", r.Importances)
	}
	if len(r.Importances) != 4 || len(r.Importances[3].Encoded) == 0 || r.Importances[3].Permutation > r.Importances[0].Permutation/20 {
		t.Errorf("the last importance is %+v", r.Importances[len(r.Importances)-1])
	}
}
