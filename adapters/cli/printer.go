package cli

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cohortlens/cohortlens/adapters/service"
)

// printer writes text for people. What it is given may hold text from customer
// files, of which only what can be seen reaches the terminal.
type printer struct{ bytes.Buffer }

func (p *printer) line(format string, args ...any) {
	p.WriteString(oneLine(fmt.Sprintf(format, args...)))
	p.WriteByte('\n')
}

func (p *printer) gap() { p.WriteByte('\n') }

// table aligns rows. The first textColumns columns hold text, on the left; the
// others hold figures, on the right.
func (p *printer) table(rows [][]string, textColumns int) {
	p.tableBeside(rows, textColumns, make([]string, len(rows)))
}

// tableBeside is table with a drawing at the end of each row.
func (p *printer) tableBeside(rows [][]string, textColumns int, drawings []string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(oneLine(cell)))
		}
	}
	for at, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			cell = oneLine(cell)
			blank := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i < textColumns {
				line.WriteString("  " + cell + blank)
			} else {
				line.WriteString("  " + blank + cell)
			}
		}
		if drawings[at] != "" {
			line.WriteString("  " + drawings[at])
		}
		p.line("%s", strings.TrimRight(line.String(), " "))
	}
}

// paragraph breaks a text into lines of at most 78 characters.
func (p *printer) paragraph(s string) {
	p.WriteString(strings.Join(wrapped(oneLine(s), 78), "\n") + "\n")
}

// wrapped breaks a text between words into lines of at most so many characters.
func wrapped(s string, width int) []string {
	lines, length := []string{""}, 0
	for i, word := range strings.Fields(s) {
		last, n := len(lines)-1, utf8.RuneCountInString(word)
		switch {
		case i == 0:
			lines[last], length = word, n
		case length+1+n > width:
			lines, length = append(lines, word), n
		default:
			lines[last] += " " + word
			length += 1 + n
		}
	}
	return lines
}

// notes lists what the reader should know as well.
func (p *printer) notes(list []string) {
	for _, n := range list {
		p.paragraph("Note: " + n)
	}
}

// count writes 12345 as 12,345.
func count(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// figure writes a number with four digits that count, or all before the point.
func figure(n service.Number) string {
	v := float64(n)
	switch a := math.Abs(v); {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "-"
	case a >= 1e15:
		return strconv.FormatFloat(v, 'g', 4, 64)
	case a >= 1000:
		return count(int(math.Round(v)))
	case a >= 100:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case a >= 1:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case a >= 0.001 || v == 0:
		return strconv.FormatFloat(v, 'f', 3, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// figures writes values of one column. Those that may all be years have no
// separators.
func figures(values ...service.Number) []string {
	years := slices.IndexFunc(values, func(v service.Number) bool { return !(v >= 1800 && v < 2200) }) < 0
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = figure(v)
		if years {
			out[i] = strconv.FormatFloat(float64(v), 'f', 0, 64)
		}
	}
	return out
}

// share writes 0.125 as 12.5%, and what is not all not as 100.0%.
func share(n service.Number) string {
	percent := 100 * float64(n)
	if percent >= 99.95 && percent < 100 {
		return strconv.FormatFloat(percent, 'g', 9, 64) + "%"
	}
	return strconv.FormatFloat(percent, 'f', 1, 64) + "%"
}

func plural(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun
	case 1:
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
}
