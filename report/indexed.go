package report

import (
	"cmp"
	"encoding/binary"
	"image"
	"image/color"
	"iter"
	"math"
	"slices"

	"github.com/wcharczuk/go-chart/v2/drawing"
)

// mostColors is what the palette of an image holds.
const mostColors = 256

// paletted returns an opaque image with a palette. Colours that agree in the upper
// five bits of each channel are shown alike: by the colour of the figures among
// them, or else by the one that comes first, which tells apart the shades at the
// edges of letters well enough. Where these are still too many, the rarest are
// shown by the nearest of the others.
func paletted(from *image.RGBA) *image.Paletted {
	s := newShadeIndex()
	for pixel, n := range runs(from.Pix) {
		s.find(pixel).pixels += n
	}
	palette, places := s.reduce()
	to := image.NewPaletted(from.Rect, palette)
	rest := to.Pix
	for pixel, n := range runs(from.Pix) {
		if place := places[s.slots[slot(pixel)]-1]; place != 0 {
			for i := range rest[:n] {
				rest[i] = place
			}
		}
		rest = rest[n:]
	}
	return to
}

// runs yields the colours of successive equal pixels, red in the lowest byte, with
// their number.
func runs(pix []uint8) iter.Seq2[uint32, int] {
	return func(yield func(uint32, int) bool) {
		for len(pix) > 0 {
			pixel := binary.LittleEndian.Uint32(pix)
			end, pair := 4, uint64(pixel)<<32|uint64(pixel)
			for end+8 <= len(pix) && binary.LittleEndian.Uint64(pix[end:]) == pair {
				end += 8
			}
			if end+4 <= len(pix) && binary.LittleEndian.Uint32(pix[end:]) == pixel {
				end += 4
			}
			if !yield(pixel, end/4) {
				return
			}
			pix = pix[end:]
		}
	}
}

// shade is the colours of an image that are shown alike.
type shade struct {
	pixel  uint32
	pixels int
}

// shadeIndex finds the shade of a colour by its upper bits. Slots hold the numbers of
// shades, which count from 1.
type shadeIndex struct {
	list  []shade
	slots [1 << 15]uint16
}

// newShadeIndex returns the shades of the figures' own colours, white first. They
// count as the most frequent.
func newShadeIndex() *shadeIndex {
	s := &shadeIndex{}
	for _, c := range append([]drawing.Color{white, ink, faintInk, gridColor, axisColor, noColor}, segmentColors[:]...) {
		s.find(uint32(c.R) | uint32(c.G)<<8 | uint32(c.B)<<16).pixels = math.MaxInt32
	}
	return s
}

func slot(pixel uint32) uint32 { return pixel>>3&0x1F | pixel>>6&0x3E0 | pixel>>9&0x7C00 }

func (s *shadeIndex) find(pixel uint32) *shade {
	number := &s.slots[slot(pixel)]
	if *number == 0 {
		s.list = append(s.list, shade{pixel: pixel})
		*number = uint16(len(s.list))
	}
	return &s.list[*number-1]
}

// reduce returns a palette of the most frequent shades, and the place in it of each
// shade or of the nearest one.
func (s *shadeIndex) reduce() (color.Palette, []uint8) {
	order := make([]int, len(s.list))
	for i := range order {
		order[i] = i
	}
	if len(order) > mostColors {
		slices.SortFunc(order, func(a, b int) int {
			return cmp.Or(cmp.Compare(s.list[b].pixels, s.list[a].pixels), cmp.Compare(a, b))
		})
	}
	var palette color.Palette
	places := make([]uint8, len(order))
	for place, i := range order {
		pixel := s.list[i].pixel
		c := color.RGBA{uint8(pixel), uint8(pixel >> 8), uint8(pixel >> 16), 255}
		if place < mostColors {
			palette = append(palette, c)
		} else {
			place = palette.Index(c)
		}
		places[i] = uint8(place)
	}
	return palette, places
}
