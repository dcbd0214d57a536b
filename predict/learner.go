package predict

import (
	"context"

	"github.com/cohortlens/cohortlens/internal/stat"
)

// model predicts the target.
type model interface {
	// predict fills a sample of as many rows with predictions, and with spans if
	// it has any. It may stop early when ctx has ended.
	predict(ctx context.Context, s sample, f features)
	// install makes it the model of a predictor.
	install(p *Predictor)
}

// learner is an algorithm at work on one training.
type learner interface {
	pace() pace
	// fit fits on a set of rows, whose statistics are given.
	fit(ctx context.Context, s subset, g *stat.Gram) (model, error)
	// sample returns room for the predictions of rows beside what happened.
	sample(actual []float64) sample
	// describe adds to a result what is known about this kind of model.
	describe(ctx context.Context, r *Result, e *evaluation) error
}

// pace says how the models of a learner are fitted.
type pace struct {
	together int  // models that may exist at once
	steps    int  // of progress while so many are fitted
	cheap    bool // whether a prediction costs no more than a copy of its row
}

// subset names the rows that a model is fitted on: those of all folds but one,
// and of these either all or those not held out.
type subset struct {
	without int // a fold, or noFold
	heldOut bool
}

const noFold = -1

// crossValidation returns the subsets for predicting each row by a model that has
// not seen its fold.
func crossValidation(folds int) []subset {
	out := make([]subset, folds)
	for fold := range out {
		out[fold] = subset{fold, true}
	}
	return out
}

// examination returns the other subsets: those of the final model, of the one that
// the held-out rows judge, and of the cross-validation without these rows.
func examination(folds int) []subset {
	out := []subset{{noFold, true}, {noFold, false}}
	for fold := range folds {
		out = append(out, subset{fold, false})
	}
	return out
}

// fitted is a model with the rows that it was fitted on, and the mean of their
// target.
type fitted struct {
	subset
	model   model
	average float64
}
