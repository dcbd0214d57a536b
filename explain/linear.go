package explain

import (
	"context"
	"fmt"
	"math"

	"github.com/cohortlens/cohortlens/internal/par"
)

// linear explains base + sum of slope * (value - centre).
type linear struct {
	mean            float64
	centres, slopes []float64
	progress        func(done, total int)
}

func newLinear(m Model, columns int, c Config) (*linear, error) {
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
	return &linear{mean: base, centres: centres, slopes: slopes, progress: c.Progress}, nil
}

func (l *linear) base() float64 { return l.mean }

func (l *linear) explain(ctx context.Context, x []float64, r *Result) error {
	d := len(l.slopes)
	chunk := pollRows * d
	for at := 0; at < len(x); at += chunk {
		if err := ctx.Err(); err != nil {
			return err
		}
		out := r.Encoded[at:]
		for i, v := range x[at:min(at+chunk, len(x))] {
			if !math.IsNaN(v) {
				out[i] = l.slopes[i%d] * (v - l.centres[i%d])
			}
		}
		l.progress(at/chunk+1, par.Count(len(x), chunk))
	}
	return nil
}
