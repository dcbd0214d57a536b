package report

import (
	"fmt"
	"image"
	"math"
	"slices"
	"strings"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/segment"
)

const (
	// mostWaterfalls is the number of customers whose predictions are drawn.
	mostWaterfalls = 8
	// mostSteps is the number of columns that a waterfall has room for.
	mostSteps = 8
)

// waterfallFigures shows column by column how the predictions for typical
// customers come about.
func waterfallFigures(c *Content, f face) ([]*figure, error) {
	if c.Explanation == nil || len(c.Explanation.Groups) == 0 {
		return nil, nil
	}
	var figures []*figure
	for _, e := range c.Typical[:min(len(c.Typical), mostWaterfalls)] {
		w, err := newWaterfall(c, e)
		if err != nil {
			return nil, err
		}
		figures = append(figures, &figure{
			title:       w.customer,
			caption:     w.caption(),
			description: w.describe(),
			plot:        w.plot(c.target(), f),
		})
	}
	return figures, nil
}

// target names what the explained predictions are of.
func (c *Content) target() string {
	if c.Prediction == nil {
		return "prediction"
	}
	return plain(c.Prediction.Target, longest)
}

// waterfall leads from a base to a prediction.
type waterfall struct {
	customer         string
	base, prediction float64
	steps            []step
}

// step is what a column adds, with its standard error where it was estimated.
type step struct {
	label        string
	value, error float64
}

// newWaterfall orders the columns by what they add either way. Those that there
// is no room for become one step.
func newWaterfall(c *Content, e Example) (waterfall, error) {
	r := c.Explanation
	w := waterfall{customer: c.nameOf(e), base: r.Base, prediction: r.Predictions[e.Row]}
	for j, v := range r.Row(e.Row) {
		text, err := c.cell(r.Groups[j], c.tableRow(e.Row))
		if err != nil {
			return w, err
		}
		next := step{label: plain(r.Groups[j], longest) + text, value: v}
		if r.StdErrors != nil {
			next.error = r.StdErrors[e.Row*len(r.Groups)+j]
		}
		w.steps = append(w.steps, next)
	}
	w.steps = largest(w.steps, len(w.steps), func(s step) float64 { return math.Abs(s.value) })
	if more := len(w.steps) - mostSteps + 1; more > 1 {
		rest := step{label: fmt.Sprintf("%d other columns", more)}
		for _, s := range w.steps[mostSteps-1:] {
			rest.value += s.value
		}
		w.steps = append(w.steps[:mostSteps-1], rest)
	}
	return w, nil
}

// nameOf names a typical customer.
func (c *Content) nameOf(e Example) string {
	name := "A customer"
	if e.ID != "" {
		name = "Customer " + plain(e.ID, longest)
	}
	if c.Segmentation == nil || e.Segment == segment.Noise {
		return name
	}
	return fmt.Sprintf("%s, typical of segment %d: %s", name, e.Segment, plain(c.Segmentation.Segments[e.Segment].Label, longest))
}

// tableRow returns the row of the table that a row of the explanation is about.
func (c *Content) tableRow(row int) int {
	if c.Explained == nil {
		return row
	}
	return c.Explained[row]
}

// cell writes " = value" for a cell of the table, "" without a table.
func (c *Content) cell(column string, row int) (string, error) {
	if c.Table == nil {
		return "", nil
	}
	v, err := c.Table.Column(column)
	if err != nil {
		return "", err
	}
	if v.Missing(row) {
		return " is missing", nil
	}
	if v.Kind() == datasource.Numeric {
		return " = " + c.span(column).observed(v.Floats()[row]), nil
	}
	return " = " + plain(v.Cell(row), longest), nil
}

// sums returns the values between which the waterfall falls.
func (w waterfall) sums() []float64 {
	out := []float64{w.base}
	for _, s := range w.steps {
		out = append(out, out[len(out)-1]+s.value)
	}
	return out
}

