package predict

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat/distuv"
)

// Coefficient is one term of a linear predictor.
type Coefficient struct {
	// Name is the encoded column: "Age", "Profession=Doctor", "(intercept)".
	Name string
	// Column is the table's column, Level the category's level, if it is one.
	Column, Level string
	Value         float64
	// StdError, T and P (two-sided, Student's t) judge the value under the
	// usual assumptions of least squares; Low and High are its 95% confidence
	// interval. All five are 0 when there are no degrees of freedom left to
	// estimate them. When the fit is perfect up to rounding, Low and High are
	// the value, and the others 0.
	StdError, T, P, Low, High float64
	// SetAside says why the column takes no part: "constant", or "a
	// combination of ..." for a collinear one. Its figures are 0.
	SetAside string
}

// judgement turns a term's value and unscaled variance into a judged coefficient.
type judgement struct {
	freedom  int
	variance float64 // of the residuals; 0 for a perfect fit
}

// newJudgement takes the sum of squared residuals over all rows that m was
// fitted on. Residuals within rounding of the target count as none.
func newJudgement(m *leastSquares, squares float64) judgement {
	freedom := m.g.Rows() - len(m.factor.kept) - 1
	if freedom <= 0 {
		return judgement{}
	}
	rows := float64(m.g.Rows())
	rounding := 1e-14 * (math.Abs(m.g.Mean(0)) + scale(m.g, 0)/math.Sqrt(rows))
	if squares <= rows*rounding*rounding {
		squares = 0
	}
	return judgement{freedom, squares / float64(freedom)}
}

// judge completes c; share is the variance of its value over that of the
// residuals.
func (j judgement) judge(c Coefficient, share float64) Coefficient {
	if j.freedom == 0 {
		return c
	}
	c.StdError = math.Sqrt(j.variance) * math.Sqrt(share)
	if c.StdError == 0 {
		c.Low, c.High = c.Value, c.Value
		return c
	}
	student := distuv.StudentsT{Sigma: 1, Nu: float64(j.freedom)}
	c.T = c.Value / c.StdError
	c.P = 2 * student.CDF(-math.Abs(c.T))
	half := student.Quantile(0.975) * c.StdError
	c.Low, c.High = c.Value-half, c.Value+half
	return c
}

// report returns the coefficients, the intercept first.
func (m *leastSquares) report(columns []EncodedColumn, intercept, squares float64) []Coefficient {
	j := newJudgement(m, squares)
	out := make([]Coefficient, 1+len(columns))
	out[0] = j.judge(Coefficient{Name: "(intercept)", Value: intercept}, m.interceptVariance())
	for i, c := range columns {
		out[1+i] = Coefficient{Name: c.Name, Column: c.Column, Level: c.Level, Value: m.coefficients[i]}
	}
	for i, column := range m.factor.kept {
		unit := make([]float64, len(m.factor.kept))
		unit[i] = 1
		m.factor.forwardSolve(unit)
		out[column] = j.judge(out[column], floats.Dot(unit, unit)/m.g.At(column, column))
	}
	for _, a := range m.aside {
		out[a.column].SetAside = a.reason(columns)
	}
	return out
}

// interceptVariance returns the variance of the intercept over that of the
// residuals: 1/n plus the squared distance of the means from zero.
func (m *leastSquares) interceptVariance() float64 {
	means := make([]float64, len(m.factor.kept))
	for i, column := range m.factor.kept {
		means[i] = m.g.Mean(column) / scale(m.g, column)
	}
	m.factor.forwardSolve(means)
	return 1/float64(m.g.Rows()) + floats.Dot(means, means)
}

const constantColumn = "constant"

func (a setAside) reason(columns []EncodedColumn) string {
	if len(a.parts) == 0 {
		return constantColumn
	}
	names := make([]string, len(a.parts))
	for i, part := range a.parts {
		names[i] = columns[part-1].Name
	}
	return "a combination of " + list(names)
}

// list joins names for a sentence, and counts those beyond the third.
func list(names []string) string {
	switch n := len(names); {
	case n == 1:
		return names[0]
	case n <= 3:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	default:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:3], ", "), n-3)
	}
}

// notes says which columns take no part: each on its own, or all of a kind together
// where they are many.
func notes(coefficients []Coefficient) []string {
	const many = 5
	out, constants, combinations := []string{}, []string{}, []string{}
	for _, c := range coefficients {
		switch c.SetAside {
		case "":
			continue
		case constantColumn:
			constants = append(constants, c.Name)
		default:
			combinations = append(combinations, c.Name)
		}
		out = append(out, fmt.Sprintf("%s is %s and takes no part in the prediction.", c.Name, c.SetAside))
	}
	if len(out) <= many {
		return out
	}
	out = out[:0]
	if len(constants) > 0 {
		out = append(out, fmt.Sprintf("%s: constant, and without a part in the prediction.", list(constants)))
	}
	if len(combinations) > 0 {
		out = append(out, fmt.Sprintf("%s: combinations of columns before them, and without a part in the prediction.", list(combinations)))
	}
	return out
}
