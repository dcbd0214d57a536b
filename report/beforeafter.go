package report

import (
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/insights"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

const (
	// mostDrawn is the number of columns that are drawn before and after.
	mostDrawn = 8
	// mostPairs is the number of levels that such a drawing has room for.
	mostPairs = 9
)

// The two tables that are compared, wherever they are drawn.
var (
	beforeColor = noColor
	afterColor  = mainColor
)

// driftFigures shows the columns that have changed, before and after.
func driftFigures(c *Content, f face) ([]*figure, error) {
	if c.Drift == nil {
		return nil, nil
	}
	var figures []*figure
	for _, d := range c.Drift.Columns {
		if d.Verdict == insights.Stable || len(figures) == mostDrawn {
			continue
		}
		switch {
		case d.Numbers != nil && len(d.Numbers.Histogram) > 0:
			figures = append(figures, numbersFigure(d, f))
		case d.Levels != nil && len(d.Levels.Shares) > 0:
			figures = append(figures, levelsFigure(d, f))
		}
	}
	return figures, nil
}

func numbersFigure(d insights.ColumnDrift, f face) *figure {
	h := newPairedHistogram(d.Numbers.Histogram)
	name := plain(d.Column, longest)
	p := newPlot(numericAxis(name, h.limits()), shareAxis(h.shares(), 1.15), f)
	p.margin.top = keyHeight
	p.small, p.layers = true, append(p.layers, h.draw, h.edges, beforeAfterKey(f))
	return &figure{
		title:       name,
		caption:     capital(change(d)) + "." + h.outside(),
		description: fmt.Sprintf("Two histograms of %s. %s.", name, capital(change(d))),
		plot:        p,
	}
}

// pairedHistogram has the shares of two tables in bins of about equal width. Those
// at the ends are cut to the width of the others, and hold all values beyond.
type pairedHistogram struct {
	bins         []insights.Bin
	below, above bool
}

func newPairedHistogram(bins []insights.Bin) pairedHistogram {
	h := pairedHistogram{bins: slices.Clone(bins)}
	widths := make([]float64, len(bins))
	for i, b := range bins {
		h.bins[i].Low, h.bins[i].High = clamp(b.Low), clamp(b.High)
		widths[i] = h.bins[i].High - h.bins[i].Low
	}
	slices.Sort(widths)
	usual := widths[(len(widths)-1)/2]
	first, last := &h.bins[0], &h.bins[len(bins)-1]
	if len(bins) > 2 && first.High-first.Low > 1.5*usual {
		first.Low, h.below = first.High-usual, true
	}
	if len(bins) > 2 && last.High-last.Low > 1.5*usual {
		last.High, h.above = last.Low+usual, true
	}
	return h
}

func (h pairedHistogram) limits() limits {
	return limitsOf([]float64{h.bins[0].Low, h.bins[len(h.bins)-1].High})
}

func (h pairedHistogram) shares() []float64 {
	var out []float64
	for _, b := range h.bins {
		out = append(out, b.Baseline, b.Current)
	}
	return out
}

func (h pairedHistogram) draw(p pen) {
	for _, b := range h.bins {
		left, right := p.at(b.Low, 0).X, p.at(b.High, 0).X
		inset := (right - left) / 4
		p.upTo(left+1, right, b.Baseline, beforeColor)
		p.upTo(left+inset, right-inset, b.Current, afterColor)
	}
}

// edges marks the bins that hold all values beyond.
func (h pairedHistogram) edges(p pen) {
	top := func(b insights.Bin) int { return p.at(0, max(b.Baseline, b.Current)).Y - p.px(3) }
	first, last := h.bins[0], h.bins[len(h.bins)-1]
	if h.below {
		p.write("and below", p.at(first.Low, 0).X, top(first), atStart, 7.5, faintInk)
	}
	if h.above {
		p.write("and above", p.at(last.High, 0).X, top(last), atEnd, 7.5, faintInk)
	}
}

// outside says what the marked bins hold.
func (h pairedHistogram) outside() string {
	text := ""
	if h.below {
		text += fmt.Sprintf(" The first bar has all values below %s.", h.limits().observed(h.bins[0].High))
	}
	if h.above {
		text += fmt.Sprintf(" The last bar has all values from %s on.", h.limits().observed(h.bins[len(h.bins)-1].Low))
	}
	return text
}

// upTo fills a bar from the x axis, between two pixels, up to a share.
func (p pen) upTo(left, right int, share float64, c drawing.Color) {
	if share > 0 {
		p.box(image.Pt(left, p.at(0, share).Y), image.Pt(max(right, left+1), p.area.Bottom), c)
	}
}

func levelsFigure(d insights.ColumnDrift, f face) *figure {
	shares := gatherLevels(d.Levels.Shares)
	y := axis{limits: limits{-0.6, float64(max(len(shares), 3)) - 0.4}}
	var all []float64
	for i, s := range shares {
		y.ticks = append(y.ticks, tick{float64(len(shares) - 1 - i), f.fit(s.Level, tickSize, 120)})
		all = append(all, s.Baseline, s.Current)
	}
	p := newPlot(shareAxis(all, 1.15), y, f)
	p.layers = append(p.layers, func(p pen) {
		for i, s := range shares {
			at := y.ticks[i].at
			p.box(p.at(0, at+0.38), p.at(s.Baseline, at-0.38), beforeColor)
			p.box(p.at(0, at+0.19), p.at(s.Current, at-0.19), afterColor)
			end := p.at(max(s.Baseline, s.Current), at)
			p.write(percent(s.Current), end.X+p.px(5), end.Y+p.middle(tickSize), atStart, tickSize, ink)
		}
	})
	p.margin.top = keyHeight
	p.small, p.layers = true, append(p.layers, beforeAfterKey(f))
	name := plain(d.Column, longest)
	return &figure{
		title:       name,
		caption:     capital(change(d)) + ". The figures are the shares of now.",
		description: describeShares(name, shares),
		plot:        p,
	}
}

// gatherLevels gives names to all levels and gathers those that there is no room
// for, and those that the profiles did not keep, in one.
func gatherLevels(shares []insights.LevelShift) []insights.LevelShift {
	var out []insights.LevelShift
	rest, more := insights.LevelShift{Level: "all others"}, false
	for i, s := range shares {
		if s.Level != "" && i < mostPairs {
			out = append(out, s)
			continue
		}
		rest.Baseline, rest.Current, more = rest.Baseline+s.Baseline, rest.Current+s.Current, true
	}
	if more {
		out = append(out, rest)
	}
	return out
}

func describeShares(name string, shares []insights.LevelShift) string {
	text := "Bar chart of " + name + ", before and now:"
	for _, s := range shares {
		text += fmt.Sprintf(" %s %s, %s;", plain(s.Level, longest), percent(s.Baseline), percent(s.Current))
	}
	return text
}

// shareAxis returns an axis in percent from 0, with room for the largest share.
func shareAxis(shares []float64, room float64) axis {
	l := limits{0, room * max(limitsOf(shares).high, 0.01)}
	a := axis{"Share of the customers", l, l.ticksBy(roundStep(l.high / 5)), true}
	for i, t := range a.ticks {
		a.ticks[i].label = decimals(100*t.at, places(a.ticks)) + "%"
	}
	return a
}

// places is the number of decimals that marks in percent need.
func places(ticks []tick) int {
	for _, t := range ticks {
		if v := 100 * t.at; math.Abs(v-math.Round(v)) > 1e-9 {
			return 1
		}
	}
	return 0
}

// keyHeight is the space above a plot that a key takes.
const keyHeight = 24

// beforeAfterKey says above the plot which colour means what.
func beforeAfterKey(f face) layer {
	return func(p pen) {
		x, y := p.area.Left, p.area.Top-p.px(11)
		for i, label := range []string{"before", "now"} {
			side := p.px(8)
			p.box(image.Pt(x, y-side/2), image.Pt(x+side, y+side/2), []drawing.Color{beforeColor, afterColor}[i])
			p.write(label, x+side+p.px(4), y+p.middle(tickSize), atStart, tickSize, ink)
			x += side + p.px(18+f.width(label, tickSize))
		}
	}
}
