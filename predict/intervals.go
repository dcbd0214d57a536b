package predict

import (
	"context"
	"math"
	"sync/atomic"

	"github.com/cohortlens/cohortlens/internal/kernel"
	"github.com/cohortlens/cohortlens/internal/par"
	"github.com/cohortlens/cohortlens/internal/stat"
)

// IntervalMethod says how wide a prediction interval is; see [Intervals].
type IntervalMethod string

const (
	// ConstantWidth reaches equally far to both sides of every prediction.
	ConstantWidth IntervalMethod = "constant"
	// QuantileWidth is wide where the trees of a forest differ.
	QuantileWidth IntervalMethod = "quantiles"
)

// Intervals describes the prediction intervals. They are conformal: nothing is
// assumed of the distribution of the errors, only that further customers are like
// those trained on. Where many targets are the same they may cover more than Level,
// since these are covered together or not at all.
//
// By [ConstantWidth] each reaches as far to both sides of the prediction as the
// smallest distance that the wanted share of the cross-validation's residuals
// keeps. Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World",
// 2005; Lei et al., "Distribution-free predictive inference for regression", 2018. It
// takes Level / (1 - Level) rows. Of fewer the largest distance counts, which covers
// less, and Notes says so.
//
// By [QuantileWidth] each reaches from the (1 - Level) / 2 quantile of what the
// trees of the forest say to the (1 + Level) / 2 quantile, in the manner of
// Meinshausen, "Quantile regression forests", 2006, and then by a margin further,
// or less far, that makes it hold the wanted share of the rows of the
// cross-validation; Romano, Patterson and Candes, "Conformalized quantile
// regression", 2019. It holds the prediction in any case. A forest gets these
// intervals when their mean interval score (Winkler, "A decision-theoretic approach
// to interval estimation", 1972) on the cross-validated rows that are not held out
// is smaller by at least one percent, and by more than two standard errors of the
// difference.
//
// With Config.IntervalGroups each level of that column has its own distance or
// margin, from its own rows (Mondrian conformal prediction; Vovk, Lindsay,
// Nouretdinov and Gammerman, 2003), so that small groups get what the level
// promises too. It takes 50 rows, and more for a level beyond 0.9: 5 / (1 - Level).
// A group of fewer rows gets its own or that of all rows, whichever is wider;
// customers of no known group get that of all rows.
type Intervals struct {
	// Level is the share of customers that the intervals are built to cover.
	Level float64 `json:"level"`
	// Coverage is the share of the held-out rows that they covered, when model
	// and width came from the other rows alone.
	Coverage float64 `json:"coverage"`
	// HalfWidth is the distance of each bound from the prediction, in the
	// target's unit, as [Predictor.Predict] uses it. Where intervals differ in
	// width it is half of the mean width over the cross-validated rows.
	HalfWidth float64 `json:"half_width"`
	// Low and High are the least and the greatest value of the target among all
	// rows. Beyond is the share of the held-out rows whose interval, as wide as
	// Predict makes it, reaches further: intervals know nothing of the target's
	// limits.
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Beyond float64 `json:"beyond"`

	Method IntervalMethod `json:"method"`
	// Groups has the levels of Config.IntervalGroups in ascending order.
	Groups []GroupInterval `json:"groups,omitempty"`
}

// GroupInterval describes the intervals of one group of customers.
type GroupInterval struct {
	Group string `json:"group"`
	// Rows is the number of rows of the group, Own whether they were enough for
	// a width of their own.
	Rows int  `json:"rows"`
	Own  bool `json:"own"`
	// HalfWidth is as that of [Intervals], over the rows of the group.
	HalfWidth float64 `json:"half_width"`
	// HeldOut is the number of the group's rows among the held-out ones, and
	// Coverage the share of them that their intervals covered, 0 of none.
	HeldOut  int     `json:"held_out"`
	Coverage float64 `json:"coverage"`
}

