package predict

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Level grades a predictor against predicting the mean.
type Level string

// The grades, from worst to best. See [Verdict].
const (
	NoSkill     Level = "none"
	WeakSkill   Level = "weak"
	UsefulSkill Level = "useful"
	StrongSkill Level = "strong"
)

// Verdict says in words whether the predictor is worth using. With the skill
// that the cross-validation finds, the level is
//
//   - [NoSkill] when Skill is not larger than SkillError, so that it may well
//     be chance, or when the mean R2 over the folds is not positive,
//   - [WeakSkill] when Skill is below 0.1,
//   - [UsefulSkill] when it is below 0.5,
//   - [StrongSkill] otherwise.
type Verdict struct {
	Level Level
	// Text is one sentence for a reader without statistics. The typical error
	// that it speaks of is the RMSE.
	Text string
	// Skill is 1 - MSE / MSE of the baseline, averaged over the folds of the
	// cross-validation; SkillError is the standard error of that mean. A fold
	// in which the baseline is without error counts as 0 when the predictor is
	// too, else as -1.
	Skill, SkillError float64
}

func newVerdict(cv CrossValidation, target string, constant bool) Verdict {
	v := Verdict{}
	v.Skill, v.SkillError = skill(cv)
	switch {
	case constant || v.Skill <= v.SkillError || cv.Mean.R2 <= 0:
		v.Level = NoSkill
	case v.Skill < 0.1:
		v.Level = WeakSkill
	case v.Skill < 0.5:
		v.Level = UsefulSkill
	default:
		v.Level = StrongSkill
	}
	if constant {
		v.Text = fmt.Sprintf("No better than predicting the average: %s is the same in every row, so that there is nothing to predict.", target)
		return v
	}
	v.Text = v.sentence(cv, target)
	return v
}

// orderNote remarks on a verdict that the held-out rows, which are drawn at
// random, do not bear out; it is "" for any other, and where they are too few to
// tell.
func orderNote(r *Result) string {
	const notable, fewest = 0.05, 30
	holdout := 0.0
	if r.Baseline.MSE > 0 {
		holdout = gain(r.Metrics.MSE, r.Baseline.MSE)
	}
	if r.Verdict.Level != NoSkill || holdout < notable || r.Metrics.Rows < fewest {
		return ""
	}
	return fmt.Sprintf("On rows drawn at random the predictor explains about %s%% of the differences, on blocks of neighbouring rows it does not: "+
		"the verdict follows the blocks, which is too strict if the table is merely sorted.", percent(holdout))
}

func skill(cv CrossValidation) (mean, standardError float64) {
	k := float64(cv.Folds)
	skills := make([]float64, cv.Folds)
	for i, m := range cv.PerFold {
		switch baseline := cv.BaselinePerFold[i]; {
		case baseline.MSE > 0:
			skills[i] = gain(m.MSE, baseline.MSE)
		case m.MSE > 0:
			skills[i] = -1
		}
		mean += skills[i] / k
	}
	squares := 0.0
	for _, s := range skills {
		squares += (s - mean) * (s - mean)
	}
	return mean, math.Sqrt(squares / (k - 1) / k)
}

func (v Verdict) sentence(cv CrossValidation, target string) string {
	lead := map[Level]string{
		NoSkill:     "No better than predicting the average",
		WeakSkill:   "Slightly better than predicting the average",
		UsefulSkill: "Clearly better than predicting the average",
		StrongSkill: "Much better than predicting the average",
	}[v.Level]
	errors := fmt.Sprintf("for customers it had not seen, the typical error in %s was %s with the predictor and %s with the plain average",
		target, figure(cv.Mean.RMSE), figure(cv.Baseline.RMSE))
	switch {
	case v.Level != NoSkill:
		return fmt.Sprintf("%s: %s; it explains about %s%% of the differences between customers.", lead, errors, percent(v.Skill))
	case v.Skill > 0 && cv.Mean.R2 > 0:
		return fmt.Sprintf("%s: %s, a gain that chance can explain.", lead, errors)
	}
	return fmt.Sprintf("%s: %s.", lead, errors)
}

// percent writes a positive share; what is not all is not rounded to all.
func percent(share float64) string {
	switch p := 100 * share; {
	case p < 1:
		return strconv.FormatFloat(p, 'f', 1, 64)
	case p > 99 && p < 100:
		return "99"
	default:
		return strconv.FormatFloat(p, 'f', 0, 64)
	}
}

// figure writes a non-negative number with three significant digits or all before
// the point, and thousands apart: 0.0123, 28.1, 45,834.
func figure(v float64) string {
	if v == 0 {
		return "0"
	}
	scientific := strconv.FormatFloat(v, 'e', 2, 64)
	exponent, _ := strconv.Atoi(scientific[len("1.23e"):])
	switch {
	case exponent < -4 || exponent >= 15:
		return scientific
	case exponent < 2:
		return strconv.FormatFloat(v, 'f', 2-exponent, 64)
	default:
		return thousands(strconv.FormatFloat(v, 'f', 0, 64))
	}
}

func thousands(digits string) string {
	var b strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	return b.String()
}
