package report

import (
	"strings"
	"sync"
	"unicode"

	"github.com/wcharczuk/go-chart/v2"
)

// longest is the number of characters of a customer's text that the report
// shows.
const longest = 80

// plain makes text of unknown origin fit for display: valid UTF-8 without
// control or direction characters, at most limit characters long.
func plain(s string, limit int) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n == limit {
			b.WriteRune('…')
			break
		}
		if unicode.IsControl(r) || isDirection(r) {
			r = ' '
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// isDirection reports the characters that reorder the text around them, and so
// could make a label say something else than it holds.
func isDirection(r rune) bool {
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}

// face measures text in the font of the figures.
type face struct{ style chart.Style }

// loadFace parses the font once. go-chart's own cache is not safe for
// goroutines.
var loadFace = sync.OnceValues(func() (face, error) {
	font, err := chart.GetDefaultFont()
	return face{chart.Style{Font: font}}, err
})

// width returns the width of one line of text in the unit of size. It reads at
// most 1,000 characters: nothing longer is ever drawn.
func (f face) width(s string, size float64) float64 {
	const em = 2048 // any number does; this one is the font's own
	font := f.style.Font
	sum, n := 0, 0
	for _, r := range s {
		sum += int(font.HMetric(em, font.Index(r)).AdvanceWidth)
		if n++; n == 1000 {
			break
		}
	}
	return size * float64(sum) / em
}

// fit cuts text so that it is at most as wide as given.
func (f face) fit(s string, size, width float64) string {
	s = plain(s, longest)
	if f.width(s, size) <= width {
		return s
	}
	runes := []rune(s)
	for len(runes) > 1 && f.width(string(runes)+"…", size) > width {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ") + "…"
}

// labelSize is the font size of labels of more than one line, in points.
const labelSize = 8.0

// wrap breaks a label into at most so many lines of a width; what does not fit
// is cut.
func (f face) wrap(s string, width float64, lines int) []string {
	var out []string
	line := ""
	words := strings.Fields(plain(s, longest))
	for i, word := range words {
		longer := strings.TrimSpace(line + " " + word)
		if line == "" || f.width(longer, labelSize) <= width {
			line = longer
			continue
		}
		if len(out) == lines-1 {
			return append(out, f.fit(line+" "+strings.Join(words[i:], " "), labelSize, width))
		}
		out = append(out, f.fit(line, labelSize, width))
		line = word
	}
	return append(out, f.fit(line, labelSize, width))
}

// widest returns the width of the widest text.
func (f face) widest(texts []string, size float64) float64 {
	w := 0.0
	for _, s := range texts {
		w = max(w, f.width(s, size))
	}
	return w
}
