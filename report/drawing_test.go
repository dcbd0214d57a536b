package report

import (
	"fmt"
	"image"
	"math"
	"regexp"
	"strconv"
	"testing"
)

// matches returns the groups of each match as numbers.
func matches(t testing.TB, svg, pattern string) [][]int {
	t.Helper()
	var out [][]int
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(svg, -1) {
		row := make([]int, len(m)-1)
		for i, text := range m[1:] {
			n, err := strconv.Atoi(text)
			must(t, err)
			row[i] = n
		}
		out = append(out, row)
	}
	return out
}

const rectanglePattern = `<path d="M(-?\d+) (-?\d+)L(-?\d+) -?\d+L-?\d+ (-?\d+)L-?\d+ -?\d+L-?\d+ -?\d+" fill="%s"/>`

// boxes returns the rectangles of a colour, in the order of drawing.
func boxes(t testing.TB, svg, color string) []image.Rectangle {
	t.Helper()
	var out []image.Rectangle
	for _, m := range matches(t, svg, fmt.Sprintf(rectanglePattern, color)) {
		out = append(out, image.Rect(m[0], m[1], m[2], m[3]))
	}
	return out
}

// Exact predictions lie on the diagonal, at the distances of their values.
func TestDotsLieWhereTheirValuesAre(t *testing.T) {
	svg := drawSVG(t, figureNamed(t, outcomes(-10, -10, 0, 0, 10, 10, 30, 30), "prediction"))
	line := matches(t, svg, `<path d="M(\d+) (\d+)L(\d+) (\d+)"[^>]*stroke-dasharray`)
	dots := matches(t, svg, `M(\d+) (\d+)h0`)
	if len(line) != 1 || len(dots) != 4 {
		t.Fatalf("got %d diagonals and %d dots, want 1 and 4", len(line), len(dots))
	}
	low, high := -10-0.04*40, 30+0.04*40
	for i, v := range []float64{-10, 0, 10, 30} {
		share := (v - low) / (high - low)
		for axis := range 2 {
			want := float64(line[0][axis]) + share*float64(line[0][axis+2]-line[0][axis])
			if math.Abs(float64(dots[i][axis])-want) > 1 {
				t.Errorf("value %v is at %v, want %.1f on axis %d", v, dots[i], want, axis)
			}
		}
	}
}

// Bars are as long as their counts and ordered by them.
func TestBarsAreProportional(t *testing.T) {
	levels := []string{"b", "b", "a", "c", "c", "c", "c", ""}
	svg := drawSVG(t, figureNamed(t, gendered(t, levels...), "gender"))
	bars := append(boxes(t, svg, hex(mainColor)), boxes(t, svg, hex(noColor))...)
	if len(bars) != 4 {
		t.Fatalf("got %d bars, want 4", len(bars))
	}
	for i, n := range []int{4, 2, 1, 1} {
		if want := bars[0].Dx() * n / 4; bars[i].Dx() < want-2 || bars[i].Dx() > want+2 {
			t.Errorf("the bar of %d customers is %d long, want %d", n, bars[i].Dx(), want)
		}
		if i > 0 && bars[i].Min.Y <= bars[i-1].Max.Y {
			t.Errorf("bar %d is not below the one before", i)
		}
	}
}

func TestBarsBeyondTheRoomAreGathered(t *testing.T) {
	column, err := gendered(t, append(manyLevels(50), "level 7", "")...).Table.Column("Gender")
	must(t, err)
	bars := levelBars(column)
	last := len(bars) - 1
	if len(bars) != mostBars+1 || bars[0].label != "level 7" || bars[0].n != 2 {
		t.Fatalf("got %d bars, the first %+v", len(bars), bars[0])
	}
	if bars[last-1].label != "37 others" || bars[last-1].n != 37 || bars[last].label != "(missing)" || bars[last].n != 1 {
		t.Errorf("got %+v and %+v, want 37 others and 1 missing", bars[last-1], bars[last])
	}
}

// The heat map has row 0 at the top, and the value of each pair in its cell.
func TestHeatMapCells(t *testing.T) {
	c := correlated(2, 1)
	c.Correlation.R = [][]float64{{1, -1}, {math.NaN(), 0}}
	svg := drawSVG(t, figureNamed(t, c, "correlation"))
	at := func(color string) image.Rectangle { return boxes(t, svg, color)[0] }
	red, blue, grey, blank := at("#B2182B"), at("#2166AC"), at(hex(noColor)), boxes(t, svg, "#FFFFFF")[2]
	if red.Min.X >= blue.Min.X || red.Min.Y != blue.Min.Y || grey.Min.X != red.Min.X || grey.Min.Y <= red.Min.Y || blank.Min != image.Pt(blue.Min.X, grey.Min.Y) {
		t.Errorf("cells at %v, %v, %v, %v", red.Min, blue.Min, grey.Min, blank.Min)
	}
	for text, cell := range map[string]image.Rectangle{"1.00": red, "-1.00": blue, "n/a": grey, "0.00": blank} {
		m := matches(t, svg, `<text x="(\d+)" y="(\d+)"[^>]*>`+regexp.QuoteMeta(text)+`<`)
		if len(m) != 1 || !image.Pt(m[0][0], m[0][1]).In(cell) {
			t.Errorf("%s is at %v, want it in %v", text, m, cell)
		}
	}
}

// Bars of the savings below zero have their own colour, and the median its line.
func TestSavingsFigure(t *testing.T) {
	c := saved(-30, -10, 1, 20, 40, 40, 60)
	c.Savings.Median = 30
	svg := drawSVG(t, figureNamed(t, c, "savings"))
	negative, positive := boxes(t, svg, hex(lowColor)), boxes(t, svg, hex(mainColor))
	if len(negative) != 2 || len(positive) != 4 {
		t.Fatalf("got %d bars below zero and %d above, want 2 and 4", len(negative), len(positive))
	}
	line := matches(t, svg, `<path d="M(\d+) \d+L\d+ \d+"[^>]*stroke-dasharray`)
	if len(line) != 1 || line[0][0] <= positive[1].Min.X || line[0][0] >= positive[2].Min.X {
		t.Errorf("the median is at %v, want it between the bars of 20 and 40", line)
	}
}
