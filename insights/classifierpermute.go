package insights

import (
	"cmp"
	"context"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/rng"
)

// labelBlock is the number of permutations that are learned from at once.
const labelBlock = 32

// permute returns the areas under the curve out of fold: that of the labels as
// they are, then those of their permutations. Labels are permuted within folds.
func (l *learner) permute(ctx context.Context, cfg classifierConfig) ([]float64, error) {
	aucs := make([]float64, 1+cfg.permutations)
	err := par.Chunks(ctx, cfg.workers, len(aucs), labelBlock, func(_, low, high int) error {
		l.areas(l.labels(low, high, cfg.seed), aucs[low:high])
		return nil
	})
	return aucs, err
}

// labels returns a column for each permutation from low to high, of which number
// 0 is none: the share of old rows in the fold for a new row, less 1 for an old.
func (l *learner) labels(low, high int, seed uint64) *mat.Dense {
	labels := mat.NewDense(l.design.rows, high-low, nil)
	for b := low; b < high; b++ {
		random := rng.Stream(seed, streamLabels, uint64(b))
		for _, f := range l.folds {
			n := f.high - f.low
			place := func(i int) int { return i }
			if b > 0 {
				order := random.Perm(n)
				place = func(i int) int { return order[i] }
			}
			share := float64(f.old) / float64(n)
			for i := range n {
				label := share
				if i < f.old {
					label--
				}
				labels.Set(f.low+place(i), b-low, label)
			}
		}
	}
	return labels
}

// areas sets to the areas under the curve for each column of labels.
func (l *learner) areas(labels *mat.Dense, to []float64) {
	clear(to)
	_, columns := labels.Dims()
	pairs := 0.0
	for i, weights := range l.learn(labels) {
		f := l.folds[i]
		var scores mat.Dense
		scores.Mul(l.block(f.low, f.high), weights)
		ranked := make([]scoredRow, f.high-f.low)
		for b := range columns {
			for i := range ranked {
				ranked[i] = scoredRow{scores.At(i, b), labels.At(f.low+i, b) > 0}
			}
			to[b] += concordant(ranked)
		}
		pairs += float64(f.old) * float64(f.high-f.low-f.old)
	}
	for b := range to {
		to[b] /= pairs
	}
}

// learn returns for each fold the weights of the features that the other folds
// teach, a column for each column of labels.
func (l *learner) learn(labels *mat.Dense) []*mat.Dense {
	_, columns := labels.Dims()
	_, width := l.features.Dims()
	total := mat.NewDense(width, columns, nil)
	out := make([]*mat.Dense, len(l.folds))
	for i, f := range l.folds {
		out[i] = new(mat.Dense)
		out[i].Mul(l.block(f.low, f.high).T(), labels.Slice(f.low, f.high, 0, columns))
		total.Add(total, out[i])
	}
	for i := range out {
		out[i].Sub(total, out[i])
		// The error only warns of an ill-conditioned matrix; the ridge bounds it.
		_ = l.inverses[i].SolveTo(out[i], out[i])
	}
	return out
}

// scoredRow is a row with its score, high for new.
type scoredRow struct {
	score float64
	young bool
}

// concordant counts the pairs of an old and a new row of which the new one has
// the higher score; a tie counts half. It sorts the rows.
func concordant(rows []scoredRow) float64 {
	slices.SortFunc(rows, func(a, b scoredRow) int { return cmp.Compare(a.score, b.score) })
	count, oldBelow := 0.0, 0.0
	for low := 0; low < len(rows); {
		old, young := 0.0, 0.0
		high := low
		for ; high < len(rows) && rows[high].score == rows[low].score; high++ {
			if rows[high].young {
				young++
			} else {
				old++
			}
		}
		count += young * (oldBelow + old/2)
		oldBelow += old
		low = high
	}
	return count
}
