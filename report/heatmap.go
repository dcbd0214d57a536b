package report

import (
	"fmt"
	"image"
	"math"
	"strconv"

	"github.com/cohortlens/cohortlens/insights"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

// mostCells is the number of columns that the correlation figure has room for.
const mostCells = 30

// correlationFigure shows the correlation of each pair of columns as a colour
// and, where there is room, as a number.
func correlationFigure(c *Content, f face) (*figure, error) {
	if c.Correlation == nil || len(c.Correlation.Columns) == 0 {
		return nil, nil
	}
	names := c.Correlation.Columns
	caption := "Pearson correlation of each pair of columns: 1 is a perfect rise together, -1 a perfect opposite, 0 no linear relation."
	if len(names) > mostCells {
		caption += fmt.Sprintf(" The first %d of %d columns are shown.", mostCells, len(names))
		names = names[:mostCells]
	}
	m := heatMap{names, c.Correlation.R, f}
	return &figure{
		title: "Correlation of the numeric columns", caption: caption,
		description: describePairs(strongestPairs(c.Correlation, 5)), plot: m.plot(),
	}, nil
}

// heatMap lays out a square of cells. Row 0 is at the top.
type heatMap struct {
	names []string
	r     [][]float64
	face  face
}

// scaleWidth is that of the colour scale at the right, in points.
const scaleWidth = 46

func (m heatMap) plot() plot {
	n := float64(len(m.names))
	p := plot{x: limits{0, n}, y: limits{0, n}, layers: []layer{m.cells, m.rowNames, m.columnNames, m.scale}}
	p.margin.top, p.margin.right = 10, scaleWidth
	p.margin.left = 14 + min(m.face.widest(m.shown(), labelSize), m.rowNameWidth())
	p.margin.bottom = 12 + 3*1.2*labelSize
	if m.upright() {
		p.margin.bottom = 14 + min(m.face.widest(m.shown(), labelSize), m.rowNameWidth())
	}
	return p
}

func (heatMap) rowNameWidth() float64 { return 110 }

// upright says that the names below the columns run upwards, for want of room.
func (m heatMap) upright() bool { return len(m.names) > 7 }

func (m heatMap) shown() []string {
	out := make([]string, len(m.names))
	for i, name := range m.names {
		out[i] = plain(name, longest)
	}
	return out
}

func (m heatMap) cells(p pen) {
	n := len(m.names)
	for row := range n {
		for col := range n {
			a, b := p.at(float64(col), float64(n-row)), p.at(float64(col+1), float64(n-row-1))
			c := diverging(m.r[row][col])
			p.box(a, b.Sub(image.Pt(1, 1)), c)
			if size := m.valueSize(p); size > 0 {
				p.write(correlation(m.r[row][col]), (a.X+b.X)/2, (a.Y+b.Y)/2+p.middle(size), atMiddle, size, onColor(c))
			}
		}
	}
}

// valueSize returns the font size of the values in cells, 0 when they would not
// be readable.
func (m heatMap) valueSize(p pen) float64 {
	cell := 72 / p.GetDPI() * float64(min(p.area.Width(), p.area.Height())) / float64(len(m.names))
	size := min(10, cell/2.6)
	if size < 5 {
		return 0
	}
	return size
}

func (m heatMap) rowNames(p pen) {
	n := float64(len(m.names))
	for i, name := range m.names {
		at := p.at(0, n-float64(i)-0.5)
		p.write(m.face.fit(name, labelSize, m.rowNameWidth()), at.X-p.px(6), at.Y+p.middle(labelSize), atEnd, labelSize, ink)
	}
}

func (m heatMap) columnNames(p pen) {
	cell := 72 / p.GetDPI() * float64(p.area.Width()) / float64(len(m.names))
	for i, name := range m.names {
		at := p.at(float64(i)+0.5, 0)
		if m.upright() {
			p.writeUp(m.face.fit(name, labelSize, m.rowNameWidth()), at.X+p.middle(labelSize), at.Y+p.px(6), atEnd, labelSize, ink)
			continue
		}
		for j, line := range m.face.wrap(name, cell-6, 3) {
			p.write(line, at.X, at.Y+p.px(5+labelSize+1.2*labelSize*float64(j)), atMiddle, labelSize, ink)
		}
	}
}

// scale draws which colour means what.
func (heatMap) scale(p pen) {
	p.scale(func(share float64) drawing.Color { return diverging(2*share - 1) }, "1", "0", "-1")
}

// scale draws the colours of the shares 1, at the top, to 0 at the right of the
// plot, with labels from the top to the bottom.
func (p pen) scale(color func(share float64) drawing.Color, labels ...string) {
	const steps = 20
	left, right := p.area.Right+p.px(10), p.area.Right+p.px(20)
	height := p.area.Height()
	for i := range steps {
		p.box(image.Pt(left, p.area.Top+i*height/steps), image.Pt(right, p.area.Top+(i+1)*height/steps), color(1-(float64(i)+0.5)/steps))
	}
	for i, label := range labels {
		p.write(label, right+p.px(4), p.area.Top+i*height/(len(labels)-1)+p.middle(tickSize), atStart, tickSize, faintInk)
	}
}

// correlation writes a coefficient with two decimals, "n/a" for NaN.
func correlation(r float64) string {
	if math.IsNaN(r) {
		return "n/a"
	}
	return strconv.FormatFloat(noMinusZero(r, 2), 'f', 2, 64)
}

// pair is the correlation of two columns.
type pair struct {
	a, b string
	r    float64
}

// strongestPairs returns the pairs of different columns with the largest
// correlations, either way, at most so many.
func strongestPairs(c *insights.Correlation, most int) []pair {
	strength := func(p pair) float64 { return math.Abs(p.r) }
	var pairs []pair
	for i, row := range c.R {
		for j := range i {
			p := pair{c.Columns[j], c.Columns[i], row[j]}
			if math.IsNaN(p.r) || len(pairs) == most && strength(p) <= strength(pairs[most-1]) {
				continue
			}
			pairs = largest(append(pairs, p), most, strength)
		}
	}
	return pairs
}

func describePairs(pairs []pair) string {
	text := "Heat map of correlations. The strongest:"
	for _, p := range pairs {
		text += fmt.Sprintf(" %s and %s %s;", plain(p.a, longest), plain(p.b, longest), correlation(p.r))
	}
	if len(pairs) == 0 {
		return "Heat map of correlations; no pair of columns has one."
	}
	return text
}
