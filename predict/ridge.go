package predict

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/cohortlens/cohortlens/internal/stat"
)

// ridgeLearner fits by least squares with a penalty, from statistics alone.
type ridgeLearner struct{ *training }

// ridgeFit is the model that predicts, with what it was made of.
type ridgeFit struct {
	*linear
	g     *stat.Gram
	alpha float64
}

func (l *ridgeLearner) pace() pace {
	return pace{together: 2*l.cfg.Folds + 2, steps: 1, cheap: true}
}

func (l *ridgeLearner) sample(actual []float64) sample { return newSample(actual) }

func (l *ridgeLearner) fit(_ context.Context, _ subset, g *stat.Gram) (model, error) {
	slopes, alpha, err := ridge(g, l.cfg.RidgeAlpha)
	if err != nil {
		return nil, err
	}
	return ridgeFit{newLinear(l.encoder, g.Mean(0), slopes, featureMeans(g)), g, alpha}, nil
}

func (l *ridgeLearner) describe(_ context.Context, r *Result, e *evaluation) error {
	m := e.final.model.(ridgeFit)
	r.RidgeAlpha = m.alpha
	r.Coefficients = []Coefficient{{Name: "(intercept)", Value: m.intercept()}}
	for i, c := range l.encoder.columns() {
		one := Coefficient{Name: c.Name, Column: c.Column, Level: c.Level, Value: m.slope[i]}
		if constant(m.g, i+1) {
			one.SetAside = "constant"
		}
		r.Coefficients = append(r.Coefficients, one)
	}
	r.Notes = append(r.Notes, notes(r.Coefficients)...)
	r.Importances = linearImportances(l.encoder, m.linear, m.g)
	return nil
}

// spectrum is the correlation matrix of the columns that vary, V diag(values) V^T,
// with the target's correlations in terms of V.
type spectrum struct {
	columns []int // of the statistics
	vectors mat.Dense
	values  []float64
	target  []float64
}

func newSpectrum(g *stat.Gram) (*spectrum, error) {
	s := &spectrum{}
	for i := 1; i < g.Dim(); i++ {
		if !constant(g, i) {
			s.columns = append(s.columns, i)
		}
	}
	k := len(s.columns)
	if k == 0 || constant(g, 0) {
		return s, nil
	}
	correlations, target := mat.NewSymDense(k, nil), mat.NewVecDense(k, nil)
	for a, i := range s.columns {
		target.SetVec(a, correlation(g, i, 0))
		for b, j := range s.columns[:a+1] {
			correlations.SetSym(a, b, correlation(g, i, j))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(correlations, true) {
		return nil, fmt.Errorf("predict: ridge: the correlations of %d columns have no eigenvalues", k)
	}
	eigen.VectorsTo(&s.vectors)
	s.values = eigen.Values(nil)
	var rotated mat.VecDense
	rotated.MulVec(s.vectors.T(), target)
	s.target = rotated.RawVector().Data
	for i, v := range s.values {
		s.values[i] = max(0, v)
	}
	return s, nil
}

func correlation(g *stat.Gram, i, j int) float64 {
	return g.At(i, j) / (scale(g, i) * scale(g, j))
}

// ridge returns the slopes of the encoded columns, for the given alpha or, if that
// is 0, for the one of the grid that is best.
func ridge(g *stat.Gram, alpha float64) (slopes []float64, chosen float64, err error) {
	s, err := newSpectrum(g)
	if err != nil {
		return nil, 0, err
	}
	rows := float64(g.Rows())
	if alpha == 0 {
		alpha = rows * s.bestPenalty(rows)
	}
	slopes = make([]float64, g.Dim()-1)
	for i, weight := range s.target {
		if penalised := s.values[i] + alpha/rows; penalised > 0 {
			for j, column := range s.columns {
				slopes[column-1] += weight / penalised * s.vectors.At(j, i)
			}
		}
	}
	for _, column := range s.columns {
		slopes[column-1] *= scale(g, 0) / scale(g, column)
	}
	return slopes, alpha, nil
}

// bestPenalty returns the alpha per row with the least generalised
// cross-validation error, the greatest of equals.
func (s *spectrum) bestPenalty(rows float64) float64 {
	best, least := 0.0, math.Inf(1)
	for exponent := 3.0; exponent >= -6; exponent -= 0.5 {
		penalty := math.Pow(10, exponent)
		if score := s.crossValidation(penalty, rows); score < least {
			best, least = penalty, score
		}
	}
	return best
}

// crossValidation returns the generalised cross-validation error, up to a factor
// that does not depend on the penalty.
func (s *spectrum) crossValidation(penalty, rows float64) float64 {
	freedom, explained := 1.0, 0.0
	for i, value := range s.values {
		p := value + penalty
		freedom += value / p
		explained += s.target[i] * s.target[i] * (value + 2*penalty) / (p * p)
	}
	left := 1 - freedom/rows
	if left <= 0 {
		return math.Inf(1)
	}
	return max(0, 1-explained) / (left * left)
}

// featureMeans returns the means of the encoded columns.
func featureMeans(g *stat.Gram) []float64 {
	means := make([]float64, g.Dim()-1)
	for i := range means {
		means[i] = g.Mean(i + 1)
	}
	return means
}
