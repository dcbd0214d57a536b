package report

import (
	"fmt"
	"strconv"

	"github.com/cohortlens/cohortlens/segment"
)

// mostMatched is the number of segments, before or now, up to which the page
// shows who moved from where to where.
const mostMatched = 12

// migrationView compares the segments with those of a previous model.
type migrationView struct {
	Text string
	Head []segmentRow
	Rows []migrationRow
	More string
}

type (
	migrationRow struct {
		ID, Label string
		Cells     []migrationCell
	}
	// migrationCell counts customers. Same says that they are in the segment
	// that continues their previous one.
	migrationCell struct {
		Count string
		Same  bool
	}
)

func newMigrationView(c *Content) *migrationView {
	m := c.Segmentation.Migration
	if m == nil {
		return nil
	}
	v := &migrationView{Text: migrationText(m)}
	if most := max(len(c.PreviousSegments), len(c.Segmentation.Segments)); most > mostMatched {
		v.More = fmt.Sprintf("The table of moves is left out: it would have %s.", counted(most, "row or column", "rows or columns"))
		return v
	}
	for _, g := range c.Segmentation.Segments {
		v.Head = append(v.Head, segmentRow{ID: strconv.Itoa(g.ID), Color: colorClass(g.ID), Label: plain(g.Label, longest)})
	}
	for i, g := range c.PreviousSegments {
		v.Rows = append(v.Rows, migrationRow{strconv.Itoa(g.ID), plain(g.Label, longest), migrationCells(m.Counts[i], m.Matches[i])})
	}
	outside := len(c.PreviousSegments)
	v.Rows = append(v.Rows, migrationRow{"", "none", migrationCells(m.Counts[outside], len(c.Segmentation.Segments))})
	return v
}

func migrationText(m *segment.Migration) string {
	moved, gone := len(m.Previous)-m.Stayed, 0
	for _, match := range m.Matches {
		if match == segment.Noise {
			gone++
		}
	}
	text := fmt.Sprintf("The previous model was applied to the same customers. %s of %s (%s) moved: they are not in the segment that continues their previous one.",
		count(moved), counted(len(m.Previous), "customer", "customers"), percentOf(moved, len(m.Previous)))
	if gone > 0 {
		text += fmt.Sprintf(" %s no continuation.", counted(gone, "previous segment has", "previous segments have"))
	}
	return text
}

func migrationCells(counts []int, same int) []migrationCell {
	cells := make([]migrationCell, len(counts))
	for i, n := range counts {
		cells[i] = migrationCell{count(n), i == same}
	}
	return cells
}
