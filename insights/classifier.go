package insights

import (
	"context"
	"math"

	"github.com/cohortlens/cohortlens/internal/rng"
)

// Labels of random streams of the classifier test.
const (
	streamFolds = iota
	streamLandmarks
	streamLabels
	streamShuffledColumn
)

// twoSamples are the rows of two samples, the old ones first.
type twoSamples struct {
	old, rows int
	columns   []pooledColumn
	// twins has for an old row the number of the new row that is the same one,
	// such as that of a customer who is in both tables.
	twins map[int]int
}

// pooledColumn holds a column of both samples: values, NaN where missing, or
// codes of levels, -1 where missing.
type pooledColumn struct {
	name   string
	values []float64
	codes  []int32
}

// classifierConfig says how the classifier test is done.
type classifierConfig struct {
	permutations int
	alpha        float64
	seed         uint64
	workers      int
}

// separation is how well old rows can be told from new ones.
type separation struct {
	// auc is the share of pairs of an old and a new row that are ordered
	// rightly by a classifier that has seen neither; 0.5 is guessing.
	auc, pValue float64
	// columns says how much each column helps; empty when pValue is above
	// alpha.
	columns []columnHelp
}

// separate trains classifiers to tell old rows from new ones: the test of
// Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", ICLR 2017. There
// are two, ridge regressions of the label on functions of the row. One sees the
// means, spreads and pairwise products of the columns, which is where most
// changes are; the other any smooth function, though less sharply. The statistic
// is the greater of their areas under the curve out of fold, each measured by its
// own distribution over permuted labels, and the p-value the rank of the
// statistic among those of the permutations. Nothing but the labels differs
// between permutations, so the level is exact.
//
// The cost is that of multiplying matrices of rows x 256 and 256 x permutations
// four times.
func separate(ctx context.Context, s twoSamples, cfg classifierConfig) (*separation, error) {
	d, err := newDesign(ctx, s)
	if err != nil {
		return nil, err
	}
	if !d.varies() {
		return &separation{auc: 0.5, pValue: 1}, nil
	}
	folds, order := dealFolds(s, rng.Stream(cfg.seed, streamFolds))
	d.reorder(order)
	var learners []*learner
	var curves [][]float64
	for _, k := range kernelsFor(d) {
		l, err := newLearner(ctx, d, folds, k, cfg)
		if err != nil {
			return nil, err
		}
		aucs, err := l.permute(ctx, cfg)
		if err != nil {
			return nil, err
		}
		learners, curves = append(learners, l), append(curves, aucs)
	}
	best, p := combine(curves)
	out := &separation{auc: curves[best][0], pValue: p}
	if p > cfg.alpha {
		return out, nil
	}
	out.columns, err = learners[best].help(ctx, cfg)
	return out, err
}

// combine picks the classifier whose first area stands out most among its others,
// and returns the share of permutations, the first included, in which some
// classifier stands out at least as much.
func combine(curves [][]float64) (best int, p float64) {
	scores := make([][]float64, len(curves))
	for i, aucs := range curves {
		scores[i] = standardised(aucs)
		if scores[i][0] > scores[best][0] {
			best = i
		}
	}
	reached := 0
	for b := range scores[0] {
		most := math.Inf(-1)
		for _, s := range scores {
			most = max(most, s[b])
		}
		if most >= scores[best][0] {
			reached++
		}
	}
	return best, float64(reached) / float64(len(scores[0]))
}

// standardised returns the distances from the mean in standard deviations, zero
// when all values are equal.
func standardised(values []float64) []float64 {
	mean, sum := 0.0, 0.0
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		sum += (v - mean) * (v - mean)
	}
	std := math.Sqrt(sum / float64(len(values)))
	out := make([]float64, len(values))
	for i, v := range values {
		if std > 0 {
			out[i] = (v - mean) / std
		}
	}
	return out
}
