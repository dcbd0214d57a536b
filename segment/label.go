package segment

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// How far, in standard deviations of the whole table, the mean of a segment must
// be from the mean of the table before a label mentions the column.
const (
	notable = 0.4
	// slight is enough where labels would else be the same.
	slight = 0.1
)

// label gives each segment a name made of what sets it apart, such as "high
// income, younger". Only features are mentioned, the most telling first, two at
// most unless more are needed to tell two segments apart. A label says "high" or
// "low" only of a mean that is above or below that of the table.
func label(segments []Segment, words map[string]Words, value []string) {
	traits := make([][]trait, len(segments))
	for i, s := range segments {
		traits[i] = traitsOf(s, words, value)
	}
	for i := range segments {
		segments[i].Label = phrase(traits[i], notable, 2)
	}
	for extra := 3; extra <= 4; extra++ {
		for _, twins := range sameLabel(segments) {
			for _, i := range twins {
				segments[i].Label = phrase(traits[i], slight, extra)
			}
		}
	}
	for _, twins := range sameLabel(segments) {
		for n, i := range twins {
			segments[i].Label = fmt.Sprintf("%s (%d)", segments[i].Label, n+1)
		}
	}
}

// trait is one thing to say of a segment, and how much it says.
type trait struct {
	text     string
	strength float64
}

// traitsOf returns the traits of a segment, the strongest first. High or low
// value comes before all and stands for the columns that it is made of. A component
// of a mixture may be nobody's likeliest: of that segment there is nothing else to
// say.
func traitsOf(s Segment, words map[string]Words, value []string) []trait {
	if s.Size == 0 {
		return []trait{{"no customers", math.Inf(1)}}
	}
	var traits []trait
	worth, ok := valueOf(s, value)
	if ok {
		traits = append(traits, trait{worth, math.Inf(1)})
	}
	for _, c := range s.Columns {
		if !c.Feature || ok && slices.Contains(value, c.Column) {
			continue
		}
		w, named := words[c.Column]
		if !named {
			w = Words{High: "high " + c.Column, Low: "low " + c.Column}
		}
		text := w.High
		if c.Z < 0 {
			text = w.Low
		}
		traits = append(traits, trait{text, math.Abs(c.Z)})
	}
	slices.SortStableFunc(traits, func(a, b trait) int { return cmp.Compare(b.strength, a.strength) })
	return traits
}

// valueOf reports whether a segment is well above, or well below, the table in
// all the columns that make value.
func valueOf(s Segment, value []string) (text string, ok bool) {
	high, low := 0, 0
	for _, c := range s.Columns {
		if c.Feature && slices.Contains(value, c.Column) {
			if c.Z >= notable {
				high++
			}
			if c.Z <= -notable {
				low++
			}
		}
	}
	switch {
	case len(value) == 0:
		return "", false
	case high == len(value):
		return "high value", true
	case low == len(value):
		return "low value", true
	}
	return "", false
}

// phrase joins the first traits that are strong enough.
func phrase(traits []trait, enough float64, most int) string {
	var parts []string
	for _, t := range traits[:min(most, len(traits))] {
		if t.strength >= enough {
			parts = append(parts, t.text)
		}
	}
	if len(parts) == 0 {
		return "average"
	}
	return strings.Join(parts, ", ")
}

// sameLabel returns the groups of segments that share a label.
func sameLabel(segments []Segment) [][]int {
	byLabel := map[string][]int{}
	for i, s := range segments {
		byLabel[s.Label] = append(byLabel[s.Label], i)
	}
	var groups [][]int
	for i, s := range segments {
		if group := byLabel[s.Label]; len(group) > 1 && group[0] == i {
			groups = append(groups, group)
		}
	}
	return groups
}
