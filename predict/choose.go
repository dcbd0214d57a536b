package predict

import (
	"context"
	"fmt"
	"math"
)

// simplest lists what Auto tries, from the simplest on.
var simplest = []Algorithm{Mean, LinearRegression, Ridge, RandomForest}

// choose tries all algorithms in the cross-validation, and examines one.
func (t *training) choose(ctx context.Context) (*Result, error) {
	t.total = t.stepsToChoose()
	if err := t.collect(ctx); err != nil {
		return nil, err
	}
	trials := make([]Trial, len(simplest))
	evaluations := make([]*evaluation, len(simplest))
	for i, a := range simplest {
		trials[i].Algorithm = a
		if err := t.obstacle(a); err != nil {
			trials[i].Reason = fmt.Sprintf("not tried: %v", err)
			continue
		}
		evaluations[i] = newEvaluation(t, t.learner(a))
		if err := evaluations[i].run(ctx, crossValidation(t.cfg.Folds)); err != nil {
			return nil, err
		}
		trials[i].CV = evaluations[i].crossValidation()
	}
	chosen := pickTrial(trials, constant(t.sums.of(subset{noFold, true}), 0))
	e := evaluations[chosen]
	if err := e.run(ctx, examination(t.cfg.Folds)); err != nil {
		return nil, err
	}
	t.advance(t.total - t.done)
	r, err := e.result(ctx, simplest[chosen])
	if err != nil {
		return nil, err
	}
	r.Tried = trials
	if simplest[chosen] == Mean {
		r.Notes = append(r.Notes, "No algorithm that was tried is clearly better than predicting the average, so the predictor does that.")
	}
	return r, nil
}

// stepsToChoose counts the steps of choose, with the longest way to its end.
func (t *training) stepsToChoose() int {
	steps, longest := len(t.split.chunks), 0
	for _, a := range simplest {
		l := t.learner(a)
		steps += t.steps(l, len(crossValidation(t.cfg.Folds)))
		longest = max(longest, t.steps(l, len(examination(t.cfg.Folds))))
	}
	return steps + longest
}

// pickTrial marks the trial to take, gives the reasons, and returns its number.
func pickTrial(trials []Trial, constant bool) int {
	best := -1
	for i, one := range trials {
		if one.beatsAverage(constant) && (best < 0 || one.CV.Mean.MSE < trials[best].CV.Mean.MSE) {
			best = i
		}
	}
	chosen := max(0, best)
	for i := range trials {
		if one := trials[i]; one.beatsAverage(constant) && one.closeTo(trials[best]) {
			chosen = i
			break
		}
	}
	for i := range trials {
		if one := &trials[i]; one.CV.Folds > 0 {
			one.Chosen = i == chosen
			one.Reason = reason(trials, i, chosen, best, constant)
		}
	}
	return chosen
}

// beatsAverage reports whether a trial is better than predicting the mean, by the
// rules of the verdict.
func (t Trial) beatsAverage(constant bool) bool {
	return t.CV.Folds > 0 && newVerdict(t.CV, "", constant).Level != NoSkill
}

// closeTo reports whether the mean squared error exceeds another by no more than
// the standard error of the difference over the folds.
func (t Trial) closeTo(other Trial) bool {
	k := float64(t.CV.Folds)
	mean := t.CV.Mean.MSE - other.CV.Mean.MSE
	squares := 0.0
	for i, m := range t.CV.PerFold {
		d := m.MSE - other.CV.PerFold[i].MSE - mean
		squares += d * d
	}
	return mean <= math.Sqrt(squares/(k-1)/k)
}

func reason(trials []Trial, i, chosen, best int, constant bool) string {
	if i == chosen {
		switch best {
		case -1:
			return "nothing that was tried is clearly better"
		case chosen:
			return "the smallest squared errors"
		}
		return fmt.Sprintf("the simplest whose squared errors are, within chance, as small as those of %s", trials[best].Algorithm)
	}
	switch {
	case i == 0:
		return "the baseline"
	case !trials[i].beatsAverage(constant):
		return "not clearly better than the average"
	case i > chosen && trials[i].closeTo(trials[best]):
		return fmt.Sprintf("not clearly better than %s, which is simpler", trials[chosen].Algorithm)
	}
	return fmt.Sprintf("larger squared errors than %s", trials[best].Algorithm)
}
