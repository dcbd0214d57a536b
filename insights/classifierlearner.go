package insights

import (
	"context"
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/rng"
)

// kernel is how alike two rows are, from their product and their squared lengths.
type kernel struct {
	of func(product, a, b float64) float64
	// landmarks is the number of rows that stand for all.
	landmarks int
}

// kernelsFor returns that of means, spreads and products, and that of any smooth
// function, the width of which is the usual distance of two rows.
func kernelsFor(d *design) []kernel {
	width := 2 * float64(len(d.spans)-1)
	return []kernel{
		{landmarks: 256, of: func(product, _, _ float64) float64 { return (1 + product) * (1 + product) }},
		{landmarks: 128, of: func(product, a, b float64) float64 { return math.Exp((2*product - a - b) / width) }},
	}
}

// rowsPerFreedom is the number of rows for each degree of freedom that a
// classifier may use.
const rowsPerFreedom = 20

// learner is a ridge regression of the label on the features of a kernel, for
// each fold from the rows of the others. The features are those of Williams and
// Seeger, "Using the Nyström method to speed up kernel machines", NIPS 2000,
// exact where the kernel's own space has no more dimensions than there are
// landmarks.
type learner struct {
	folds  []fold
	design *design
	kernel kernel
	// landmarks are rows of the design, basis what turns the kernel's values at
	// them into features.
	landmarks *mat.Dense
	basis     *mat.Dense
	features  *mat.Dense // rows x features, centred
	inverses  []mat.Cholesky
}

// errSpectrum should not occur: all figures are finite.
var errSpectrum = errors.New("the eigenvalues of the samples were not found")

func newLearner(ctx context.Context, d *design, folds []fold, k kernel, cfg classifierConfig) (*learner, error) {
	l := &learner{folds: folds, design: d, kernel: k}
	l.pickLandmarks(cfg)
	if err := l.findBasis(ctx); err != nil {
		return nil, err
	}
	if err := l.findFeatures(ctx, cfg.workers); err != nil {
		return nil, err
	}
	return l, l.factorise(ctx, cfg.workers)
}

func (l *learner) pickLandmarks(cfg classifierConfig) {
	count := min(l.kernel.landmarks, l.design.rows)
	l.landmarks = mat.NewDense(count, l.design.width, nil)
	for i, row := range rng.Stream(cfg.seed, streamLandmarks).Perm(l.design.rows)[:count] {
		l.landmarks.SetRow(i, l.design.row(row))
	}
}

// findBasis finds the directions in which the landmarks differ at all.
func (l *learner) findBasis(ctx context.Context) error {
	count, _ := l.landmarks.Dims()
	values := mat.NewSymDense(count, nil)
	if err := ctx.Err(); err != nil {
		return err
	}
	among := l.values(l.landmarks)
	if err := ctx.Err(); err != nil {
		return err
	}
	for i := range count {
		for j := i; j < count; j++ {
			values.SetSym(i, j, among.At(i, j))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(values, true) {
		return errSpectrum
	}
	spectrum := eigen.Values(nil) // ascending
	const negligible = 1e-10
	first := 0
	for spectrum[first] < negligible*spectrum[count-1] {
		first++
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	l.basis = mat.DenseCopyOf(vectors.Slice(0, count, first, count))
	l.basis.Apply(func(_, j int, v float64) float64 { return v / math.Sqrt(spectrum[first+j]) }, l.basis)
	return nil
}

// values returns the kernel's values of rows and landmarks.
func (l *learner) values(rows *mat.Dense) *mat.Dense {
	var out mat.Dense
	out.Mul(rows, l.landmarks.T())
	a, b := squaredLengths(rows), squaredLengths(l.landmarks)
	out.Apply(func(i, j int, product float64) float64 { return l.kernel.of(product, a[i], b[j]) }, &out)
	return &out
}

func squaredLengths(rows *mat.Dense) []float64 {
	count, _ := rows.Dims()
	out := make([]float64, count)
	for i := range out {
		for _, v := range rows.RawRowView(i) {
			out[i] += v * v
		}
	}
	return out
}

// chunkOfRows is the number of rows that one task works on: few enough for wide
// tables to end soon after their context.
const chunkOfRows = 128

func (l *learner) findFeatures(ctx context.Context, workers int) error {
	d := l.design
	_, width := l.basis.Dims()
	l.features = mat.NewDense(d.rows, width, nil)
	err := par.Chunks(ctx, workers, d.rows, chunkOfRows, func(_, low, high int) error {
		rows := mat.NewDense(high-low, d.width, d.x[low*d.width:high*d.width])
		l.block(low, high).Mul(l.values(rows), l.basis)
		return nil
	})
	if err != nil {
		return err
	}
	means := make([]float64, width)
	for i := range d.rows {
		for j, v := range l.features.RawRowView(i) {
			means[j] += v / float64(d.rows)
		}
	}
	for i := range d.rows {
		row := l.features.RawRowView(i)
		for j := range row {
			row[j] -= means[j]
		}
	}
	return nil
}

// block returns the features of some rows; it shares their storage.
func (l *learner) block(low, high int) *mat.Dense {
	_, width := l.features.Dims()
	return l.features.Slice(low, high, 0, width).(*mat.Dense)
}

// factorise prepares the regression without each fold.
func (l *learner) factorise(ctx context.Context, workers int) error {
	products := make([]*mat.SymDense, len(l.folds))
	err := par.Each(ctx, workers, len(l.folds), func(f int) error {
		products[f] = new(mat.SymDense)
		products[f].SymOuterK(1, l.block(l.folds[f].low, l.folds[f].high).T())
		return nil
	})
	if err != nil {
		return err
	}
	_, width := l.features.Dims()
	total := mat.NewSymDense(width, nil)
	for _, p := range products {
		total.AddSym(total, p)
	}
	penalty, found := l.penalty(total)
	if !found {
		return errSpectrum
	}
	l.inverses = make([]mat.Cholesky, len(l.folds))
	return par.Each(ctx, workers, len(l.folds), func(f int) error {
		rest := mat.NewSymDense(width, nil)
		for i := range width {
			for j := i; j < width; j++ {
				rest.SetSym(i, j, total.At(i, j)-products[f].At(i, j))
			}
			rest.SetSym(i, i, rest.At(i, i)+penalty)
		}
		if !l.inverses[f].Factorize(rest) {
			return errSpectrum
		}
		return nil
	})
}

// penalty returns the weight of the ridge with which a regression on all rows has
// the degrees of freedom that it may use.
func (l *learner) penalty(products *mat.SymDense) (weight float64, found bool) {
	var eigen mat.EigenSym
	if !eigen.Factorize(products, false) {
		return 0, false
	}
	spectrum := eigen.Values(nil)
	most := spectrum[len(spectrum)-1]
	freedom := func(penalty float64) (sum float64) {
		for _, v := range spectrum {
			sum += max(v, 0) / (max(v, 0) + penalty)
		}
		return sum
	}
	low, high := 1e-9*most, 1e9*most
	for high > 1.01*low {
		middle := math.Sqrt(low * high)
		if freedom(middle)*rowsPerFreedom > float64(l.design.rows) {
			low = middle
		} else {
			high = middle
		}
	}
	const least = 1e-9 // where the landmarks do not differ
	return max(high, least), true
}
