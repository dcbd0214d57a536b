package explain_test

import (
	"math/bits"

	"github.com/cohortlens/cohortlens/explain"
)

// worths has, for each set of known columns as bits, what a model is worth.
type worths []float64

func worthsOf(players int, worth func(known uint) float64) worths {
	w := make(worths, 1<<players)
	for known := range w {
		w[known] = worth(uint(known))
	}
	return w
}

// shapley computes Shapley values by their definition.
func (w worths) shapley() []float64 {
	players := bits.Len(uint(len(w))) - 1
	weights := coalitionWeights(players, 1)
	values := make([]float64, players)
	for known, worth := range w {
		for j := range values {
			if known>>j&1 == 0 {
				values[j] += weights[bits.OnesCount(uint(known))] * (w[known|1<<j] - worth)
			}
		}
	}
	return values
}

// interactions computes Shapley interaction values by their definition, half of
// the interaction of two columns on each side of the diagonal, which has what is
// left of the Shapley value.
func (w worths) interactions() []float64 {
	values := w.shapley()
	d := len(values)
	weights := coalitionWeights(d, 2)
	out := make([]float64, d*d)
	for i := range d {
		for j := range i {
			pair := 1<<i | 1<<j
			sum := 0.0
			for known := range w {
				if known&pair == 0 {
					delta := w[known|pair] - w[known|1<<i] - w[known|1<<j] + w[known]
					sum += weights[bits.OnesCount(uint(known))] * delta
				}
			}
			out[i*d+j], out[j*d+i] = sum/2, sum/2
			values[i] -= sum / 2
			values[j] -= sum / 2
		}
	}
	for i, v := range values {
		out[i*d+i] = v
	}
	return out
}

// coalitionWeights returns s! (n-s-k)! / (n-k+1)! for sets of s among n players,
// when k of them are looked at.
func coalitionWeights(n, k int) []float64 {
	factorial := func(n int) float64 {
		f := 1.0
		for i := 2; i <= n; i++ {
			f *= float64(i)
		}
		return f
	}
	w := make([]float64, max(0, n-k+1))
	for s := range w {
		w[s] = factorial(s) * factorial(n-s-k) / factorial(n-k+1)
	}
	return w
}

// conditionalWorth is the prediction when unknown columns go both ways.
func conditionalWorth(e *explain.Ensemble, row []float64, known uint) float64 {
	sum := 0.0
	for _, t := range e.Trees {
		sum += conditional(t, 0, row, known)
	}
	return e.Base + e.Scale*sum
}

func conditional(t explain.Tree, at int, row []float64, known uint) float64 {
	n := t.Nodes[at]
	if n.Feature == explain.Leaf {
		return n.Value
	}
	left, right := at+1, int(n.Right)
	if known>>n.Feature&1 == 1 {
		if n.LeftOf(row[n.Feature]) {
			return conditional(t, left, row, known)
		}
		return conditional(t, right, row, known)
	}
	share := t.Cover[left] / t.Cover[at]
	return share*conditional(t, left, row, known) + (1-share)*conditional(t, right, row, known)
}

// replacedWorth is the mean prediction when unknown columns have the values of
// the rows of a background.
func replacedWorth(m explain.Model, row, background []float64, known uint) float64 {
	d := len(row)
	mixed := make([]float64, len(background))
	for i, v := range background {
		if known>>(i%d)&1 == 1 {
			v = row[i%d]
		}
		mixed[i] = v
	}
	predictions := make([]float64, len(background)/d)
	m.Evaluate(predictions, mixed)
	sum := 0.0
	for _, p := range predictions {
		sum += p
	}
	return sum / float64(len(predictions))
}
