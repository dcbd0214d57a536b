package report

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"
	"sync"

	"github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

// rasterSurface draws a chart into an image: go-chart's renderer, with short cuts
// for what figures consist of. Dots are stamped and rectangles filled instead of
// being traced as outlines, and the image is encoded with a palette, which
// together takes a fifth of the time. Font sizes agree with those of SVG.
type rasterSurface struct {
	chart.Renderer
	image *image.RGBA
	face  face
	size  float64 // of the font, in points
	turn  float64 // of text, in radians
	fill  drawing.Color
	width float64       // of lines
	path  []image.Point // of straight lines, not yet passed on

	masks   map[float64]*image.Alpha // of dots, by radius
	buffer  *png.EncoderBuffer
	release func(*rasterSurface) // once it is saved
}

// rasterProvider returns a maker of raster surfaces. One that was saved is handed
// out again, with the drawing still on it: charts begin with their background.
func rasterProvider(f face) chart.RendererProvider {
	var idle sync.Pool
	return func(width, height int) (chart.Renderer, error) {
		if r, ok := idle.Get().(*rasterSurface); ok && r.image.Rect.Max == image.Pt(width, height) {
			r.ResetStyle()
			return r, nil
		}
		r, err := newRasterSurface(width, height, f)
		if err != nil {
			return nil, err
		}
		r.release = func(r *rasterSurface) { idle.Put(r) }
		return r, nil
	}
}

func newRasterSurface(width, height int, f face) (*rasterSurface, error) {
	r, err := chart.PNG(width, height)
	if err != nil {
		return nil, err
	}
	// Saving hands over the image that the renderer draws into.
	var target liveImage
	if err := r.Save(&target); err != nil {
		return nil, err
	}
	return &rasterSurface{Renderer: r, image: target.image, face: f, masks: map[float64]*image.Alpha{}}, nil
}

// liveImage receives a renderer's image.
type liveImage struct{ image *image.RGBA }

func (l *liveImage) SetRGBA(i *image.RGBA) { l.image = i }

// Write is there to make a liveImage an io.Writer; the renderer calls SetRGBA.
func (l *liveImage) Write(b []byte) (int, error) { return len(b), nil }

// SetFontSize corrects for a renderer that takes a point for 1/64 inch.
func (r *rasterSurface) SetFontSize(size float64) {
	r.size = size
	r.Renderer.SetFontSize(size * 64 / 72)
}

// SetTextRotation turns text about its start, clockwise.
func (r *rasterSurface) SetTextRotation(radians float64) {
	r.turn = radians
	r.Renderer.SetTextRotation(radians)
}

// ClearTextRotation ends what SetTextRotation began.
func (r *rasterSurface) ClearTextRotation() {
	r.turn = 0
	r.Renderer.ClearTextRotation()
}

// Text draws a line of text that starts at x.
func (r *rasterSurface) Text(body string, x, y int) { r.Renderer.Text(plain(body, longest), x, y) }

// Label draws a line of text; y is its baseline.
func (r *rasterSurface) Label(body string, x, y int, a anchor) {
	back := float64(a) / 2 * r.face.width(plain(body, longest), drawing.PointsToPixels(r.GetDPI(), r.size))
	sin, cos := math.Sincos(r.turn)
	r.Text(body, x-int(math.Round(back*cos)), y-int(math.Round(back*sin)))
}

func (r *rasterSurface) SetFillColor(c drawing.Color) {
	r.fill = c
	r.Renderer.SetFillColor(c)
}

func (r *rasterSurface) SetStrokeWidth(width float64) {
	r.width = width
	r.Renderer.SetStrokeWidth(width)
}

// MoveTo and LineTo hold a path back until it is clear that it is more than a
// rectangle.
func (r *rasterSurface) MoveTo(x, y int) {
	r.passOn()
	r.path = append(r.path, image.Pt(x, y))
}

