package report

import (
	"image"
	"math"
	"strconv"

	"github.com/wcharczuk/go-chart/v2"
)

// limits are the ends of an axis; low is less than high.
type limits struct{ low, high float64 }

// farthest bounds what an axis shows, so that no difference overflows.
const farthest = 1e300

// limitsOf returns the range of the finite values, and 0 to 1 when there is
// none. A single value is put in the middle.
func limitsOf(values ...[]float64) limits {
	l := limits{math.Inf(1), math.Inf(-1)}
	for _, vs := range values {
		for _, v := range vs {
			if finite(v) {
				l.low, l.high = min(l.low, v), max(l.high, v)
			}
		}
	}
	if l.low > l.high {
		return limits{0, 1}
	}
	l.low, l.high = clamp(l.low), clamp(l.high)
	if l.high-l.low <= 1e-12*max(math.Abs(l.low), math.Abs(l.high)) {
		pad := max(0.1*math.Abs(l.low), 0.5)
		return limits{l.low - pad, l.high + pad}
	}
	return l
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func clamp(v float64) float64 { return max(-farthest, min(v, farthest)) }

// padded widens the limits a little, so that no point lies on the edge.
func (l limits) padded() limits {
	pad := 0.04 * (l.high - l.low)
	return limits{l.low - pad, l.high + pad}
}

func (l limits) asRange() chart.Range { return &chart.ContinuousRange{Min: l.low, Max: l.high} }

// tick is a mark on an axis.
type tick struct {
	at    float64
	label string
}

// mostTicks bounds the marks of an axis, whatever rounding does.
const mostTicks = 12

// ticks returns about count round numbers within the limits, labelled briefly:
// 50k for 50,000.
func (l limits) ticks(count int) []tick {
	return l.ticksBy(roundStep((l.high - l.low) / float64(count)))
}

// ticksBy returns the multiples of a step within the limits.
func (l limits) ticksBy(step float64) []tick {
	largest := max(math.Abs(l.low), math.Abs(l.high))
	var out []tick
	for i := math.Ceil(l.low / step); i*step <= l.high && len(out) < mostTicks; i++ {
		out = append(out, tick{i * step, l.write(brief(i*step, step, largest))})
	}
	return out
}

// roundStep returns the first of the series 1, 2, 2.5, 5, 10, 20, ... that v does
// not exceed by more than a fifth.
func roundStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, factor := range []float64{1, 2, 2.5, 5} {
		if v <= 1.2*factor*power {
			return factor * power
		}
	}
	return 10 * power
}

// brief writes a tick's value with the decimals that its step needs; the largest
// value of the axis decides whether all are in thousands, millions, billions or
// trillions.
func brief(v, step, largest float64) string {
	if v == 0 {
		return "0"
	}
	if largest >= 1e15 || step < 1e-4 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	unit, suffix := unitOf(largest)
	places := 0
	for s := step / unit; places < 6 && math.Abs(s-math.Round(s)) > 1e-6*s; s *= 10 {
		places++
	}
	return decimals(v/unit, places) + suffix
}

// unitOf returns the unit for values up to the largest.
func unitOf(largest float64) (unit float64, suffix string) {
	switch {
	case largest >= 1e12:
		return 1e12, "tn"
	case largest >= 1e9:
		return 1e9, "bn"
	case largest >= 1e6:
		return 1e6, "M"
	case largest >= 1e4:
		return 1e3, "k"
	}
	return 1, ""
}

const (
	tickSize  = 8.5 // font sizes, in points
	titleSize = 9.0
)

// axis is one axis of a plot with its marks.
type axis struct {
	title string
	limits
	ticks []tick
	// grid draws a line across the plot at each mark.
	grid bool
}

// numericAxis returns an axis with round marks.
func numericAxis(title string, l limits) axis {
	return axis{title, l, l.ticks(5), true}
}

// countAxis returns an axis from 0 with room for the largest count, marked at
// whole numbers.
func countAxis(title string, largest int, room float64) axis {
	l := limits{0, room * float64(max(largest, 1))}
	return axis{title, l, l.ticksBy(max(1, roundStep(l.high/5))), true}
}

// labels returns the texts of the marks.
func (a axis) labels() []string {
	out := make([]string, len(a.ticks))
	for i, t := range a.ticks {
		out[i] = t.label
	}
	return out
}

// newPlot returns an empty plot with margins that hold the marks and titles of
// its axes.
func newPlot(x, y axis, f face) plot {
	p := plot{x: x.limits, y: y.limits}
	p.margin.top, p.margin.right = 12, 14
	p.margin.bottom = 8 + tickSize + 8
	if x.title != "" {
		p.margin.bottom += titleSize + 6
	}
	p.margin.left = 8 + f.widest(y.labels(), tickSize) + 6
	if y.title != "" {
		p.margin.left += titleSize + 6
	}
	p.layers = []layer{func(p pen) { x.drawX(p, f) }, func(p pen) { y.drawY(p, f) }}
	return p
}

// drawX draws the axis below the plot.
func (a axis) drawX(p pen, f face) {
	for _, t := range a.ticks {
		at := p.area.Left + p.x.Translate(t.at)
		if a.grid {
			p.rule(image.Pt(at, p.area.Top), image.Pt(at, p.area.Bottom), 0.5, gridColor)
		}
		p.write(t.label, at, p.area.Bottom+p.px(5+tickSize), atMiddle, tickSize, faintInk)
	}
	p.rule(image.Pt(p.area.Left, p.area.Bottom), image.Pt(p.area.Right, p.area.Bottom), 0.75, axisColor)
	title := f.fit(a.title, titleSize, 72*float64(p.area.Width())/p.GetDPI())
	p.write(title, (p.area.Left+p.area.Right)/2, p.area.Bottom+p.px(11+tickSize+titleSize), atMiddle, titleSize, ink)
}

// drawY draws the axis to the left of the plot, its title running upwards.
func (a axis) drawY(p pen, f face) {
	for _, t := range a.ticks {
		at := p.area.Bottom - p.y.Translate(t.at)
		if a.grid {
			p.rule(image.Pt(p.area.Left, at), image.Pt(p.area.Right, at), 0.5, gridColor)
		}
		p.write(t.label, p.area.Left-p.px(6), at+p.middle(tickSize), atEnd, tickSize, faintInk)
	}
	title := f.fit(a.title, titleSize, 72*float64(p.area.Height())/p.GetDPI())
	p.writeUp(title, p.px(6+0.8*titleSize), (p.area.Top+p.area.Bottom)/2, atMiddle, titleSize, ink)
}
