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
	// Unjudged is for a predictor that has not been compared, as after [Fit].
	Unjudged Level = "unjudged"
)

// Words says the grade in plain words, without a point at the end.
func (l Level) Words() string {
	return map[Level]string{
		NoSkill:     "No better than predicting the average",
		WeakSkill:   "Slightly better than predicting the average",
		UsefulSkill: "Clearly better than predicting the average",
		StrongSkill: "Much better than predicting the average",
		Unjudged:    "Not compared with predicting the average",
	}[l]
}

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
	// Text is one sentence for a reader without statistics. It speaks of Skill
	// and of the mean absolute errors of the cross-validation.
	Text string
	// Skill is 1 - MSE / MSE of the baseline, both averaged over the folds of
	// the cross-validation first: CV.Mean.MSE and CV.Baseline.MSE. With a
	// baseline without error it is 0 when the predictor is without error too,
	// else -1. SkillError is the standard error of Skill as a ratio of two means
	// over the folds; Cochran, "Sampling Techniques", 3rd edition, 1977, section
	// 6.4. Both are finite.
	Skill, SkillError float64
}

func newVerdict(cv CrossValidation, target string, constant bool) Verdict {
	v := Verdict{}
	v.Skill, v.SkillError = skill(cv)
	v.Level = grade(v.Skill)
	if constant || v.Skill <= v.SkillError || cv.Mean.R2 <= 0 {
		v.Level = NoSkill
	}
	if constant {
		v.Text = fmt.Sprintf("No better than predicting the average: %s is the same in every row, so that there is nothing to predict.", target)
		return v
	}
	v.Text = v.sentence(cv, target)
	return v
}

// grade returns the level of a skill that is not due to chance.
func grade(skill float64) Level {
	switch {
	case skill <= 0:
		return NoSkill
	case skill < 0.1:
		return WeakSkill
	case skill < 0.5:
		return UsefulSkill
	}
	return StrongSkill
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
	return fmt.Sprintf("On rows drawn at random squared errors are %s%% smaller than those of the average, on blocks of neighbouring rows there is no clear gain: "+
		"the verdict follows the blocks, which is too strict if the table is merely sorted.", percent(holdout))
}

func skill(cv CrossValidation) (value, standardError float64) {
	baseline := cv.Baseline.MSE
	switch {
	case baseline > 0:
		value = gain(cv.Mean.MSE, baseline)
	case cv.Mean.MSE > 0:
		return -1, 0
	default:
		return 0, 0
	}
	squares := 0.0
	for i, m := range cv.PerFold {
		d := min(m.MSE/baseline, 1e100) - (1-value)*(cv.BaselinePerFold[i].MSE/baseline)
		squares += d * d
	}
	k := float64(cv.Folds)
	return value, math.Sqrt(squares / (k - 1) / k)
}

func (v Verdict) sentence(cv CrossValidation, target string) string {
	return fmt.Sprintf("%s: for customers it had not seen, squared errors were %s; the predictor missed %s by %s on average, the plain average by %s.",
		v.Level.Words(), v.squaredErrors(cv.Mean.R2), target, figure(cv.Mean.MAE), figure(cv.Baseline.MAE))
}

// averageSentence is the verdict on predicting the average.
func averageSentence(cv CrossValidation, target string) string {
	return fmt.Sprintf("No better than predicting the average, which is what it does: for customers it had not seen, it missed %s by %s on average.",
		target, figure(cv.Mean.MAE))
}

// squaredErrors compares those of the predictor with those of the average, and
// says why a gain does not count.
func (v Verdict) squaredErrors(r2 float64) string {
	switch {
	case v.Level != NoSkill:
		return percent(v.Skill) + "% smaller"
	case math.Abs(v.Skill) < 0.0005:
		return "just as large"
	case v.Skill < -10:
		return "more than 10 times as large"
	case v.Skill < 0:
		return percent(-v.Skill) + "% larger"
	case r2 <= 0:
		return percent(v.Skill) + "% smaller, but the mean R² was not above 0"
	}
	return percent(v.Skill) + "% smaller, which chance can explain"
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