func (r *rasterSurface) LineTo(x, y int) { r.path = append(r.path, image.Pt(x, y)) }

func (r *rasterSurface) QuadCurveTo(cx, cy, x, y int) {
	r.passOn()
	r.Renderer.QuadCurveTo(cx, cy, x, y)
}

func (r *rasterSurface) ArcTo(cx, cy int, rx, ry, start, delta float64) {
	r.passOn()
	r.Renderer.ArcTo(cx, cy, rx, ry, start, delta)
}

func (r *rasterSurface) Close() {
	r.passOn()
	r.Renderer.Close()
}

func (r *rasterSurface) Stroke() {
	r.passOn()
	r.Renderer.Stroke()
}

func (r *rasterSurface) Fill() {
	r.passOn()
	r.Renderer.Fill()
}

// FillStroke fills a rectangle without a border at once.
func (r *rasterSurface) FillStroke() {
	box, ok := rectangle(r.path)
	if !ok || r.width > 0 {
		r.passOn()
		r.Renderer.FillStroke()
		return
	}
	r.path = r.path[:0]
	draw.Draw(r.image, box, uniform(r.fill), image.Point{}, draw.Over)
}

// passOn gives the path so far to the renderer.
func (r *rasterSurface) passOn() {
	for i, p := range r.path {
		if i == 0 {
			r.Renderer.MoveTo(p.X, p.Y)
		} else {
			r.Renderer.LineTo(p.X, p.Y)
		}
	}
	r.path = r.path[:0]
}

// rectangle returns the rectangle that go-chart's Draw.Box traces, if the path is
// one.
func rectangle(path []image.Point) (image.Rectangle, bool) {
	if len(path) != 5 || path[0] != path[4] || path[0].Y != path[1].Y || path[1].X != path[2].X ||
		path[2].Y != path[3].Y || path[3].X != path[0].X {
		return image.Rectangle{}, false
	}
	return image.Rectangle{Min: path[0], Max: path[2]}.Canon(), true
}

func uniform(c drawing.Color) *image.Uniform {
	return image.NewUniform(color.NRGBA{R: c.R, G: c.G, B: c.B, A: c.A})
}

// Dots draws filled circles.
func (r *rasterSurface) Dots(at []image.Point, radius float64, c drawing.Color) {
	mask, known := r.masks[radius]
	if !known {
		mask = discMask(radius)
		r.masks[radius] = mask
	}
	half := mask.Rect.Dx() / 2
	fill := uniform(c)
	for _, p := range at {
		box := mask.Rect.Add(p).Sub(image.Pt(half, half))
		draw.DrawMask(r.image, box, fill, image.Point{}, mask, image.Point{}, draw.Over)
	}
}

// discMask returns how much of each pixel a disc covers, from a grid of 8 by 8
// samples a pixel.
func discMask(radius float64) *image.Alpha {
	const fine = 8
	half := int(math.Ceil(radius))
	mask := image.NewAlpha(image.Rect(0, 0, 2*half+1, 2*half+1))
	for i := range mask.Pix {
		x, y := float64(i%mask.Stride-half), float64(i/mask.Stride-half)
		inside := 0
		for s := range fine * fine {
			dx := x + (float64(s%fine)+0.5)/fine - 0.5
			dy := y + (float64(s/fine)+0.5)/fine - 0.5
			if dx*dx+dy*dy <= radius*radius {
				inside++
			}
		}
		mask.Pix[i] = uint8(255 * inside / (fine * fine))
	}
	return mask
}

// Save writes the image as PNG with a palette, and gives the surface back.
func (r *rasterSurface) Save(w io.Writer) error {
	defer r.release(r)
	encoder := png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: r}
	return encoder.Encode(w, paletted(r.image))
}

// Get and Put keep what the encoder works with for the next image.
func (r *rasterSurface) Get() *png.EncoderBuffer  { return r.buffer }
func (r *rasterSurface) Put(b *png.EncoderBuffer) { r.buffer = b }
