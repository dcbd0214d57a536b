package insights

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// mostLevels is the number of levels of a category that the classifier tells
// apart, the most frequent ones; the others are one.
const mostLevels = 12

// design holds the rows of two samples as numbers, row after row. It depends on
// the rows but not on which sample they are from. Numbers become normal scores,
// and so outliers and units do not matter; levels become indicators. The
// variances of what a column becomes sum to 1.
type design struct {
	rows, width int
	x           []float64
	// spans has for each column of the samples where it starts, and the end.
	spans []int
}

func newDesign(ctx context.Context, s twoSamples) (*design, error) {
	d := &design{rows: s.rows, spans: []int{0}}
	var encoded [][]float64
	for _, c := range s.columns {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if c.values != nil {
			encoded = append(encoded, encodeNumbers(c.values)...)
		} else {
			encoded = append(encoded, encodeLevels(c.codes)...)
		}
		unitVariance(encoded[d.width:])
		d.width = len(encoded)
		d.spans = append(d.spans, d.width)
	}
	d.x = make([]float64, d.rows*d.width)
	for j, column := range encoded {
		for i, v := range column {
			d.x[i*d.width+j] = v
		}
	}
	return d, nil
}

func (d *design) row(i int) []float64 { return d.x[i*d.width : (i+1)*d.width] }

// varies reports whether two rows differ at all.
func (d *design) varies() bool {
	return slices.ContainsFunc(d.x, func(v float64) bool { return v != 0 })
}

// reorder puts the row order[i] at i.
func (d *design) reorder(order []int) {
	x := make([]float64, 0, len(d.x))
	for _, i := range order {
		x = append(x, d.row(i)...)
	}
	d.x = x
}

// encodeNumbers returns the normal scores of the values, 0 where missing, and an
// indicator of the missing ones if there are any.
func encodeNumbers(values []float64) [][]float64 {
	scores, missing := make([]float64, len(values)), make([]float64, len(values))
	var present []int
	for i, v := range values {
		if math.IsNaN(v) {
			missing[i] = 1
		} else {
			present = append(present, i)
		}
	}
	slices.SortFunc(present, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	for low := 0; low < len(present); {
		high := low + 1
		for high < len(present) && values[present[high]] == values[present[low]] {
			high++
		}
		score := distuv.UnitNormal.Quantile(float64(low+high+1) / 2 / float64(len(present)+1))
		for _, i := range present[low:high] {
			scores[i] = score
		}
		low = high
	}
	if len(present) == len(values) {
		return [][]float64{scores}
	}
	return [][]float64{scores, missing}
}

// encodeLevels returns an indicator for each level, missing being one of them.
func encodeLevels(codes []int32) [][]float64 {
	counts := make([]int, slices.Max(codes)+2) // the first one counts missing
	for _, c := range codes {
		counts[c+1]++
	}
	frequent := make([]int, len(counts))
	for i := range frequent {
		frequent[i] = i
	}
	slices.SortStableFunc(frequent, func(a, b int) int { return cmp.Compare(counts[b], counts[a]) })
	place := make([]int, len(counts))
	for rank, level := range frequent {
		place[level] = min(rank, mostLevels)
	}
	encoded := make([][]float64, min(len(counts), mostLevels+1))
	for j := range encoded {
		encoded[j] = make([]float64, len(codes))
	}
	for i, c := range codes {
		encoded[place[c+1]][i] = 1
	}
	return encoded
}

// unitVariance centres the columns and scales them together so that their
// variances sum to 1. Columns that do not vary become zero.
func unitVariance(columns [][]float64) {
	total := 0.0
	for _, column := range columns {
		mean := 0.0
		for _, v := range column {
			mean += v / float64(len(column))
		}
		for i := range column {
			column[i] -= mean
			total += column[i] * column[i] / float64(len(column))
		}
	}
	scale := 0.0
	if total > 1e-12 {
		scale = 1 / math.Sqrt(total)
	}
	for _, column := range columns {
		for i := range column {
			column[i] *= scale
		}
	}
}

// foldCount is the number of folds that the classifiers are judged on, each by
// what was learned from the others.
const foldCount = 5

// fold is a run of rows, the old ones first.
type fold struct{ low, high, old int }

// dealFolds deals the rows, shuffled, out to folds, old and new ones alike. Twins
// come into one fold: else a classifier that saw the one would be judged by the
// other, which has the opposite label. It returns the rows in the order of the
// folds.
func dealFolds(s twoSamples, random *rand.Rand) (folds []fold, order []int) {
	var old, young [foldCount][]int
	dealt := make(map[int]bool, len(s.twins))
	for i, row := range random.Perm(s.old) {
		f := i % foldCount
		old[f] = append(old[f], row)
		if twin, ok := s.twins[row]; ok {
			young[f] = append(young[f], twin)
			dealt[twin] = true
		}
	}
	next := 0
	for _, i := range random.Perm(s.rows - s.old) {
		if row := s.old + i; !dealt[row] {
			f := next % foldCount
			young[f] = append(young[f], row)
			next++
		}
	}
	for f := range foldCount {
		low := len(order)
		order = append(append(order, old[f]...), young[f]...)
		folds = append(folds, fold{low, len(order), len(old[f])})
	}
	return folds, order
}
