package explain

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Importance is what a user's column adds to the predictions for some rows, in
// the target's unit.
type Importance struct {
	Group string
	// MeanAbsolute is the mean size of its contributions, and Share the part
	// that this is of all columns', 0 when no column contributes anything.
	MeanAbsolute, Share float64
	// Mean is the mean contribution. Over a segment it says by how much the
	// column moves the predictions for the segment from the base.
	Mean float64
	// Direction is the correlation of the values with the contributions, from -1
	// to 1: positive when higher values raise the prediction. It is 0 for a
	// category, for a constant column, and for contributions that are constant.
	Direction float64
	// Raises and Lowers name the encoded columns of a category, such as
	// "Plan=gold", or its Reference, whose rows have the greatest contribution of
	// the category on average, if that is positive, and the least one, if that is
	// negative. A category has several encoded columns or a Reference.
	Raises, Lowers string
}

// Summary returns the importance of each of the user's columns over all rows, the
// greatest first. It is empty without rows.
func (r *Result) Summary() []Importance {
	rows := make([]int, r.Rows)
	for i := range rows {
		rows[i] = i
	}
	return r.summary(rows)
}

// SummaryBy returns a summary for each label from 0 to k-1, over the rows that
// have it; labels has one for each row. Rows with a negative label, such as noise,
// are left out. A label without rows has an empty summary.
func (r *Result) SummaryBy(labels []int, k int) ([][]Importance, error) {
	if len(labels) != r.Rows {
		return nil, fmt.Errorf("explain: labels must be as many as the rows, %d, got %d: %w", r.Rows, len(labels), ErrShape)
	}
	if k < 0 {
		return nil, fmt.Errorf("explain: k must be 0 or more, got %d: %w", k, ErrRange)
	}
	rows := make([][]int, k)
	for row, label := range labels {
		if label >= k {
			return nil, fmt.Errorf("explain: labels must be less than %d, got %d for row %d: %w", k, label, row, ErrRange)
		}
		if label >= 0 {
			rows[label] = append(rows[label], row)
		}
	}
	out := make([][]Importance, k)
	for label := range out {
		out[label] = r.summary(rows[label])
	}
	return out, nil
}

func (r *Result) summary(rows []int) []Importance {
	if len(rows) == 0 {
		return nil
	}
	encoded := make([][]int, len(r.Groups))
	for j, group := range r.GroupOf {
		encoded[group] = append(encoded[group], j)
	}
	out := make([]Importance, len(r.Groups))
	total := 0.0
	for group := range out {
		out[group] = r.importance(rows, group, encoded[group])
		total += out[group].MeanAbsolute
	}
	for group := range out {
		if total > 0 {
			out[group].Share = out[group].MeanAbsolute / total
		}
	}
	slices.SortStableFunc(out, func(a, b Importance) int { return cmp.Compare(b.MeanAbsolute, a.MeanAbsolute) })
	return out
}

func (r *Result) importance(rows []int, group int, encoded []int) Importance {
	out := Importance{Group: r.Groups[group]}
	for _, row := range rows {
		v := r.Values[row*len(r.Groups)+group]
		out.Mean += v
		out.MeanAbsolute += math.Abs(v)
	}
	out.Mean /= float64(len(rows))
	out.MeanAbsolute /= float64(len(rows))
	if len(encoded) == 1 && r.reference(group) == "" {
		out.Direction = r.direction(rows, group, encoded[0])
	} else {
		out.Raises, out.Lowers = r.extremes(rows, group, encoded)
	}
	return out
}

// direction returns the correlation of a column's values with its contributions,
// over the rows that have a value.
func (r *Result) direction(rows []int, group, column int) float64 {
	var values, contributions []float64
	for _, row := range rows {
		if v := r.X[row*len(r.Columns)+column]; !math.IsNaN(v) {
			values = append(values, v)
			contributions = append(contributions, r.Values[row*len(r.Groups)+group])
		}
	}
	return correlation(values, contributions)
}

// correlation returns Pearson's correlation, 0 when one side is constant.
func correlation(a, b []float64) float64 {
	if len(a) == 0 || slices.Min(a) == slices.Max(a) || slices.Min(b) == slices.Max(b) {
		return 0
	}
	centre(a)
	centre(b)
	var ab, aa, bb float64
	for i := range a {
		ab += a[i] * b[i]
		aa += a[i] * a[i]
		bb += b[i] * b[i]
	}
	return max(-1, min(ab/math.Sqrt(aa*bb), 1))
}

// centre moves values to a mean of 0, and scales them to 1 at most, so that
// their squares are finite.
func centre(v []float64) {
	scale := 0.0
	for _, x := range v {
		scale = max(scale, math.Abs(x))
	}
	mean := 0.0
	for i := range v {
		v[i] /= scale
		mean += v[i] / float64(len(v))
	}
	for i := range v {
		v[i] -= mean
	}
}

// reference returns what rows without any indicator of a group are, "" if unknown.
func (r *Result) reference(group int) string {
	if group < len(r.References) {
		return r.References[group]
	}
	return ""
}

// extremes returns the levels whose rows have the greatest and the least mean
// contribution of their group.
func (r *Result) extremes(rows []int, group int, encoded []int) (raises, lowers string) {
	levels, rest := make([]average, len(encoded)), average{}
	for _, row := range rows {
		contribution, indicated := r.Values[row*len(r.Groups)+group], false
		for i, j := range encoded {
			switch v := r.X[row*len(r.Columns)+j]; {
			case v > 0.5:
				levels[i].add(contribution)
				indicated = true
			case math.IsNaN(v):
				indicated = true // of no known level
			}
		}
		if !indicated {
			rest.add(contribution)
		}
	}
	high, low := 0.0, 0.0
	consider := func(a average, name string) {
		if mean := a.mean(); mean > high {
			high, raises = mean, name
		} else if mean < low {
			low, lowers = mean, name
		}
	}
	for i, j := range encoded {
		consider(levels[i], r.Columns[j])
	}
	if name := r.reference(group); name != "" {
		consider(rest, name)
	}
	return raises, lowers
}

// average adds up the numbers of a level.
type average struct {
	sum float64
	n   int
}

func (a *average) add(v float64) {
	a.sum += v
	a.n++
}

// mean returns 0 of no numbers.
func (a average) mean() float64 { return a.sum / float64(max(1, a.n)) }
