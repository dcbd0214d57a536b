package service

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/explain"
)

// Interaction is what two columns do together to the prediction for a customer,
// beyond what each does alone. Half of it is in the contribution of either.
type Interaction struct {
	Features     [2]string `json:"features"`
	Contribution Number    `json:"contribution"`
}

// PairImportance is the mean size of an [Interaction] over all customers.
type PairImportance struct {
	Features     [2]string `json:"features"`
	MeanAbsolute Number    `json:"mean_absolute"`
}

// pair is the interaction of the groups i and j, of which i is the first.
type pair struct {
	i, j  int
	value float64
}

// interactionCells bounds the matrices that are held at a time.
const interactionCells = 1 << 17

// interactions calls add for each customer, in order, with the interactions of all
// pairs of columns, which it must not keep.
func (s *Service) interactions(ctx context.Context, x *explanation, e *explain.Explainer, r *explain.Result, add func([]pair)) error {
	x.quiet = true
	d, g := len(r.Columns), len(r.Groups)
	batch := max(1, interactionCells/max(1, d*d))
	pairs := make([]pair, 0, g*(g-1)/2)
	for from := 0; from < r.Rows; from += batch {
		to := min(from+batch, r.Rows)
		found, err := e.Interactions(ctx, r.X[from*d:to*d])
		if err != nil {
			return asInput(err)
		}
		for row := range to - from {
			pairs = pairsOf(pairs[:0], found.Values[row*g*g:], g)
			add(pairs)
		}
		if s.options.Progress != nil {
			s.options.Progress("interactions", to, r.Rows)
		}
	}
	return nil
}

// pairsOf appends the pairs of a matrix of g groups. Both halves of a pair count.
func pairsOf(pairs []pair, matrix []float64, g int) []pair {
	for i := range g {
		for j := i + 1; j < g; j++ {
			pairs = append(pairs, pair{i, j, 2 * matrix[i*g+j]})
		}
	}
	return pairs
}

// strongest orders pairs by size, those of equal size as they are, and leaves out
// those that do nothing.
func strongest(pairs []pair) []pair {
	pairs = slices.DeleteFunc(slices.Clone(pairs), func(p pair) bool { return p.value == 0 })
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(math.Abs(b.value), math.Abs(a.value)) })
	return pairs
}

// customerInteractions returns those of the only customer of a result, the
// strongest first.
func (s *Service) customerInteractions(ctx context.Context, x *explanation, e *explain.Explainer, r *explain.Result) ([]Interaction, error) {
	list := []Interaction{}
	err := s.interactions(ctx, x, e, r, func(pairs []pair) {
		for _, p := range strongest(pairs) {
			list = append(list, Interaction{[2]string{r.Groups[p.i], r.Groups[p.j]}, Number(p.value)})
		}
	})
	return list, err
}

// pairImportance returns the mean sizes over all customers of a result, the
// greatest first.
func (s *Service) pairImportance(ctx context.Context, x *explanation, e *explain.Explainer, r *explain.Result) ([]PairImportance, error) {
	var sums []pair
	err := s.interactions(ctx, x, e, r, func(pairs []pair) {
		if sums == nil {
			sums = pairsOf(nil, make([]float64, len(r.Groups)*len(r.Groups)), len(r.Groups))
		}
		for i, p := range pairs {
			sums[i].value += math.Abs(p.value) / float64(r.Rows)
		}
	})
	list := []PairImportance{}
	for _, p := range strongest(sums) {
		list = append(list, PairImportance{[2]string{r.Groups[p.i], r.Groups[p.j]}, Number(p.value)})
	}
	return list, err
}
