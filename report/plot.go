package report

import (
	"image"
	"io"
	"math"

	"github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

// The size of a figure, in points of 1/72 inch: 6.4 by 4.2 inches. Small ones,
// which stand two in a row, have three quarters of that.
const (
	figureWidth  = 460.8
	figureHeight = 302.4
)

// surface is what figures are drawn on: a go-chart renderer that can do two
// things more.
type surface interface {
	chart.Renderer
	// Dots draws filled circles of one colour; the radius is in pixels.
	Dots(at []image.Point, radius float64, c drawing.Color)
	// Label writes one line of text in the current font, with x at its anchor
	// and y at its baseline.
	Label(text string, x, y int, a anchor)
}

// anchor is the part of a text that its x coordinate means.
type anchor int

const (
	atStart anchor = iota
	atMiddle
	atEnd
)

// plot is a figure as layers over two axes.
type plot struct {
	// margin is the space around the drawing area, in points.
	margin struct{ top, right, bottom, left float64 }
	x, y   limits
	layers []layer
	small  bool
}

// layer draws one part of a plot. It is a go-chart series.
type layer func(p pen)

func (layer) GetName() string           { return "" }
func (layer) GetYAxis() chart.YAxisType { return chart.YAxisPrimary }
func (layer) GetStyle() chart.Style     { return chart.Style{} }
func (layer) Validate() error           { return nil }

// Render is called by go-chart with what the layer needs to draw.
func (l layer) Render(r chart.Renderer, area chart.Box, x, y chart.Range, defaults chart.Style) {
	l(pen{surface: r.(surface), area: area, x: x, y: y, font: chart.Style{Font: defaults.Font}})
}

// render draws the plot by way of go-chart. Its own axes are hidden: the layers
// draw them, since go-chart's have fixed margins and no titles on the left.
func (p plot) render(on chart.RendererProvider, w io.Writer, dpi int, f face) error {
	px := func(points float64) int { return int(math.Round(points * float64(dpi) / 72)) }
	size := 1.0
	if p.small {
		size = 0.75
	}
	c := chart.Chart{
		Width: px(size * figureWidth), Height: px(size * figureHeight), DPI: float64(dpi), Font: f.style.Font,
		Background: chart.Style{FillColor: white, Padding: chart.Box{
			IsSet: true,
			Top:   px(p.margin.top), Right: px(p.margin.right), Bottom: px(p.margin.bottom), Left: px(p.margin.left),
		}},
		Canvas:         chart.Style{FillColor: white},
		XAxis:          chart.XAxis{Style: chart.Hidden(), Range: p.x.asRange()},
		YAxis:          chart.YAxis{Style: chart.Hidden(), Range: p.y.asRange()},
		YAxisSecondary: chart.HideYAxis(),
	}
	for _, l := range p.layers {
		c.Series = append(c.Series, l)
	}
	return c.Render(on, w)
}

// pen draws in the area of a plot. Lengths are in points, positions in pixels.
type pen struct {
	surface
	area chart.Box
	x, y chart.Range
	font chart.Style
}

func (p pen) px(points float64) int { return int(math.Round(p.length(points))) }

func (p pen) length(points float64) float64 { return points * p.GetDPI() / 72 }

// at returns the position of a pair of values.
func (p pen) at(x, y float64) image.Point {
	return image.Pt(p.area.Left+p.x.Translate(x), p.area.Bottom-p.y.Translate(y))
}

// write puts a line of text at a position, y being the baseline.
func (p pen) write(text string, x, y int, a anchor, size float64, c drawing.Color) {
	p.font.FontSize, p.font.FontColor = size, c
	p.font.WriteToRenderer(p)
	p.Label(text, x, y, a)
}

// writeUp is write for text that runs upwards; x is its baseline.
func (p pen) writeUp(text string, x, y int, a anchor, size float64, c drawing.Color) {
	p.font.FontSize, p.font.FontColor, p.font.TextRotationDegrees = size, c, 270
	p.font.WriteToRenderer(p)
	p.Label(text, x, y, a)
	p.ClearTextRotation()
}

// middle is how far below the middle of a line its baseline is.
func (p pen) middle(size float64) int { return p.px(0.36 * size) }

func (p pen) line(from, to image.Point, width float64, c drawing.Color, dashes ...float64) {
	style := chart.Style{StrokeColor: c, StrokeWidth: p.length(width)}
	for _, d := range dashes {
		style.StrokeDashArray = append(style.StrokeDashArray, p.length(d))
	}
	style.WriteDrawingOptionsToRenderer(p)
	p.MoveTo(from.X, from.Y)
	p.LineTo(to.X, to.Y)
	p.Stroke()
}

// rule draws a thin line along one of the axes, exactly on pixels.
func (p pen) rule(from, to image.Point, width float64, c drawing.Color) {
	w := max(1, p.px(width))
	if from.X == to.X {
		p.box(from, to.Add(image.Pt(w, 0)), c)
	} else {
		p.box(from, to.Add(image.Pt(0, w)), c)
	}
}

// box fills the rectangle between two corners.
func (p pen) box(a, b image.Point, c drawing.Color) {
	r := image.Rectangle{Min: a, Max: b}.Canon()
	chart.Draw.Box(p, chart.Box{Left: r.Min.X, Top: r.Min.Y, Right: r.Max.X, Bottom: r.Max.Y}, chart.Style{FillColor: c})
}
