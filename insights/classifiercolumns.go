package insights

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/rng"
)

// columnHelp is how much a column helps to tell old rows from new ones: the area
// under the curve that is lost when its values are shuffled among the rows that a
// classifier is judged on. The standard error is that of DeLong, DeLong and
// Clarke-Pearson, "Comparing the areas under two or more correlated receiver
// operating characteristic curves", Biometrics 44 (1988).
type columnHelp struct {
	column         int
	loss, stdError float64
}

// help returns the columns in descending order of their loss.
func (l *learner) help(ctx context.Context, cfg classifierConfig) ([]columnHelp, error) {
	j, err := l.judge(ctx, cfg)
	if err != nil {
		return nil, err
	}
	out := make([]columnHelp, len(l.design.spans)-1)
	err = par.Each(ctx, cfg.workers, len(out), func(c int) error {
		shuffled := l.shuffledPlaces(c, cfg.seed)
		out[c] = j.compare(l.placements(j.scoresWithout(c, shuffled)))
		out[c].column = c
		return nil
	})
	slices.SortStableFunc(out, func(a, b columnHelp) int { return cmp.Compare(b.loss, a.loss) })
	return out, err
}

// shuffledPlaces returns for each row one of its fold to take a column from.
func (l *learner) shuffledPlaces(column int, seed uint64) []int {
	random := rng.Stream(seed, streamShuffledColumn, uint64(column))
	places := make([]int, 0, l.design.rows)
	for _, f := range l.folds {
		for _, i := range random.Perm(f.high - f.low) {
			places = append(places, f.low+i)
		}
	}
	return places
}

// judge scores rows by the classifiers of the true labels.
type judge struct {
	*learner
	products *mat.Dense // of rows and landmarks
	lengths  []float64  // squared, of rows
	own      []float64  // squared lengths, of landmarks
	weights  [][]float64
	base     []float64 // placements of the rows as they are
}

func (l *learner) judge(ctx context.Context, cfg classifierConfig) (*judge, error) {
	d := l.design
	count, _ := l.landmarks.Dims()
	j := &judge{
		learner: l, products: mat.NewDense(d.rows, count, nil), own: squaredLengths(l.landmarks),
		lengths: squaredLengths(mat.NewDense(d.rows, d.width, d.x)),
	}
	err := par.Chunks(ctx, cfg.workers, d.rows, chunkOfRows, func(_, low, high int) error {
		rows := mat.NewDense(high-low, d.width, d.x[low*d.width:high*d.width])
		j.products.Slice(low, high, 0, count).(*mat.Dense).Mul(rows, l.landmarks.T())
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, learned := range l.learn(l.labels(0, 1, cfg.seed)) {
		var w mat.Dense
		w.Mul(l.basis, learned)
		j.weights = append(j.weights, w.RawMatrix().Data)
	}
	same := make([]int, d.rows)
	for i := range same {
		same[i] = i
	}
	j.base = l.placements(j.scoresWithout(0, same))
	return j, nil
}

// scoresWithout returns the scores of the rows, each with a column taken from
// another row.
func (j *judge) scoresWithout(column int, from []int) []float64 {
	low, high := j.design.spans[column], j.design.spans[column+1]
	scores := make([]float64, len(from))
	change := make([]float64, high-low)
	for f, bounds := range j.folds {
		for i := bounds.low; i < bounds.high; i++ {
			own, other := j.design.row(i)[low:high], j.design.row(from[i])[low:high]
			length := j.lengths[i]
			for c := range change {
				change[c] = other[c] - own[c]
				length += other[c]*other[c] - own[c]*own[c]
			}
			scores[i] = j.score(f, i, low, change, length)
		}
	}
	return scores
}

// score returns the score of a row of a fold after a change of its columns from
// low on, which gives it that squared length.
func (j *judge) score(f, row, low int, change []float64, length float64) float64 {
	sum := 0.0
	for m, product := range j.products.RawRowView(row) {
		landmark := j.landmarks.RawRowView(m)[low:]
		for c, by := range change {
			product += by * landmark[c]
		}
		sum += j.weights[f][m] * j.kernel.of(product, length, j.own[m])
	}
	return sum
}

// placements returns for each row the share of the rows of the other sample in its
// fold that stand on the right side of its score.
func (l *learner) placements(scores []float64) []float64 {
	out := make([]float64, len(scores))
	for _, f := range l.folds {
		middle := f.low + f.old
		place(scores[f.low:middle], scores[middle:f.high], out[f.low:middle], 1)
		place(scores[middle:f.high], scores[f.low:middle], out[middle:f.high], -1)
	}
	return out
}

// place sets to the share of others that are greater than each score, if side is
// 1, or less, if it is -1; equal ones count half.
func place(scores, others, to []float64, side float64) {
	sorted := slices.Sorted(slices.Values(others))
	for i, s := range scores {
		below, _ := slices.BinarySearch(sorted, s)
		above := len(sorted) - below
		for above > 0 && sorted[len(sorted)-above] == s {
			above--
		}
		share := float64(above-below) / float64(len(sorted))
		to[i] = (1 + side*share) / 2
	}
}

// compare returns what is lost from the base placements to others.
func (j *judge) compare(placements []float64) columnHelp {
	pairs, loss, variance := 0.0, 0.0, 0.0
	for _, f := range j.folds {
		old, young := float64(f.old), float64(f.high-f.low-f.old)
		pairs += old * young
		middle := f.low + f.old
		mean, varianceOld := meanDifference(j.base[f.low:middle], placements[f.low:middle])
		_, varianceYoung := meanDifference(j.base[middle:f.high], placements[middle:f.high])
		loss += old * young * mean
		variance += old * young * old * young * (varianceOld/old + varianceYoung/young)
	}
	return columnHelp{loss: loss / pairs, stdError: math.Sqrt(variance) / pairs}
}

// meanDifference returns the mean and the variance of a - b.
func meanDifference(a, b []float64) (mean, variance float64) {
	for i := range a {
		mean += (a[i] - b[i]) / float64(len(a))
	}
	for i := range a {
		d := a[i] - b[i] - mean
		variance += d * d / float64(max(1, len(a)-1))
	}
	return mean, variance
}
