package report

import (
	"fmt"
	"image"
	"math"
	"slices"
	"strconv"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/segment"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

// mostDots bounds the points of a scatter. More make it slow to show and no
// clearer.
const mostDots = 5000

// stride returns which rows of n to draw: every row, or every second, third and
// so on, so that at most mostDots are drawn.
func stride(n int) int { return strideOf(n, mostDots) }

func strideOf(n, most int) int { return max(1, (n+most-1)/most) }

// thinned says in words which rows are drawn, "" when all are.
func thinned(n int) string {
	s := stride(n)
	if s == 1 {
		return ""
	}
	return fmt.Sprintf(" To keep it readable, one row in %d is drawn: %s of %s.", s, count((n+s-1)/s), count(n))
}

// cloud holds the points of one colour.
type cloud struct {
	x, y  []float64
	color drawing.Color
}

func (d *cloud) add(x, y float64) {
	if finite(x) && finite(y) {
		d.x, d.y = append(d.x, clamp(x)), append(d.y, clamp(y))
	}
}

func (d cloud) draw(p pen) {
	at := make([]image.Point, len(d.x))
	for i := range at {
		at[i] = p.at(d.x[i], d.y[i])
	}
	c := d.color
	c.A = 190
	p.Dots(at, p.length(1.9), c)
}

// clustersFigure shows the customers by the two features that tell the segments
// apart best, or by one feature and the segment where there is only one.
func clustersFigure(c *Content, f face) (*figure, error) {
	s := c.Segmentation
	if s == nil || c.Table == nil || len(s.Separation) == 0 || len(s.Segments) == 0 {
		return nil, nil
	}
	view, err := newClusterView(c.Table, s)
	if err != nil {
		return nil, err
	}
	x, y := numericAxis(view.x.Name(), limitsOf(view.x.Floats()).padded()), view.yAxis(s)
	p := newPlot(x, y, f)
	p.margin.right = legendWidth
	for _, d := range view.clouds(s) {
		p.layers = append(p.layers, d.draw)
	}
	p.layers = append(p.layers, view.centres(s), legend(s, f))
	return &figure{
		title:       view.title(),
		caption:     "Each dot is a customer, each numbered circle the centre of a segment." + greyDots(s) + thinned(c.Table.Rows()),
		description: view.describe(s),
		plot:        p,
	}, nil
}

// greyDots explains the customers without a segment, if there are any.
func greyDots(s *segment.Result) string {
	if s.Noise == 0 {
		return ""
	}
	return " Grey dots are noise: they belong to no segment."
}

// clusterView is a choice of two axes for a segmentation.
type clusterView struct {
	x, y datasource.Column
	// alone is set when the segment stands on the y axis for want of a second
	// feature.
	alone bool
}

func newClusterView(t *datasource.Table, s *segment.Result) (v clusterView, err error) {
	if v.x, err = t.NumericColumn(s.Separation[0].Column); err != nil {
		return v, err
	}
	if v.alone = len(s.Separation) == 1; v.alone {
		return v, nil
	}
	v.y, err = t.NumericColumn(s.Separation[1].Column)
	return v, err
}

func (v clusterView) title() string {
	if v.alone {
		return "Segments by " + plain(v.x.Name(), longest)
	}
	return "Segments by " + plain(v.x.Name(), longest) + " and " + plain(v.y.Name(), longest)
}

func (v clusterView) yAxis(s *segment.Result) axis {
	if !v.alone {
		return numericAxis(v.y.Name(), limitsOf(v.y.Floats()).padded())
	}
	a := axis{title: "Segment", limits: limits{-0.7, float64(len(s.Segments)) - 0.3}}
	if s.Noise > 0 {
		a.low--
		a.ticks = append(a.ticks, tick{segment.Noise, "noise"})
	}
	for _, seg := range s.Segments {
		a.ticks = append(a.ticks, tick{float64(seg.ID), strconv.Itoa(seg.ID)})
	}
	return a
}

// clouds returns the points outside of all segments, then those of each segment.
func (v clusterView) clouds(s *segment.Result) []cloud {
	clouds := make([]cloud, len(s.Segments)+1)
	for i := range clouds {
		clouds[i].color = segmentColor(i - 1)
	}
	xs, ys := v.x.Floats(), v.y.Floats()
	for row := 0; row < len(xs); row += stride(len(xs)) {
		id := s.Labels[row]
		y := float64(id)
		if !v.alone {
			y = ys[row]
		}
		clouds[id+1].add(xs[row], y)
	}
	return clouds
}

// centres marks the mean of each segment with its number.
func (v clusterView) centres(s *segment.Result) layer {
	return func(p pen) {
		for _, seg := range s.Segments {
			x, y := meanOf(seg, v.x.Name()), float64(seg.ID)
			if !v.alone {
				y = meanOf(seg, v.y.Name())
			}
			if finite(x) && finite(y) {
				p.badge(p.at(clamp(x), clamp(y)), seg.ID, 7)
			}
		}
	}
}

// badge draws a segment's number in a circle of its colour.
func (p pen) badge(at image.Point, id int, radius float64) {
	p.Dots([]image.Point{at}, p.length(radius+1.4), white)
	p.Dots([]image.Point{at}, p.length(radius), segmentColor(id))
	size := 1.2 * radius
	p.write(strconv.Itoa(id), at.X, at.Y+p.middle(size), atMiddle, size, onColor(segmentColor(id)))
}

func meanOf(s segment.Segment, column string) float64 {
	for _, c := range s.Columns {
		if c.Column == column {
			return c.Mean
		}
	}
	return math.NaN()
}

func describeMean(s segment.Segment, of datasource.Column) string {
	return fmt.Sprintf("mean %s %s", plain(of.Name(), longest), limitsOf(of.Floats()).number(meanOf(s, of.Name())))
}

func (v clusterView) describe(s *segment.Result) string {
	text := fmt.Sprintf("Scatter plot of %d customers in %d segments.", len(s.Labels), len(s.Segments))
	if s.Noise > 0 {
		text += fmt.Sprintf(" %d of them are noise, in no segment.", s.Noise)
	}
	for _, seg := range s.Segments {
		text += fmt.Sprintf(" Segment %d (%s): %s", seg.ID, plain(seg.Label, longest), describeMean(seg, v.x))
		if !v.alone {
			text += ", " + describeMean(seg, v.y)
		}
		text += "."
	}
	return text
}

// legendWidth is the space to the right of a plot that a legend takes.
const legendWidth = 138

// legend lists the segments to the right of the plot, as many as there is room
// for, and noise below them.
func legend(s *segment.Result, f face) layer {
	const size, most = labelSize, 12
	shown := slices.Clone(s.Segments[:min(len(s.Segments), most)])
	if s.Noise > 0 {
		shown = append(shown, segment.Segment{ID: segment.Noise, Label: "noise"})
	}
	return func(p pen) {
		height := 72 / p.GetDPI() * float64(p.area.Height())
		entry := min(36, (height-8)/float64(len(shown)))
		left := p.area.Right + p.px(12)
		for i, seg := range shown {
			middle := p.area.Top + p.px(entry*(float64(i)+0.5))
			p.mark(image.Pt(left+p.px(5), middle), seg.ID)
			lines := f.wrap(seg.Label, legendWidth-12-14-12, int(entry/(1.2*size)))
			for j, line := range lines {
				shift := 1.2 * size * (float64(j) - float64(len(lines)-1)/2)
				p.write(line, left+p.px(14), middle+p.px(shift)+p.middle(size), atStart, size, ink)
			}
		}
		if more := len(s.Segments) - most; more > 0 {
			p.write(fmt.Sprintf("and %d more", more), left+p.px(14), p.area.Bottom+p.px(size), atStart, size, faintInk)
		}
	}
}

// mark draws what stands for a segment in the legend: its badge, or a dot for
// noise, which has no centre.
func (p pen) mark(at image.Point, id int) {
	if id == segment.Noise {
		p.Dots([]image.Point{at}, p.length(3), noiseColor)
		return
	}
	p.badge(at, id, 5)
}

// predictionFigure shows what was predicted against what happened, for the rows
// held out, on equal axes.
func predictionFigure(c *Content, f face) (*figure, error) {
	r := c.Prediction
	if r == nil {
		return nil, nil
	}
	points := cloud{color: mainColor}
	for i := 0; i < len(r.Holdout); i += stride(len(r.Holdout)) {
		points.add(r.Holdout[i].Actual, r.Holdout[i].Predicted)
	}
	both := limitsOf(points.x, points.y).padded()
	target := plain(r.Target, longest)
	p := newPlot(numericAxis("Actual "+target, both), numericAxis("Predicted "+target, both), f)
	p.layers = append(p.layers, points.draw, diagonal(both))
	return &figure{
		title: "Predicted and actual " + target,
		caption: "Each dot is a customer that the model had not seen. On the dashed line, predictions would be exact; " +
			"a flat cloud means that the model says nearly the same for everyone." + thinned(len(r.Holdout)),
		description: fmt.Sprintf("Scatter plot of %d held-out customers. R squared is %s. %s", len(r.Holdout), score(r.Metrics.R2), plain(r.Verdict.Text, 300)),
		plot:        p,
	}, nil
}

// diagonal draws the line on which both axes have the same value.
func diagonal(l limits) layer {
	return func(p pen) {
		p.line(p.at(l.low, l.low), p.at(l.high, l.high), 1.2, ink, 5, 4)
		end := p.at(l.high, l.high)
		p.write("exact", end.X-p.px(22), end.Y+p.px(12), atEnd, tickSize, ink)
	}
}

// sortedFinite returns the finite values in ascending order.
func sortedFinite(values []float64) []float64 {
	out := make([]float64, 0, len(values))
	for _, v := range values {
		if finite(v) {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}
