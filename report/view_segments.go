package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/segment"
)

// Bounds on what the page shows in full, so that it stays a page.
const (
	mostSegments = 60
	mostMeans    = 12
	mostLevels   = 4
)

// segmentsView is the section on segments.
type segmentsView struct {
	Verdict, Class, Evidence string
	Mixture                  string
	Figure                   *inlineFigure
	Segments                 []segmentRow
	Noise                    *segmentRow
	More                     string
	Stability                string
	Choice                   *choiceView
	Migration                *migrationView
	Separation               []separationRow
	MoreSeparation           string
	Notes                    []string
}

// segmentRow is a segment wherever it is shown. Width is that of its bar, in
// percent.
type segmentRow struct {
	ID, Label, Color           string
	Size, Count, Share, Advice string
	Width                      string
	Means                      []meanRow
	MoreMeans                  string
	Levels                     []string
	Stability                  *badge
}

// badge is a word in the colour of a grade.
type badge struct{ Text, Class string }

type (
	// meanRow compares a mean with that of all customers. Side is "up" or
	// "down", Width the length of the bar in percent.
	meanRow       struct{ Column, Mean, Overall, Words, Side, Width string }
	separationRow struct{ Column, Share, Width string }
)

func newSegmentsView(c *Content, figure *inlineFigure) *segmentsView {
	s := c.Segmentation
	if s == nil {
		return nil
	}
	v := &segmentsView{
		Verdict: structureSentence(s), Class: structureGrade(s).Class, Evidence: plain(s.Structure.Evidence, 600),
		Mixture: mixtureText(s), Figure: figure, Noise: newNoiseRow(s),
		Choice: newChoiceView(s), Migration: newMigrationView(c), Notes: plainAll(s.Notes),
	}
	shown := s.Segments[:min(len(s.Segments), mostSegments)]
	for i, seg := range shown {
		row := newSegmentRow(c, seg)
		if len(s.Stability) > 0 {
			row.Stability = stabilityBadge(s.Stability[i])
			v.Stability = stabilityNote
		}
		v.Segments = append(v.Segments, row)
	}
	if more := len(s.Segments) - len(shown); more > 0 {
		v.More = fmt.Sprintf("%s not shown.", counted(more, "smaller segment is", "smaller segments are"))
	}
	if len(s.Segments) > 1 {
		v.separate(s.Separation)
	}
	return v
}

const stabilityNote = "Stability: the customers were drawn anew, with repetition, and segmented again. The figure is the mean share of customers that a segment has in common with the one most like it: 1 means that it was found again as it is. Segments below 0.6 may be accidents of this table."

func stabilityBadge(s segment.Stability) *badge {
	b := &badge{"stability " + decimals(s.Jaccard, 2) + ", " + plain(string(s.Verdict), longest), poor}
	switch s.Verdict {
	case segment.Stable:
		b.Class = good
	case segment.Doubtful:
		b.Class = fair
	}
	return b
}

// newNoiseRow counts the customers in no segment, nil when there are none.
func newNoiseRow(s *segment.Result) *segmentRow {
	if s.Noise == 0 {
		return nil
	}
	share := float64(s.Noise) / float64(max(1, len(s.Labels)))
	return &segmentRow{
		ID: strconv.Itoa(segment.Noise), Label: "Noise: in no segment", Size: counted(s.Noise, "customer", "customers"),
		Share: percent(share), Width: width(share),
	}
}

func (v *segmentsView) separate(list []segment.Separation) {
	shown := list[:min(len(list), mostMeans)]
	for _, sep := range shown {
		v.Separation = append(v.Separation, separationRow{plain(sep.Column, longest), percent(sep.Share), width(sep.Share)})
	}
	if more := len(list) - len(shown); more > 0 {
		v.MoreSeparation = fmt.Sprintf("%s less.", counted(more, "further column does", "further columns do"))
	}
}

// width returns the length of a bar for a share of 0 to 1, in percent.
func width(share float64) string {
	if math.IsNaN(share) {
		share = 0
	}
	return strconv.FormatFloat(100*max(0, min(share, 1)), 'f', 1, 64)
}

