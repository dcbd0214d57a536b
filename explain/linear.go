package explain

import (
	"context"
	"fmt"
	"math"
)

// linear explains base + sum of slope * (value - centre).
type linear struct {
	mean            float64
	centres, slopes []float64
}

func newLinear(m Model, columns int) (*linear, error) {
	lm, ok := m.(LinearModel)
	if !ok {
		return nil, nil
	}
	base, centres, slopes, ok := lm.Linear()
	if !ok {
		return nil, nil
	}
	if len(centres) != columns || len(slopes) != columns {
		return nil, fmt.Errorf("explain: the model has %d centres and %d slopes for %d columns: %w", len(centres), len(slopes), columns, ErrModel)
	}
	return &linear{mean: base, centres: centres, slopes: slopes}, nil
}

func (l *linear) base() float64 { return l.mean }

func (l *linear) explain(ctx context.Context, x []float64, r *Result) error {
	d := len(l.slopes)
	for at := 0; at < len(x); at += d {
		if at/d%pollRows == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		out := r.Encoded[at : at+d]
		for j, v := range x[at : at+d] {
			if !math.IsNaN(v) {
				out[j] = l.slopes[j] * (v - l.centres[j])
			}
		}
	}
	return nil
}
