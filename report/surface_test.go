package report

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

func newSVG(t testing.TB, title string) *svgSurface {
	t.Helper()
	r, err := svgProvider("id", title, title, testFace(t))(100, 80)
	must(t, err)
	s := r.(*svgSurface)
	s.SetDPI(72)
	return s
}

func saved72(t testing.TB, r chart.Renderer) string {
	t.Helper()
	var b bytes.Buffer
	must(t, r.Save(&b))
	return b.String()
}

// No text can become markup, whatever call it comes by.
func TestSVGEscapesText(t *testing.T) {
	for _, text := range hostile {
		s := newSVG(t, text)
		s.Text(text, 1, 2)
		s.Label(text, 3, 4, atEnd)
		svg := saved72(t, s)
		got := elements(t, svg)
		if len(got) != 4 || got["svg"] != 1 || got["title"] != 1 || got["desc"] != 1 || got["text"] != 2 {
			t.Errorf("text %.30q adds elements: %v", text, got)
		}
	}
}

func TestSVGShapes(t *testing.T) {
	s := newSVG(t, "shapes")
	s.SetFillColor(drawing.Color{R: 255, A: 128})
	s.SetStrokeColor(rgb(0x0000FF))
	s.SetStrokeWidth(1.5)
	s.SetStrokeDashArray([]float64{4, 2.25})
	s.MoveTo(1, 2)
	s.LineTo(3, 4)
	s.QuadCurveTo(5, 6, 7, 8)
	s.ArcTo(10, 10, 5, 5, 0, math.Pi/2)
	s.Close()
	s.FillStroke()
	s.ResetStyle()
	s.SetFillColor(rgb(0x00FF00))
	s.Circle(2.5, 9, 9)
	s.SetFontSize(10)
	s.SetTextRotation(-math.Pi / 2)
	s.Label("up", 5, 6, atMiddle)
	s.ClearTextRotation()
	s.Dots([]image.Point{{1, 2}, {3, 4}}, 2, rgb(0xFF0000))
	svg := saved72(t, s)
	for _, want := range []string{
		`viewBox="0 0 100 80" role="img" aria-labelledby="id-title id-desc"`,
		`<path d="M1 2L3 4Q5 6 7 8L15.0 10.0A5.0 5.0 0 0 1 10.0 15.0Z" fill="#FF0000" fill-opacity="0.5" stroke="#0000FF" stroke-width="1.5" stroke-dasharray="4 2.25"/>`,
		`<circle cx="9" cy="9" r="2.5" fill="#00FF00"/>`,
		`<text x="5" y="6" font-size="10" fill="#000000" fill-opacity="0" text-anchor="middle" transform="rotate(-90 5 6)">up</text>`,
		`<path fill="none" stroke-linecap="round" stroke="#FF0000" stroke-width="4" d="M1 2h0M3 4h0"/>`,
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("the drawing lacks\n%s\nin\n%s", want, svg)
		}
	}
}

// Both surfaces agree on the width of text with the font itself.
func TestSurfacesMeasureAlike(t *testing.T) {
	f := testFace(t)
	raster := newRaster(t, 300, 100)
	raster.SetDPI(144)
	raster.SetFont(f.style.Font)
	raster.SetFontSize(12)
	s := newSVG(t, "")
	s.SetDPI(144)
	s.SetFontSize(12)
	for _, text := range []string{"Spending Score", "WWW", "iii"} {
		want := f.width(text, 24)
		for _, r := range []chart.Renderer{raster, s} {
			if got := r.MeasureText(text).Width(); math.Abs(float64(got)-want) > 3 {
				t.Errorf("%T measures %q as %d pixels, want %.1f", r, text, got, want)
			}
		}
	}
}

func newRaster(t testing.TB, width, height int) *rasterSurface {
	t.Helper()
	r, err := rasterProvider(testFace(t))(width, height)
	must(t, err)
	return r.(*rasterSurface)
}