func newSegmentRow(c *Content, s segment.Segment) segmentRow {
	row := segmentRow{
		ID: strconv.Itoa(s.ID), Label: plain(s.Label, longest), Color: colorClass(s.ID),
		Size: counted(s.Size, "customer", "customers"), Count: count(s.Size), Share: percent(s.Share),
		Width: width(s.Share), Advice: plain(s.Recommendation, 400),
	}
	shown := s.Columns[:min(len(s.Columns), mostMeans)]
	for _, m := range shown {
		row.Means = append(row.Means, newMeanRow(m, c.span(m.Column)))
	}
	if more := len(s.Columns) - len(shown); more > 0 {
		row.MoreMeans = fmt.Sprintf("%s not shown.", counted(more, "further column is", "further columns are"))
	}
	for _, l := range s.Categories[:min(len(s.Categories), mostLevels)] {
		row.Levels = append(row.Levels, topLevels(l))
	}
	return row
}

// newMeanRow says how far a mean lies from that of all customers. The bar is
// full at two standard deviations.
func newMeanRow(c segment.Summary, span limits) meanRow {
	row := meanRow{plain(c.Column, longest), span.number(c.Mean), span.number(c.Overall), compared(c.Z), "up", width(math.Abs(c.Z) / 2)}
	if c.Z < 0 {
		row.Side = "down"
	}
	return row
}

// compared puts a distance in standard deviations into words.
func compared(z float64) string {
	side := "above"
	if z < 0 {
		side = "below"
	}
	switch size := math.Abs(z); {
	case !finite(z):
		return notAvailable
	case size < 0.25:
		return "average"
	case size < 0.75:
		return side
	case size < 1.5:
		return "well " + side
	}
	return "far " + side
}

func topLevels(c segment.CategorySummary) string {
	parts := make([]string, len(c.Top))
	for i, l := range c.Top {
		parts[i] = fmt.Sprintf("%s %s (all: %s)", plain(l.Level, longest), percent(l.Share), percent(l.Overall))
	}
	return plain(c.Column, longest) + ": " + strings.Join(parts, ", ")
}

// advice lists the segments that have a recommendation.
func advice(c *Content) []segmentRow {
	s := c.Segmentation
	if s == nil {
		return nil
	}
	var rows []segmentRow
	for _, seg := range s.Segments[:min(len(s.Segments), mostSegments)] {
		if seg.Recommendation != "" {
			rows = append(rows, newSegmentRow(c, seg))
		}
	}
	return rows
}

// adviceCaution warns of advice for segments that are not there.
func adviceCaution(s *segment.Result) string {
	if s == nil || structureGrade(s).Class != poor {
		return ""
	}
	return "The data has no clear segments, so these are starting points to test, not conclusions."
}

// savingsView is the section on savings.
type savingsView struct {
	Text, Formula string
	Figure        *inlineFigure
	Segments      []savingsRow
}

type savingsRow struct{ ID, Label, Color, Rows, Median, Mean string }

func newSavingsView(c *Content, figure *inlineFigure) *savingsView {
	s := c.Savings
	if s == nil {
		return nil
	}
	v := &savingsView{Figure: figure, Text: savingsText(s)}
	if s.Formula != "" {
		v.Formula = "How it is estimated: " + strings.TrimRight(plain(s.Formula, 400), ".") + ". Spending is estimated and not observed, so read the result as a comparison between customers."
	}
	for _, g := range s.BySegment[:min(len(s.BySegment), mostSegments)] {
		row := savingsRow{ID: strconv.Itoa(g.Segment), Color: colorClass(max(0, g.Segment)), Rows: count(g.Rows), Median: points(g.Median), Mean: points(g.Mean)}
		if c.Segmentation != nil && g.Segment >= 0 && g.Segment < len(c.Segmentation.Segments) {
			row.Label = plain(c.Segmentation.Segments[g.Segment].Label, longest)
		}
		v.Segments = append(v.Segments, row)
	}
	return v
}

func savingsText(s *insights.Savings) string {
	if s.Rows == 0 {
		return "No customer has an income to compare with."
	}
	return fmt.Sprintf("By the estimate used here, the median customer %s; the mean of the savings is %s of income. %s more than income (%s).",
		keeps(s.Median), points(s.Mean), capital(spenders(s.Negative)), percentOf(s.Negative, s.Rows))
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// points writes a number that is a percentage already.
func points(v float64) string { return percent(v / 100) }
