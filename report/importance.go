package report

import (
	"fmt"
	"image"
	"slices"
	"strings"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/explain"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

const (
	// mostSwarms is the number of columns that the figure has room for.
	mostSwarms = 9
	// shades is the number of colours for values from low to high.
	shades = 5
	// shadeless is the shade of a value without an order.
	shadeless = shades
)

// importanceFigure shows for each column, the most important first, how far it
// moved each prediction: a beeswarm.
func importanceFigure(c *Content, f face) (*figure, error) {
	r := c.Explanation
	if r == nil || r.Rows == 0 || len(r.Groups) == 0 {
		return nil, nil
	}
	top := r.Summary()
	left := len(top) - mostSwarms
	top = top[:min(len(top), mostSwarms)]
	step := strideOf(r.Rows*len(top), mostDots)
	y := axis{limits: limits{-0.5, max(float64(len(top)), 3) - 0.5}}
	b := beeswarm{top: len(top) - 1}
	for i, one := range top {
		swarm, err := newSwarm(c, slices.Index(r.Groups, one.Group), step)
		if err != nil {
			return nil, err
		}
		b.swarms = append(b.swarms, swarm)
		y.ticks = append(y.ticks, tick{float64(len(top) - 1 - i), f.fit(one.Group, tickSize, 120)})
	}
	l := b.limits()
	p := newPlot(numericAxis("What the column adds to the prediction of "+c.target(), l.padded()), y, f)
	p.margin.right = scaleWidth
	p.layers = append(p.layers, b.draw, func(p pen) { p.scale(sequential, "high", "", "low") })
	return &figure{
		title:       "What moves the predictions",
		caption:     swarmCaption(step, left),
		description: describeImportances(top),
		plot:        p,
	}, nil
}

func swarmCaption(step, left int) string {
	text := "Each dot is a customer, placed by how far the column moved the prediction; where there are many, they pile up. " +
		"Its colour is the customer's value in that column, from low (blue) to high (orange), and grey where values have no order."
	if step > 1 {
		text += fmt.Sprintf(" One customer in %d is drawn.", step)
	}
	if left > 0 {
		text += fmt.Sprintf(" %s less and are left out.", counted(left, "further column moves it", "further columns move it"))
	}
	return text
}

// beeswarm draws the dots of swarms, the first one at the top.
type beeswarm struct {
	swarms []swarm
	top    int // the y coordinate of the first
}

// swarm is what one column adds to predictions.
type swarm struct {
	values []float64
	shades []int
}

// newSwarm takes every so manieth row of a group of the explanation.
func newSwarm(c *Content, group, step int) (swarm, error) {
	var s swarm
	var rows []int
	for row := 0; row < c.Explanation.Rows; row += step {
		s.values = append(s.values, clamp(c.Explanation.Row(row)[group]))
		rows = append(rows, row)
	}
	s.shades = slices.Repeat([]int{shadeless}, len(rows))
	if c.Table == nil {
		return s, nil
	}
	column, err := c.Table.Column(c.Explanation.Groups[group])
	if err != nil || column.Kind() != datasource.Numeric {
		return s, err
	}
	values := make([]float64, len(rows))
	for i, row := range rows {
		values[i] = column.Floats()[c.tableRow(row)]
	}
	s.shade(values)
	return s, nil
}

// shade sets shades by the ranks of values. Equal values have equal shades.
func (s *swarm) shade(values []float64) {
	sorted := sortedFinite(values)
	for i, v := range values {
		if finite(v) {
			below, _ := slices.BinarySearch(sorted, v)
			upTo, _ := slices.BinarySearchFunc(sorted, v, func(a, b float64) int {
				if a <= b {
					return -1
				}
				return 1
			})
			s.shades[i] = min(shades*(below+upTo)/(2*len(sorted)), shades-1)
		}
	}
}

func (b beeswarm) limits() limits {
	all := [][]float64{{0}}
	for _, s := range b.swarms {
		all = append(all, s.values)
	}
	return limitsOf(all...)
}

// draw piles dots that would cover each other up to both sides, all of a shade in
// one go.
func (b beeswarm) draw(p pen) {
	zero := p.at(0, 0).X
	p.rule(image.Pt(zero, p.area.Top), image.Pt(zero, p.area.Bottom), 0.75, axisColor)
	const radius = 1.7
	room := p.at(0, 0).Y - p.at(0, 1).Y
	var dots [shades + 1][]image.Point
	for i, s := range b.swarms {
		middle := p.at(0, float64(b.top-i)).Y
		for j, at := range s.pile(p, max(1, p.px(2*radius)), room*2/5) {
			dots[s.shades[j]] = append(dots[s.shades[j]], at.Add(image.Pt(0, middle)))
		}
	}
	for shade, at := range dots {
		if len(at) > 0 {
			p.Dots(at, p.length(radius), shadeColor(shade))
		}
	}
}

// pile returns the places of the dots around a line at 0. Dots of the same width of
// x stand in a column, which grows to both sides and is at most twice as high as
// half.
func (s swarm) pile(p pen, width, half int) []image.Point {
	count, used := map[int]int{}, map[int]int{}
	for _, v := range s.values {
		count[p.at(v, 0).X/width]++
	}
	out := make([]image.Point, len(s.values))
	for i, v := range s.values {
		x := p.at(v, 0).X
		bin := x / width
		k := used[bin]
		used[bin]++
		height := (k + 1) / 2 * min(width*(count[bin]/2+1), half) / (count[bin]/2 + 1)
		if k%2 == 1 {
			height = -height
		}
		out[i] = image.Pt(x, height)
	}
	return out
}

func shadeColor(shade int) drawing.Color {
	c := noiseColor
	if shade != shadeless {
		c = sequential(float64(shade) / (shades - 1))
	}
	c.A = 210
	return c
}

func describeImportances(top []explain.Importance) string {
	parts := make([]string, len(top))
	for i, one := range top {
		parts[i] = fmt.Sprintf("%s %s", plain(one.Group, longest), number(one.MeanAbsolute))
	}
	return "Beeswarm of what each column adds to the predictions. On average it moves them by: " + strings.Join(parts, "; ") + "."
}
