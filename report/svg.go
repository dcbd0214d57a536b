package report

import (
	"bytes"
	"fmt"
	"html"
	"image"
	"io"
	"math"
	"strconv"

	"github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

// svgSurface draws a chart as SVG. It takes the place of go-chart's renderer,
// which writes text without escaping it: here every text passes through
// [svgSurface.write], so that no label can become markup. It also keeps
// fractional line widths and writes a cloud of dots as one path.
type svgSurface struct {
	// Renderer is there for SetFont, whose argument is of a package that this
	// library does not import. All other methods are replaced.
	chart.Renderer
	id, title, description string
	width, height          int
	dpi                    float64
	style                  chart.Style
	face                   face
	path, out              bytes.Buffer
}

// svgProvider returns a maker of SVG surfaces for one figure. The id must be
// unique in the page.
func svgProvider(id, title, description string, f face) chart.RendererProvider {
	return func(width, height int) (chart.Renderer, error) {
		base, err := chart.SVG(width, height)
		if err != nil {
			return nil, err
		}
		return &svgSurface{
			Renderer: base, id: id, title: title, description: description,
			width: width, height: height, face: f,
		}, nil
	}
}

func (s *svgSurface) ResetStyle()                         { s.style = chart.Style{} }
func (s *svgSurface) GetDPI() float64                     { return s.dpi }
func (s *svgSurface) SetDPI(dpi float64)                  { s.dpi = dpi }
func (s *svgSurface) SetClassName(name string)            { s.style.ClassName = name }
func (s *svgSurface) SetStrokeColor(c drawing.Color)      { s.style.StrokeColor = c }
func (s *svgSurface) SetFillColor(c drawing.Color)        { s.style.FillColor = c }
func (s *svgSurface) SetStrokeWidth(width float64)        { s.style.StrokeWidth = width }
func (s *svgSurface) SetStrokeDashArray(dashes []float64) { s.style.StrokeDashArray = dashes }
func (s *svgSurface) SetFontColor(c drawing.Color)        { s.style.FontColor = c }
func (s *svgSurface) SetFontSize(size float64)            { s.style.FontSize = size }
func (s *svgSurface) ClearTextRotation()                  { s.style.TextRotationDegrees = 0 }
func (s *svgSurface) SetTextRotation(radians float64) {
	s.style.TextRotationDegrees = chart.RadiansToDegrees(radians)
}

func (s *svgSurface) MoveTo(x, y int) { fmt.Fprintf(&s.path, "M%d %d", x, y) }
func (s *svgSurface) LineTo(x, y int) { fmt.Fprintf(&s.path, "L%d %d", x, y) }
func (s *svgSurface) Close()          { s.path.WriteByte('Z') }
func (s *svgSurface) QuadCurveTo(cx, cy, x, y int) {
	fmt.Fprintf(&s.path, "Q%d %d %d %d", cx, cy, x, y)
}

// ArcTo adds an arc; angles are clockwise from the positive x axis.
func (s *svgSurface) ArcTo(cx, cy int, rx, ry, start, delta float64) {
	at := func(angle float64) (x, y float64) {
		return float64(cx) + rx*math.Cos(angle), float64(cy) + ry*math.Sin(angle)
	}
	command := 'L'
	if s.path.Len() == 0 {
		command = 'M'
	}
	x, y := at(start)
	fmt.Fprintf(&s.path, "%c%.1f %.1f", command, x, y)
	large, sweep := 0, 0
	if math.Abs(delta) > math.Pi {
		large = 1
	}
	if delta > 0 {
		sweep = 1
	}
	x, y = at(start + delta)
	fmt.Fprintf(&s.path, "A%.1f %.1f 0 %d %d %.1f %.1f", rx, ry, large, sweep, x, y)
}

func (s *svgSurface) Stroke()     { s.drawPath(false, true) }
func (s *svgSurface) Fill()       { s.drawPath(true, false) }
func (s *svgSurface) FillStroke() { s.drawPath(true, true) }

func (s *svgSurface) drawPath(fill, stroke bool) {
	s.out.WriteString(`<path d="`)
	s.out.Write(s.path.Bytes())
	s.path.Reset()
	s.out.WriteByte('"')
	s.paint(fill, stroke)
	s.out.WriteString("/>")
}

// paint writes the attributes for what is drawn.
func (s *svgSurface) paint(fill, stroke bool) {
	if fill && s.style.FillColor.A > 0 {
		s.color("fill", s.style.FillColor)
	} else {
		s.out.WriteString(` fill="none"`)
	}
	if !stroke || s.style.StrokeWidth <= 0 || s.style.StrokeColor.A == 0 {
		return
	}
	s.color("stroke", s.style.StrokeColor)
	s.number("stroke-width", s.style.StrokeWidth)
	for i, dash := range s.style.StrokeDashArray {
		if i == 0 {
			s.out.WriteString(` stroke-dasharray="`)
		} else {
			s.out.WriteByte(' ')
		}
		s.out.WriteString(decimal(dash))
		if i == len(s.style.StrokeDashArray)-1 {
			s.out.WriteByte('"')
		}
	}
}

func (s *svgSurface) color(attribute string, c drawing.Color) {
	fmt.Fprintf(&s.out, ` %s="%s"`, attribute, hex(c))
	if c.A < 255 {
		s.number(attribute+"-opacity", float64(c.A)/255)
	}
}

func (s *svgSurface) number(attribute string, v float64) {
	fmt.Fprintf(&s.out, ` %s="%s"`, attribute, decimal(v))
}

func (s *svgSurface) Circle(radius float64, x, y int) {
	fmt.Fprintf(&s.out, `<circle cx="%d" cy="%d" r="%s"`, x, y, decimal(radius))
	s.paint(true, true)
	s.out.WriteString("/>")
}

// Dots draws all dots as one path of lines without length and with round ends.
func (s *svgSurface) Dots(at []image.Point, radius float64, c drawing.Color) {
	s.out.WriteString(`<path fill="none" stroke-linecap="round"`)
	s.color("stroke", c)
	s.number("stroke-width", 2*radius)
	s.out.WriteString(` d="`)
	buf := make([]byte, 0, 16*len(at))
	for _, p := range at {
		buf = append(buf, 'M')
		buf = strconv.AppendInt(buf, int64(p.X), 10)
		buf = append(buf, ' ')
		buf = strconv.AppendInt(buf, int64(p.Y), 10)
		buf = append(buf, "h0"...)
	}
	s.out.Write(buf)
	s.out.WriteString(`"/>`)
}

// Text writes a line of text that starts at x.
func (s *svgSurface) Text(body string, x, y int) { s.Label(body, x, y, atStart) }

// Label writes a line of text; y is its baseline.
func (s *svgSurface) Label(body string, x, y int, a anchor) {
	fmt.Fprintf(&s.out, `<text x="%d" y="%d"`, x, y)
	s.number("font-size", drawing.PointsToPixels(s.dpi, s.style.FontSize))
	s.color("fill", s.style.FontColor)
	if a != atStart {
		fmt.Fprintf(&s.out, ` text-anchor="%s"`, [...]string{"start", "middle", "end"}[a])
	}
	if turn := s.style.TextRotationDegrees; turn != 0 {
		fmt.Fprintf(&s.out, ` transform="rotate(%s %d %d)"`, decimal(turn), x, y)
	}
	s.out.WriteByte('>')
	s.write(&s.out, body)
	s.out.WriteString("</text>")
}

// write is the one way for text into the drawing.
func (*svgSurface) write(b *bytes.Buffer, text string) {
	b.WriteString(html.EscapeString(plain(text, longest)))
}

func (s *svgSurface) MeasureText(body string) chart.Box {
	size := drawing.PointsToPixels(s.dpi, s.style.FontSize)
	box := chart.Box{Right: int(math.Ceil(s.face.width(body, size))), Bottom: int(math.Ceil(size))}
	return box.Corners().Rotate(s.style.TextRotationDegrees).Box()
}

// Save writes the whole drawing, with a title and a description for readers who
// do not see it.
func (s *svgSurface) Save(w io.Writer) error {
	var head bytes.Buffer
	fmt.Fprintf(&head, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-labelledby="%s-title %[3]s-desc" font-family="system-ui,-apple-system,'Segoe UI',Roboto,sans-serif" font-weight="500">`, s.width, s.height, s.id)
	fmt.Fprintf(&head, `<title id="%s-title">`, s.id)
	s.write(&head, s.title)
	fmt.Fprintf(&head, `</title><desc id="%s-desc">%s</desc>`, s.id, html.EscapeString(plain(s.description, 1000)))
	for _, part := range [][]byte{head.Bytes(), s.out.Bytes(), []byte("</svg>")} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// decimal writes a length with at most two decimals.
func decimal(v float64) string { return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) }
