package predict

import (
	"fmt"
	"math"
	"strconv"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// groups are the groups of customers with intervals of their own.
type groups struct {
	category
	codes []int32 // by row, -1 for none; empty without groups
}

func newGroups(t *datasource.Table, column string) (groups, error) {
	if column == "" {
		return groups{}, nil
	}
	c, err := t.CategoricalColumn(column)
	if err != nil {
		return groups{}, fmt.Errorf("predict: IntervalGroups: %w", err)
	}
	return groups{category{column, c.Levels()}, c.Codes()}, nil
}

// widths turns predictions into intervals.
type widths struct {
	method IntervalMethod // empty for none at all
	level  float64
	pooled float64
	own    []float64 // by group
	spread float64   // of the target in training, for comparison
}

// levelNote says that a level asks for more than so many rows can tell; it is ""
// where it does not.
func levelNote(level float64, rows int) string {
	need := math.Ceil(level / (1 - level) * (1 - levelRounding))
	if float64(rows) >= need {
		return ""
	}
	return fmt.Sprintf("Intervals that cover %s%% of customers take at least %s rows, and there are %s: these reach as far as the largest miss of the cross-validation.",
		strconv.FormatFloat(100*level, 'g', 9, 64), thousands(strconv.FormatFloat(need, 'f', 0, 64)), thousands(strconv.Itoa(rows)))
}

// fewestOwn returns how many rows a group needs for a width of its own.
func fewestOwn(level float64) int { return int(math.Ceil(max(50, 5/(1-level)))) }

// newWidths finds the widths that cover the wanted share of a sample.
func newWidths(s sample, m IntervalMethod, level float64, groups int) widths {
	misses := s.misses(m)
	byGroup := make([][]float64, groups)
	for i, group := range s.groups {
		if group >= 0 {
			byGroup[group] = append(byGroup[group], misses[i])
		}
	}
	w := widths{method: m, level: level, pooled: conformal(misses, level), own: make([]float64, groups)}
	for group, own := range byGroup {
		switch {
		case len(own) == 0:
			w.own[group] = w.pooled
		case len(own) < fewestOwn(level):
			w.own[group] = max(w.pooled, conformal(own, level))
		default:
			w.own[group] = conformal(own, level)
		}
	}
	return w
}

func (w widths) margin(group int32) float64 {
	if group < 0 {
		return w.pooled
	}
	return w.own[group]
}

// interval returns the bounds for a row.
func (w widths) interval(value float64, s span, group int32) (low, high float64) {
	margin := w.margin(group)
	switch w.method {
	case "":
		return value, value
	case ConstantWidth:
		return value - margin, value + margin
	}
	low, high = s.low-margin, s.high+margin
	return min(low, value), max(high, value)
}

// of returns the interval of a row of a sample.
func (w widths) of(s sample, i int) (low, high float64) {
	return w.interval(s.predicted[i], s.span(i), s.group(i))
}

// covers reports whether the interval of a row holds what happened.
func (w widths) covers(s sample, i int) bool {
	if w.method == ConstantWidth {
		return math.Abs(s.actual[i]-s.predicted[i]) <= w.margin(s.group(i))
	}
	low, high := w.of(s, i)
	return low <= s.actual[i] && s.actual[i] <= high
}

// scores returns the interval scores of a sample: the width, and for a miss its
// distance times 2 / (1 - level).
func (w widths) scores(s sample) []float64 {
	out := make([]float64, len(s.actual))
	for i, actual := range s.actual {
		low, high := w.of(s, i)
		out[i] = high - low + 2/(1-w.level)*max(0, low-actual, actual-high)
	}
	return out
}

// levelRounding is more than what a level such as 0.07 differs from its float64 by,
// relatively.
const levelRounding = 1e-12

// conformal returns the half-width of intervals of the given level: the
// ceil((n+1) level)-th smallest of n absolute residuals, the largest if that is
// more than n.
func conformal(residuals []float64, level float64) float64 {
	n := len(residuals)
	rank := int(math.Ceil(float64(n+1) * level * (1 - levelRounding)))
	return stat.Nth(residuals, min(rank, n)-1)
}
