package explain

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/rng"
)

// sampled estimates the Shapley values of any model. A permutation of the columns
// leads from a row of the background to the explained row, by replacing one value
// after the other: the steps of the prediction are an unbiased draw of the
// contributions, and they add up exactly. Each permutation is followed by its
// reverse, which takes much of the variance away. Castro et al. 2009, "Polynomial
// calculation of the Shapley value based on sampling"; Mitchell et al. 2022,
// "Sampling permutations for Shapley value estimation".
type sampled struct {
	model      Model
	columns    int
	background []float64
	// worths has the predictions for the rows of the background.
	worths []float64
	mean   float64
	pairs  int
	config Config
}

func newSampled(ctx context.Context, m Model, columns int, c Config) (*sampled, error) {
	if len(c.Background) == 0 {
		return nil, fmt.Errorf("explain: Method %q needs a Background, got none: %w", Permutation, ErrBackground)
	}
	s := &sampled{model: m, columns: columns, background: c.Background, config: c}
	var err error
	if s.worths, s.mean, err = evaluateBackground(ctx, m, columns, c); err != nil {
		return nil, err
	}
	s.pairs = par.Count(c.Permutations, len(s.worths)) * len(s.worths)
	return s, nil
}

// evaluateBackground returns the predictions for the rows of the background, and
// their mean.
func evaluateBackground(ctx context.Context, m Model, columns int, c Config) (predictions []float64, mean float64, err error) {
	predictions, err = evaluate(ctx, m, c.Background, columns, c.Workers)
	if err != nil {
		return nil, 0, fmt.Errorf("explain: Background: %w", err)
	}
	for _, v := range predictions {
		mean += v
	}
	return predictions, mean / float64(len(predictions)), nil
}

func (s *sampled) base() float64 { return s.mean }

func (s *sampled) explain(ctx context.Context, x []float64, r *Result) error {
	groups := len(r.Groups)
	r.EncodedStdErrors = make([]float64, len(x))
	r.StdErrors = make([]float64, r.Rows*groups)
	progress := s.config.countProgress(r.Rows)
	return par.Each(ctx, s.config.Workers, r.Rows, func(row int) error {
		low, high := row*s.columns, (row+1)*s.columns
		w := newPermutationWalk(s, x[low:high], r.Predictions[row], r.GroupOf, groups)
		if err := w.run(ctx); err != nil {
			return err
		}
		copy(r.Encoded[low:high], w.columns.mean)
		w.columns.setErrors(r.EncodedStdErrors[low:high])
		w.groups.setErrors(r.StdErrors[row*groups : (row+1)*groups])
		progress()
		return nil
	})
}

// permutationWalk explains one row.
type permutationWalk struct {
	*sampled
	row     []float64
	worth   float64
	groupOf []int
	// mixed holds the rows between background and row on the ways of a
	// permutation and of its reverse, between their predictions.
	mixed, between   []float64
	steps, groupStep []float64
	columns, groups  spread
}

func newPermutationWalk(s *sampled, row []float64, worth float64, groupOf []int, groups int) *permutationWalk {
	d := s.columns
	return &permutationWalk{
		sampled: s, row: row, worth: worth, groupOf: groupOf,
		mixed: make([]float64, 2*(d-1)*d), between: make([]float64, 2*(d-1)),
		steps: make([]float64, d), groupStep: make([]float64, groups),
		columns: newSpread(d), groups: newSpread(groups),
	}
}

func (w *permutationWalk) run(ctx context.Context) error {
	order := make([]int, len(w.row))
	for pair := range w.pairs {
		if err := ctx.Err(); err != nil {
			return err
		}
		for i := range order {
			order[i] = i
		}
		// The permutations are the same for every row, so that it does not
		// matter which others it is explained with.
		rng.Stream(w.config.Seed, uint64(pair)).Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		if err := w.add(order, pair%len(w.worths)); err != nil {
			return err
		}
	}
	return nil
}

// add takes the steps of a permutation and of its reverse from a row of the
// background.
func (w *permutationWalk) add(order []int, from int) error {
	d := len(order)
	start := w.background[from*d : (from+1)*d]
	half := (d - 1) * d
	mix(w.mixed[:half], start, w.row, order)
	slices.Reverse(order)
	mix(w.mixed[half:], start, w.row, order)
	w.model.Evaluate(w.between, w.mixed)

	clear(w.steps)
	w.step(order, w.worths[from], w.between[d-1:])
	slices.Reverse(order)
	w.step(order, w.worths[from], w.between[:d-1])
	clear(w.groupStep)
	for j, v := range w.steps {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("explain: a prediction between a row and the Background is not finite: %w", ErrRange)
		}
		w.groupStep[w.groupOf[j]] += v
	}
	w.columns.add(w.steps)
	w.groups.add(w.groupStep)
	return nil
}

// mix sets each row of dst to start, with one more value replaced in the given
// order.
func mix(dst, start, row []float64, order []int) {
	d := len(start)
	previous := start
	for i := 0; i < d-1; i++ {
		next := dst[i*d : (i+1)*d]
		copy(next, previous)
		next[order[i]] = row[order[i]]
		previous = next
	}
}

// step adds half of each step of the prediction to the column that was replaced.
func (w *permutationWalk) step(order []int, worth float64, between []float64) {
	for i, j := range order {
		next := w.worth
		if i < len(between) {
			next = between[i]
		}
		w.steps[j] += (next - worth) / 2
		worth = next
	}
}

// spread accumulates means and squared deviations, by Welford's method.
type spread struct {
	n        float64
	mean, m2 []float64
}

func newSpread(n int) spread { return spread{mean: make([]float64, n), m2: make([]float64, n)} }

func (s *spread) add(values []float64) {
	s.n++
	for i, v := range values {
		delta := v - s.mean[i]
		s.mean[i] += delta / s.n
		s.m2[i] += delta * (v - s.mean[i])
	}
}

// setErrors sets the standard errors of the means.
func (s *spread) setErrors(errors []float64) {
	for i, v := range s.m2 {
		errors[i] = math.Sqrt(v / (s.n * (s.n - 1)))
	}
}
