package cli

import (
	"math"
	"strings"
)

// bar draws a share from 0 to 1 as a bar of up to width characters, in eighths of
// one. What is more than 0 can be seen.
func bar(share float64, width int) string {
	if !(share > 0) {
		return ""
	}
	eighths := max(1, int(math.Round(min(share, 1)*float64(8*width))))
	text := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		text += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return text
}

// steps draws the way from one number to the next on a scale of width characters
// from low to high: a full block for a way up, a light one for a way down, and at
// least one of them.
type steps struct {
	low, high float64
	width     int
}

func newSteps(width int, totals ...float64) steps {
	s := steps{low: math.Inf(1), high: math.Inf(-1), width: width}
	for _, v := range totals {
		s.low, s.high = min(s.low, v), max(s.high, v)
	}
	return s
}

// at returns the place of a number, from 0 to width.
func (s steps) at(v float64) int {
	if !(s.high > s.low) {
		return 0
	}
	return int(math.Round((v - s.low) / (s.high - s.low) * float64(s.width)))
}

func (s steps) draw(from, to float64) string {
	block := "█"
	if to < from {
		block = "░"
		from, to = to, from
	}
	start := min(s.at(from), s.width-1)
	return strings.Repeat(" ", start) + strings.Repeat(block, max(1, s.at(to)-start))
}
