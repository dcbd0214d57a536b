package report

import (
	"fmt"
	"math"

	"github.com/wcharczuk/go-chart/v2/drawing"
)

// The colours of segments, in order of their IDs: first the palette for all kinds
// of colour vision by Okabe and Ito (2008) without yellow and black, then colours
// of the same kind by Tol. Figures print the segment's number too.
var segmentColors = [...]drawing.Color{
	rgb(0x0072B2), rgb(0xE69F00), rgb(0x009E73), rgb(0xCC79A7), rgb(0x56B4E9),
	rgb(0xD55E00), rgb(0x332288), rgb(0x999933), rgb(0x882255), rgb(0x44AA99),
}

// Colours with one meaning in all figures and in the page.
var (
	ink       = rgb(0x1F2933)
	faintInk  = rgb(0x616E7C)
	gridColor = rgb(0xE4E7EB)
	axisColor = rgb(0x9AA5B1)
	noColor   = rgb(0xCBD2D9) // no value
	white     = rgb(0xFFFFFF)
	mainColor = segmentColors[0]
	lowColor  = segmentColors[5] // below zero

	noiseColor = rgb(0x9AA5B1) // no segment
)

func rgb(v uint32) drawing.Color {
	return drawing.Color{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 255}
}

// segmentColor returns the colour of a segment; they repeat after the last one.
// Rows outside of all segments have a negative ID.
func segmentColor(id int) drawing.Color {
	if id < 0 {
		return noiseColor
	}
	return segmentColors[id%len(segmentColors)]
}

// diverging maps a correlation to a colour: blue for -1, white for 0, red for 1
// and grey for NaN.
func diverging(r float64) drawing.Color {
	if math.IsNaN(r) {
		return noColor
	}
	end := rgb(0xB2182B)
	if r < 0 {
		end = rgb(0x2166AC)
	}
	return mixed(white, end, min(math.Abs(r), 1))
}

// sequential maps a share of 0 to 1 to a colour: blue for 0, orange for 1.
func sequential(share float64) drawing.Color { return mixed(mainColor, lowColor, share) }

// mixed returns the colour that is so far, from 0 to 1, on the way between two.
func mixed(from, to drawing.Color, t float64) drawing.Color {
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + t*(float64(b)-float64(a)))) }
	return drawing.Color{R: mix(from.R, to.R), G: mix(from.G, to.G), B: mix(from.B, to.B), A: 255}
}

// onColor returns the text colour with the greater contrast to a background; at a
// luminance of 0.22, both have the same.
func onColor(c drawing.Color) drawing.Color {
	if luminance(c) > 0.22 {
		return ink
	}
	return white
}

// luminance is the relative luminance of WCAG 2, 0 to 1.
func luminance(c drawing.Color) float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func hex(c drawing.Color) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }
