package predict

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/cohortlens/cohortlens/internal/stat"
	"github.com/cohortlens/cohortlens/internal/tree"
)

// forestLearner grows one forest after the other, so that there is only one at a
// time.
type forestLearner struct{ *training }

func (l *forestLearner) pace() pace { return pace{together: 1, steps: l.cfg.Trees} }

func (l *forestLearner) sample(actual []float64) sample {
	s := newSample(actual)
	s.spans = make([]span, len(actual))
	return s
}

// forestFit is the model that predicts, with what it was made of.
type forestFit struct {
	*forest
	*tree.Forest
}

func (l *forestLearner) fit(ctx context.Context, rows subset, _ *stat.Gram) (model, error) {
	places := l.split.of(nil, rows)
	target := pick(nil, l.target, places)
	columns := l.encoder.encodeColumns(new(view).pick(l.features, places), len(places))
	grown, err := tree.Grow(ctx, columns, target, tree.Config{
		Trees: l.cfg.Trees, MaxDepth: l.cfg.MaxDepth, MinSamplesLeaf: l.cfg.MinSamplesLeaf, MaxFeatures: l.cfg.MaxFeatures,
		Seed: l.cfg.Seed, Workers: l.cfg.Workers, Progress: func(int, int) { l.advance(1) },
	})
	switch {
	case errors.Is(err, tree.ErrRange):
		return nil, fmt.Errorf("predict: %w: %w", err, ErrRange)
	case err != nil:
		return nil, err
	}
	return forestFit{newForest(l.encoder, grown.Ensemble, l.cfg.Level), grown}, nil
}

func (l *forestLearner) describe(ctx context.Context, r *Result, e *evaluation) error {
	m := e.final.model.(forestFit)
	if err := l.outOfBag(ctx, r, m.Forest); err != nil {
		return err
	}
	var err error
	r.Importances, err = forestImportances(ctx, l.encoder, m.Forest)
	return err
}

// outOfBag measures the final forest on the rows that some tree has not seen.
func (l *forestLearner) outOfBag(ctx context.Context, r *Result, f *tree.Forest) error {
	predicted, err := f.OutOfBagMeans(ctx)
	if err != nil {
		return err
	}
	var errors errorSums
	var actual []float64
	for row, p := range predicted {
		if !math.IsNaN(p) {
			errors.add(l.target[row], p)
			actual = append(actual, l.target[row])
		}
	}
	if len(actual) == 0 {
		return nil
	}
	var moments stat.Moments
	moments.Add(actual)
	m := errors.metrics(moments.Variance(0) * float64(len(actual)))
	r.OutOfBag = &m
	return nil
}

// forest is a fitted random forest.
type forest struct {
	encoder  *encoder
	ensemble *tree.Ensemble
	tails    float64 // the share of leaves below a span, and that above
}

func newForest(e *encoder, trees *tree.Ensemble, level float64) *forest {
	return &forest{e, trees, (1 - level) / 2}
}

func (m *forest) install(p *Predictor) { p.forest = m }

func (m *forest) predict(ctx context.Context, s sample, f features) {
	const poll = 8 // rows between two looks at the context
	var buffer [stackTrees]float64
	var row [MaxColumns]float64
	encoded, leaves := row[:m.encoder.width()], m.room(buffer[:])
	for i := range s.predicted {
		if i%poll == 0 && ctx.Err() != nil {
			return
		}
		m.encoder.encodeRow(encoded, f, i)
		s.predicted[i] = m.evaluate(leaves, encoded)
		if s.spans != nil {
			s.spans[i] = m.span(leaves)
		}
	}
}

// predictRow returns what predict does for a single row.
func (m *forest) predictRow(numbers []float64, codes []int32, spans bool) (value float64, s span) {
	var buffer [stackTrees]float64
	var row [MaxColumns]float64
	at, leaves := copy(row[:], numbers), m.room(buffer[:])
	for j, code := range codes {
		at += m.encoder.indicate(row[at:], j, code)
	}
	value = m.evaluate(leaves, row[:at])
	if spans {
		s = m.span(leaves)
	}
	return value, s
}

// stackTrees is the number of trees whose leaves find room without an allocation.
const stackTrees = 1024

// room returns a value for each tree, in the buffer if that is large enough.
func (m *forest) room(buffer []float64) []float64 {
	if n := len(m.ensemble.Trees); n <= len(buffer) {
		return buffer[:n]
	}
	return make([]float64, len(m.ensemble.Trees))
}

// evaluate returns the prediction for an encoded row, as the ensemble does, and sets
// leaves to what each tree says.
func (m *forest) evaluate(leaves, row []float64) float64 {
	m.ensemble.Leaves(leaves, row)
	sum := 0.0
	for _, v := range leaves {
		sum += v
	}
	return m.ensemble.Base + float64(m.ensemble.Scale*sum)
}

// span returns the quantiles of what the trees say. It reorders the leaves.
func (m *forest) span(leaves []float64) span {
	trees := float64(len(leaves))
	low, high := stat.Quantile(leaves, m.tails), stat.Quantile(leaves, 1-m.tails)
	return span{m.ensemble.Base + float64(m.ensemble.Scale*trees*low), m.ensemble.Base + float64(m.ensemble.Scale*trees*high)}
}
