package report

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

// savingsFigure shows how many customers have how much of their income left.
func savingsFigure(c *Content, f face) (*figure, error) {
	if c.Savings == nil {
		return nil, nil
	}
	values := sortedFinite(c.Savings.Percent)
	if len(values) == 0 {
		return nil, nil
	}
	h := newHistogram(values)
	y := countAxis("Customers", slices.Max(h.counts), 1.12)
	p := newPlot(numericAxis("Income left after the estimated spend (%)", h.limits()), y, f)
	p.layers = append(p.layers, h.draw, h.edges, marker("median", c.Savings.Median, h.limits(), f))
	return &figure{
		title:   "Share of income left",
		caption: "Customers by the share of their monthly income that the estimated spend leaves; orange means that they spend more than they earn." + h.outside(),
		description: fmt.Sprintf("Histogram of %s customers. The median is %s, %s customers are below zero.",
			count(len(values)), points(c.Savings.Median), count(c.Savings.Negative)),
		plot: p,
	}, nil
}

// histogram counts values in bins of equal width. Values far outside of the
// quartiles are counted in the first or the last bin, so that a few extremes do
// not flatten the rest.
type histogram struct {
	low, step    float64
	counts       []int
	below, above int // values counted in an outer bin that they exceed
}

// newHistogram chooses about 24 bins of round width, zero being an edge. Values
// are finite, in ascending order and at least one.
func newHistogram(values []float64) histogram {
	q1, q3 := clamp(values[len(values)/4]), clamp(values[(len(values)*3)/4])
	reach := 3 * (q3 - q1) // Tukey's outer fences
	l := limitsOf([]float64{max(values[0], q1-reach), min(values[len(values)-1], q3+reach)})
	h := histogram{step: roundStep((l.high - l.low) / 24)}
	h.low = math.Floor(l.low/h.step) * h.step
	h.counts = make([]int, int(math.Floor((l.high-h.low)/h.step))+1)
	for _, v := range values {
		bin := math.Floor((v - h.low) / h.step)
		if bin < 0 {
			h.below++
		}
		if bin >= float64(len(h.counts)) {
			h.above++
		}
		h.counts[int(max(0, min(bin, float64(len(h.counts)-1))))]++
	}
	return h
}

func (h histogram) limits() limits {
	return limits{h.low, h.low + h.step*float64(len(h.counts))}
}

// draw draws the bars, those below zero in another colour.
func (h histogram) draw(p pen) {
	for i, n := range h.counts {
		left := h.low + h.step*float64(i)
		c := mainColor
		if left < -h.step/2 {
			c = lowColor
		}
		if n > 0 {
			p.box(p.at(left, float64(n)).Add(image.Pt(1, 0)), p.at(left+h.step, 0), c)
		}
	}
}

// edges marks the outer bars that hold values beyond their edges.
func (h histogram) edges(p pen) {
	last := len(h.counts) - 1
	if h.below > 0 {
		at := p.at(h.low, float64(h.counts[0]))
		p.write("and below", at.X, at.Y-p.px(3), atStart, 7.5, faintInk)
	}
	if h.above > 0 {
		at := p.at(h.limits().high, float64(h.counts[last]))
		p.write("and above", at.X, at.Y-p.px(3), atEnd, 7.5, faintInk)
	}
}

// outside says in words how many values an outer bar holds beyond its edge.
func (h histogram) outside() string {
	text := ""
	if h.below > 0 {
		text += fmt.Sprintf(" The first bar includes %s customers below %s%%.", count(h.below), observed(h.limits().low))
	}
	if h.above > 0 {
		text += fmt.Sprintf(" The last bar includes %s customers above %s%%.", count(h.above), observed(h.limits().high))
	}
	return text
}

// marker draws a named line at a value of the x axis, if it is on the axis.
func marker(name string, v float64, l limits, f face) layer {
	return func(p pen) {
		if !(v >= l.low && v <= l.high) {
			return
		}
		top, bottom := p.at(v, 0), p.at(v, 0)
		top.Y = p.area.Top
		p.line(bottom, top, 1.2, ink, 4, 3)
		text, a, gap := name+" "+points(v), atStart, 4
		if float64(p.area.Right-top.X) < p.length(f.width(text, tickSize)+8) {
			a, gap = atEnd, -4
		}
		p.write(text, top.X+p.px(float64(gap)), top.Y+p.px(tickSize), a, tickSize, ink)
	}
}

// mostBars is the number of categories that a bar chart has room for.
const mostBars = 14

// bar is a category and its number of customers.
type bar struct {
	label string
	n     int
	color drawing.Color
}

// genderFigure counts the customers by the levels of the gender column.
func genderFigure(c *Content, f face) (*figure, error) {
	if c.Table == nil || c.GenderColumn == "" {
		return nil, nil
	}
	column, err := c.Table.CategoricalColumn(c.GenderColumn)
	if err != nil {
		return nil, err
	}
	bars, total := levelBars(column), column.Len()
	name := plain(column.Name(), longest)
	return &figure{
		title:       "Customers by " + name,
		caption:     fmt.Sprintf("Number and share of the %s customers.", count(total)),
		description: describeBars(name, bars),
		plot:        barPlot(bars, total, f),
	}, nil
}

// levelBars counts the levels of a column, the most frequent first; what there
// is no room for is gathered in one bar, and so are missing values.
func levelBars(c datasource.Column) []bar {
	bars := make([]bar, len(c.Levels()))
	for i, level := range c.Levels() {
		bars[i] = bar{level, 0, mainColor}
	}
	missing := bar{"(missing)", 0, noColor}
	for _, code := range c.Codes() {
		if code < 0 {
			missing.n++
		} else {
			bars[code].n++
		}
	}
	slices.SortStableFunc(bars, func(a, b bar) int { return cmp.Compare(b.n, a.n) })
	if len(bars) > mostBars {
		rest := bar{fmt.Sprintf("%d others", len(bars)-mostBars+1), 0, noColor}
		for _, b := range bars[mostBars-1:] {
			rest.n += b.n
		}
		bars = append(bars[:mostBars-1], rest)
	}
	if missing.n > 0 {
		bars = append(bars, missing)
	}
	return bars
}

// barPlot draws horizontal bars, from the top, with their numbers at the ends.
func barPlot(bars []bar, total int, f face) plot {
	most := 0
	slack := max(0, 3-float64(len(bars))) / 2 // keeps one or two bars from filling the plot
	y := axis{limits: limits{-0.5 - slack, float64(len(bars)) - 0.5 + slack}}
	for i, b := range bars {
		most = max(most, b.n)
		y.ticks = append(y.ticks, tick{float64(len(bars) - 1 - i), f.fit(b.label, tickSize, 120)})
	}
	p := newPlot(countAxis("Customers", most, 1.25), y, f)
	p.layers = append(p.layers, func(p pen) {
		for i, b := range bars {
			at := y.ticks[i].at
			p.box(p.at(0, at+0.32), p.at(float64(b.n), at-0.32), b.color)
			end := p.at(float64(b.n), at)
			text := fmt.Sprintf("%s (%s)", count(b.n), percent(float64(b.n)/float64(total)))
			p.write(text, end.X+p.px(5), end.Y+p.middle(tickSize), atStart, tickSize, ink)
		}
	})
	return p
}

func describeBars(name string, bars []bar) string {
	text := "Bar chart of customers by " + name + ":"
	for _, b := range bars {
		text += fmt.Sprintf(" %s %s;", plain(b.label, longest), count(b.n))
	}
	return text
}
