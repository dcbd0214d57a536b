package report

import (
	"fmt"
	"strings"

	"github.com/cohortlens/cohortlens/insights"
)

// jointView says what all columns together show.
type jointView struct{ Verdict, Class, Text string }

func newJointView(j *insights.JointDrift) *jointView {
	if j == nil {
		return nil
	}
	if j.Omitted != "" {
		return &jointView{"not compared", fair, plain(j.Omitted, 400)}
	}
	v := &jointView{Verdict: plain(string(j.Verdict), longest), Class: driftClass(j.Verdict)}
	v.Text = fmt.Sprintf("Of one customer of each table, a classifier that had seen neither picked the one of this table in %s of the cases; guessing has 50%% (p %s, %s).",
		percent(j.AUC), probability(j.PValue), counted(j.Permutations, "permutation", "permutations"))
	if names := j.Telling(); len(names) > 0 {
		shown, more := cut(plainNames(names), 8, "further one is", "further ones are")
		v.Text = strings.TrimSpace(fmt.Sprintf("%s What gives it away: %s. %s", v.Text, strings.Join(shown, ", "), more))
	}
	return v
}

// segmentDriftRow is the change of one segment.
type segmentDriftRow struct {
	Segment, Verdict, Class     string
	Before, Now, Share, Columns string
}

// segments lists the segments, the worst first.
func (v *driftView) segments(segments []insights.SegmentDrift, omitted int) {
	shown := segments[:min(len(segments), mostDrifts)]
	for _, s := range shown {
		v.Segments = append(v.Segments, segmentDriftRow{
			Segment: plain(s.Segment, longest), Verdict: plain(string(s.Verdict), longest), Class: driftClass(s.Verdict),
			Before: count(s.Share.BaselineRows), Now: count(s.Share.CurrentRows), Share: shareChange(s.Share), Columns: changesWithin(s.Columns),
		})
	}
	if more := len(segments) - len(shown); more > 0 {
		v.MoreSegments = fmt.Sprintf("%s not shown.", counted(more, "further segment has changed less and is", "further segments have changed less and are"))
	}
	if omitted > 0 {
		v.MoreSegments = strings.TrimSpace(fmt.Sprintf("%s %s not compared, since a profile keeps few.", v.MoreSegments, counted(omitted, "segment is", "segments are")))
	}
}

func shareChange(s insights.ShareDrift) string {
	text := fmt.Sprintf("%s, was %s", percent(s.Current), percent(s.Baseline))
	if s.Verdict == insights.Stable {
		return text + ": within chance"
	}
	return text
}

// changesWithin names the columns of a segment that drifted, the worst first.
func changesWithin(columns []insights.ColumnDrift) string {
	const most = 3
	var parts []string
	more := 0
	for _, c := range columns {
		switch {
		case c.Verdict != insights.Drifted:
		case len(parts) < most:
			parts = append(parts, fmt.Sprintf("%s: %s", plain(c.Column, longest), change(c)))
		default:
			more++
		}
	}
	if more > 0 {
		parts = append(parts, counted(more, "further column", "further columns"))
	}
	return strings.Join(parts, "; ")
}