// The short cut for rectangles paints what go-chart's own renderer paints.
func TestRectanglesAreThoseOfGoChart(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	fast := newRaster(t, 60, 40)
	slow, err := chart.PNG(60, 40)
	must(t, err)
	for range 50 {
		x, y := rng.IntN(50), rng.IntN(30)
		box := chart.Box{Left: x, Top: y, Right: x + 1 + rng.IntN(20), Bottom: y + 1 + rng.IntN(20)}
		style := chart.Style{FillColor: drawing.Color{R: uint8(rng.IntN(256)), G: uint8(rng.IntN(256)), A: 255}}
		if rng.IntN(5) == 0 {
			style.StrokeColor, style.StrokeWidth = ink, 2
		}
		chart.Draw.Box(fast, box, style)
		chart.Draw.Box(slow, box, style)
	}
	var want liveImage
	must(t, slow.Save(&want))
	if !bytes.Equal(fast.image.Pix, want.image.Pix) {
		t.Error("the images differ")
	}
}

func TestRectangle(t *testing.T) {
	box := []image.Point{{1, 2}, {5, 2}, {5, 9}, {1, 9}, {1, 2}}
	if got, ok := rectangle(box); !ok || got != image.Rect(1, 2, 5, 9) {
		t.Errorf("got %v, %v, want the rectangle", got, ok)
	}
	for i := range box {
		bent := slices.Clone(box)
		bent[i] = bent[i].Add(image.Pt(1, 1))
		if got, ok := rectangle(bent); ok {
			t.Errorf("%v is taken for the rectangle %v", bent, got)
		}
	}
	if _, ok := rectangle(box[:4]); ok {
		t.Error("an open path is taken for a rectangle")
	}
}

// Paths that are not rectangles reach go-chart's renderer unchanged.
func TestOtherPathsAreThoseOfGoChart(t *testing.T) {
	draw := func(r chart.Renderer) {
		r.SetFillColor(mainColor)
		r.SetStrokeColor(ink)
		r.SetStrokeWidth(2)
		r.MoveTo(5, 5)
		r.LineTo(40, 10)
		r.LineTo(20, 35)
		r.Close()
		r.FillStroke()
		r.MoveTo(10, 30)
		r.QuadCurveTo(30, 0, 50, 30)
		r.Stroke()
		r.MoveTo(45, 20)
		r.ArcTo(45, 20, 8, 8, 0, 4)
		r.Fill()
	}
	fast := newRaster(t, 60, 40)
	slow, err := chart.PNG(60, 40)
	must(t, err)
	draw(fast)
	draw(slow)
	var want liveImage
	must(t, slow.Save(&want))
	if !bytes.Equal(fast.image.Pix, want.image.Pix) {
		t.Error("the images differ")
	}
}

func TestDiscMask(t *testing.T) {
	for _, radius := range []float64{0.7, 2, 3.9, 15} {
		mask := discMask(radius)
		sum := 0.0
		for _, v := range mask.Pix {
			sum += float64(v) / 255
		}
		if want := math.Pi * radius * radius; math.Abs(sum-want) > 0.03*want+0.05 {
			t.Errorf("a disc of radius %v covers %.2f pixels, want %.2f", radius, sum, want)
		}
	}
}

func TestDotsAreStampedWhereTheyBelong(t *testing.T) {
	r := newRaster(t, 40, 30)
	r.Dots([]image.Point{{12, 9}, {39, 29}, {-5, 100}}, 3, mainColor)
	want := color.RGBA{mainColor.R, mainColor.G, mainColor.B, 255}
	for _, p := range []image.Point{{12, 9}, {10, 9}, {12, 11}, {39, 29}} {
		if got := r.image.RGBAAt(p.X, p.Y); got != want {
			t.Errorf("pixel %v is %v, want %v", p, got, want)
		}
	}
	if got := r.image.RGBAAt(12, 14); got != (color.RGBA{}) {
		t.Errorf("pixel outside of the dot is %v", got)
	}
}

