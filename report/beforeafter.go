package report

import (
	"fmt"
	"image"
	"math"

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
	bins := d.Numbers.Histogram
	var shares []float64
	for _, b := range bins {
		shares = append(shares, b.Baseline, b.Current)
	}
	name := plain(d.Column, longest)
	x := limitsOf([]float64{bins[0].Low, bins[len(bins)-1].High})
	p := newPlot(numericAxis(name, x), shareAxis(shares, 1.12), f)
	p.layers = append(p.layers, func(p pen) {
		for _, b := range bins {
			left, right := p.at(clamp(b.Low), 0), p.at(clamp(b.High), 0)
			inset := (right.X - left.X) / 4
			p.upTo(left.X+1, right.X, b.Baseline, beforeColor)
			p.upTo(left.X+inset, right.X-inset, b.Current, afterColor)
		}
	})
	p.margin.top = keyHeight
	p.layers = append(p.layers, beforeAfterKey(f))
	return &figure{
		title:       name + ", before and now",
		caption:     fmt.Sprintf("Wide grey bars are the customers before, narrow blue ones those of now; both add up to 100%%. %s.", capital(change(d))),
		description: fmt.Sprintf("Two histograms of %s. %s.", name, capital(change(d))),
		plot:        p,
	}
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
	p.layers = append(p.layers, beforeAfterKey(f))
	name := plain(d.Column, longest)
	return &figure{
		title:       name + ", before and now",
		caption:     fmt.Sprintf("Wide grey bars are the customers before, narrow blue ones those of now, whose share is written beside them. %s.", capital(change(d))),
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