// method chooses the kind of intervals by rows that are not held out.
func (e *evaluation) method() IntervalMethod {
	switch {
	case e.cfg.IntervalMethod != "":
		return e.cfg.IntervalMethod
	case e.inner.spans == nil:
		return ConstantWidth
	}
	groups := len(e.groups.levels)
	constant := newWidths(e.inner, ConstantWidth, e.cfg.Level, groups).scores(e.inner)
	quantile := newWidths(e.inner, QuantileWidth, e.cfg.Level, groups).scores(e.inner)
	if clearlySmaller(quantile, constant) {
		return QuantileWidth
	}
	return ConstantWidth
}

// clearlySmaller reports whether scores of the same rows have a mean that is smaller
// by at least one percent and more than two standard errors of the difference.
func clearlySmaller(scores, before []float64) bool {
	var gain, old stat.Moments
	gains := make([]float64, len(scores))
	for i, score := range scores {
		gains[i] = before[i] - score
	}
	gain.Add(gains)
	old.Add(before)
	standardError := math.Sqrt(gain.Variance(1) / float64(gain.Count()))
	return gain.Mean() > max(2*standardError, 0.01*old.Mean())
}

// intervals sets the widths for the final model, and measures how well those that
// know nothing of the held-out rows would have covered these.
func (e *evaluation) intervals() (Intervals, widths) {
	m, n := e.method(), len(e.groups.levels)
	i := Intervals{Level: e.cfg.Level, Method: m}
	var honest, final widths
	spread := 0.0
	tasks := []func(){
		func() { honest = newWidths(e.inner, m, e.cfg.Level, n) },
		func() { final = newWidths(e.cv, m, e.cfg.Level, n) },
		func() { i.Low, i.High, _ = kernel.Range(e.target) },
		func() { spread = centralRange(e.target, e.cfg.Level) },
	}
	// The tasks are short and cannot fail, so they have no context.
	_ = par.Each(context.Background(), e.cfg.Workers, len(tasks), func(task int) error {
		tasks[task]()
		return nil
	})
	final.spread = spread
	i.Groups = e.groupIntervals(honest, final)
	covers := func(row int) bool { return honest.covers(e.heldOut, row) }
	beyond := func(row int) bool {
		low, high := final.of(e.heldOut, row)
		return low < i.Low || high > i.High
	}
	i.Coverage, i.Beyond, i.HalfWidth = e.heldOutShare(covers), e.heldOutShare(beyond), final.pooled
	if m == QuantileWidth || n > 0 {
		i.HalfWidth = meanHalfWidth(final, e.cv, func(int) bool { return true })
	}
	return i, final
}

// heldOutShare returns the share of the held-out rows that pass.
func (e *evaluation) heldOutShare(pass func(row int) bool) float64 {
	rows := len(e.heldOut.actual)
	var passed atomic.Int64
	_ = par.Chunks(context.Background(), e.cfg.Workers, rows, stat.ChunkRows, func(_, low, high int) error {
		n := 0
		for row := low; row < high; row++ {
			if pass(row) {
				n++
			}
		}
		passed.Add(int64(n))
		return nil
	}) // which cannot fail
	return float64(passed.Load()) / float64(rows)
}

func (e *evaluation) groupIntervals(honest, final widths) []GroupInterval {
	out := make([]GroupInterval, len(e.groups.levels))
	for _, group := range e.cv.groups {
		if group >= 0 {
			out[group].Rows++
		}
	}
	for row, group := range e.heldOut.groups {
		if group < 0 {
			continue
		}
		out[group].HeldOut++
		if honest.covers(e.heldOut, row) {
			out[group].Coverage++
		}
	}
	for group := range out {
		g := &out[group]
		g.Group, g.Own = e.groups.levels[group], g.Rows >= fewestOwn(e.cfg.Level)
		g.Coverage /= float64(max(1, g.HeldOut))
		g.HalfWidth = meanHalfWidth(final, e.cv, func(row int) bool { return e.cv.groups[row] == int32(group) })
	}
	return out
}

// meanHalfWidth averages over the chosen rows of a sample.
func meanHalfWidth(w widths, s sample, chosen func(row int) bool) float64 {
	sum, rows := 0.0, 0
	for row := range s.actual {
		if chosen(row) {
			low, high := w.of(s, row)
			sum += (high - low) / 2
			rows++
		}
	}
	return sum / float64(max(1, rows))
}
