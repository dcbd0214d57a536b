package predict

import (
	"context"
	"fmt"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/testkit"
)

// BenchmarkPeer does what the Python peers in bench/peers do, on the same bits.
func BenchmarkPeer(b *testing.B) {
	for _, c := range []struct {
		name string
		work func(ctx context.Context, t *datasource.Table) (map[string]any, error)
	}{{"linear-fit", fitAsPeer}, {"linear-cv", crossValidateAsPeer}} {
		b.Run(c.name, func(b *testing.B) {
			t := peerTable(b, "linear", 21)
			var answer map[string]any
			for b.Loop() {
				var err error
				if answer, err = c.work(b.Context(), t); err != nil {
					b.Fatal(err)
				}
			}
			testkit.PeerAnswer(b, answer, nil)
		})
	}
}

const peerTarget = "target"

// peerTable reads rows of numbers, the last of which is the target.
func peerTable(b *testing.B, name string, width int) *datasource.Table {
	b.Helper()
	x := testkit.PeerFloats(b, name)
	columns := make([]datasource.Column, width)
	for j := range columns {
		values := make([]float64, len(x)/width)
		for i := range values {
			values[i] = x[i*width+j]
		}
		columns[j] = datasource.Numbers(fmt.Sprint("x", j), values)
		if j == width-1 {
			columns[j] = datasource.Numbers(peerTarget, values)
		}
	}
	t, err := datasource.NewTable(columns...)
	if err != nil {
		b.Fatal(err)
	}
	return t
}

// fitAsPeer fits on all rows, without an evaluation.
func fitAsPeer(ctx context.Context, t *datasource.Table) (map[string]any, error) {
	p, err := Fit(ctx, t, Config{Target: peerTarget})
	if err != nil {
		return nil, err
	}
	intercept := []float64{0}
	p.Evaluate(intercept, make([]float64, len(p.Columns())))
	_, _, slopes, _ := p.Linear()
	return map[string]any{"coefficients": slopes, "intercept": intercept[0]}, nil
}

// crossValidateAsPeer does all that Train does.
func crossValidateAsPeer(ctx context.Context, t *datasource.Table) (map[string]any, error) {
	r, err := Train(ctx, t, Config{Target: peerTarget})
	if err != nil {
		return nil, err
	}
	folds := map[string][]float64{}
	for _, m := range r.CV.PerFold {
		folds["mse"] = append(folds["mse"], m.MSE)
		folds["mae"] = append(folds["mae"], m.MAE)
		folds["r2"] = append(folds["r2"], m.R2)
	}
	return map[string]any{"folds": folds}, nil
}