// write writes a value with the decimals that the whole way deserves, so that the
// figures of a waterfall add up.
func (w waterfall) write(v float64) string {
	l := limitsOf(w.sums())
	if size := max(math.Abs(l.low), math.Abs(l.high)); !finite(v) || size >= 1e15 || l.high-l.low < 1e-6 {
		return number(v)
	}
	return decimals(v, max(0, 2-int(math.Floor(math.Log10(l.high-l.low)))))
}

// amount writes what a step adds, with a plus before what is more than 0.
func (w waterfall) amount(s step) string {
	text := w.write(s.value)
	if s.value > 0 && strings.ContainsAny(text, "123456789") {
		text = "+" + text
	}
	if s.error > 0 {
		text += " ± " + w.write(s.error)
	}
	return text
}

func (w waterfall) plot(target string, f face) plot {
	const labelWidth = 130
	l := limitsOf(w.sums())
	room := 0.2 * (l.high - l.low) // for the figures beside the bars
	n := len(w.steps)
	y := axis{limits: limits{-0.6, float64(n) + 1.6}, ticks: []tick{{float64(n + 1), "average prediction"}}}
	for i, s := range w.steps {
		y.ticks = append(y.ticks, tick{float64(n - i), f.fit(s.label, tickSize, labelWidth)})
	}
	y.ticks = append(y.ticks, tick{0, "this customer"})
	p := newPlot(numericAxis("Prediction of "+target, limits{l.low - room, l.high + room}), y, f)
	p.small, p.layers = true, append(p.layers, w.draw)
	return p
}

// draw draws the steps from the top, each beginning where the last one ended.
func (w waterfall) draw(p pen) {
	sums, n := w.sums(), len(w.steps)
	for i, s := range w.steps {
		y := float64(n - i)
		from, to := p.at(clamp(sums[i]), y), p.at(clamp(sums[i+1]), y)
		p.rule(p.at(clamp(sums[i]), y+1), from, 0.5, axisColor)
		c, a, gap := mainColor, atStart, p.px(5)
		if s.value < 0 {
			c, a, gap = lowColor, atEnd, -gap
		}
		half := p.px(0.32 * 72 / p.GetDPI() * float64(p.at(0, y-1).Y-from.Y))
		p.box(from.Sub(image.Pt(0, half)), to.Add(image.Pt(p.px(0.75), half)), c)
		p.write(w.amount(s), to.X+gap, to.Y+p.middle(tickSize), a, tickSize, ink)
	}
	end := clamp(sums[n])
	p.rule(p.at(end, 1), p.at(end, 0), 0.5, axisColor)
	p.end(clamp(w.base), float64(n+1), w.write(w.base))
	p.end(end, 0, w.write(w.prediction))
}

// end marks the first or the last value of a waterfall.
func (p pen) end(x, y float64, text string) {
	at := p.at(x, y)
	p.Dots([]image.Point{at}, p.length(3.5), ink)
	p.write(text, at.X+p.px(7), at.Y+p.middle(titleSize), atStart, titleSize, ink)
}

func (w waterfall) caption() string {
	text := "The prediction is " + w.write(w.prediction)
	switch diff := w.write(math.Abs(w.prediction - w.base)); {
	case !strings.ContainsAny(diff, "123456789"):
		return text + ", the average."
	case w.prediction < w.base:
		return fmt.Sprintf("%s, %s below the average.", text, diff)
	default:
		return fmt.Sprintf("%s, %s above the average.", text, diff)
	}
}

func (w waterfall) describe() string {
	text := fmt.Sprintf("Waterfall from the average prediction, %s, to %s:", w.write(w.base), w.write(w.prediction))
	for _, s := range w.steps {
		text += fmt.Sprintf(" %s %s;", s.label, w.amount(s))
	}
	return text
}

// pushes returns the steps that move the prediction most in one direction, at
// most so many, in words.
func (w waterfall) pushes(up bool, most int) []string {
	var out []string
	for _, s := range w.steps {
		if s.value != 0 && s.value > 0 == up && len(out) < most {
			out = append(out, fmt.Sprintf("%s (%s)", s.label, w.amount(s)))
		}
	}
	return slices.Clip(out)
}