// The palette keeps the colours of the figures exactly, and all others to within
// the bits that it looks at.
func TestPalette(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 16, 16))
	for i := range 256 {
		c := segmentColor(i % 10)
		if i%2 == 1 {
			c = drawing.Color{R: uint8(i), G: 255, B: 255, A: 255}
		}
		img.SetRGBA(i%16, i/16, color.RGBA{c.R, c.G, c.B, 255})
	}
	p := paletted(img)
	for i := range 256 {
		got, want := color.RGBAModel.Convert(p.At(i%16, i/16)).(color.RGBA), img.RGBAAt(i%16, i/16)
		if i%2 == 0 && got != want || max(got.R, want.R)-min(got.R, want.R) > 7 {
			t.Errorf("pixel %d is %v, want %v", i, got, want)
		}
	}
}

// Of more colours than a palette holds, the frequent ones are kept, and a rare one
// is shown by one that is near.
func TestManyColorsFitThePalette(t *testing.T) {
	r := newRaster(t, 128, 64)
	for i := range 128 * 64 {
		c := color.RGBA{uint8(i % 128 * 2), 100, 200, 255}
		if i%3 == 0 {
			c.G += uint8(i / 128)
		}
		r.image.SetRGBA(i%128, i/128, c)
	}
	img, err := png.Decode(strings.NewReader(saved72(t, r)))
	must(t, err)
	if p, ok := img.(*image.Paletted); !ok || len(p.Palette) != mostColors {
		t.Fatal("the image has no full palette")
	}
	for i := range 128 * 64 {
		got, want := color.RGBAModel.Convert(img.At(i%128, i/128)).(color.RGBA), r.image.RGBAAt(i%128, i/128)
		most := 7.0
		if i%3 == 0 {
			most = 64
		}
		if d := math.Hypot(float64(got.R)-float64(want.R), float64(got.G)-float64(want.G)); d > most || got.B != want.B {
			t.Fatalf("pixel %d is %v, want %v", i, got, want)
		}
	}
}

func TestRunsOfPixels(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	for range 200 {
		var pix []uint8
		for range rng.IntN(40) {
			pix = append(pix, []uint8{uint8(rng.IntN(2)), 0, uint8(rng.IntN(2)), 255}...)
		}
		var got []uint8
		before := uint32(0)
		for pixel, n := range runs(pix) {
			if pixel == before {
				t.Fatal("a run was cut in two")
			}
			before = pixel
			got = append(got, bytes.Repeat(binary.LittleEndian.AppendUint32(nil, pixel), n)...)
		}
		if !bytes.Equal(got, pix) {
			t.Fatalf("the runs make %v, want %v", got, pix)
		}
	}
}

// A surface that is used again shows nothing of its last drawing.
func TestSurfacesAreUsedAgain(t *testing.T) {
	c, f := fixture(t), testFace(t)
	figures, err := buildFigures(c, FigureNames(), f)
	must(t, err)
	shared := rasterProvider(f)
	for _, fig := range figures {
		var fresh, again bytes.Buffer
		must(t, fig.plot.render(rasterProvider(f), &fresh, 50, f))
		must(t, fig.plot.render(shared, &again, 50, f))
		if !bytes.Equal(fresh.Bytes(), again.Bytes()) {
			t.Errorf("figure %s shows the one before", fig.name)
		}
	}
}

// Numbers on colours can be read: contrast well above the 3 that WCAG 2 asks for in
// large text and graphics.
func TestTextOnColorsIsReadable(t *testing.T) {
	for r := -1.0; r <= 1; r += 0.05 {
		if got := contrast(diverging(r), onColor(diverging(r))); got < 3.7 {
			t.Errorf("correlation %.2f: contrast %.2f", r, got)
		}
	}
	for id := -1; id < 2*len(segmentColors); id++ {
		if got := contrast(segmentColor(id), onColor(segmentColor(id))); got < 3.7 {
			t.Errorf("segment %d: contrast %.2f", id, got)
		}
	}
}

func contrast(a, b drawing.Color) float64 {
	x, y := luminance(a)+0.05, luminance(b)+0.05
	return max(x, y) / min(x, y)
}
