package report

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/cohortlens/cohortlens/insights"
)

const (
	mostDrifts = 40
	mostAlerts = 12
)

// driftView is the section on what has changed since an earlier table.
type driftView struct {
	Verdict, Class string
	Intro          string
	Alerts         []string
	MoreAlerts     string
	Columns        []driftRow
	MoreColumns    string
	Rule           string
	Schema         []string
	Joint          *jointView
	Segments       []segmentDriftRow
	MoreSegments   string
	Figures        []*inlineFigure
}

// driftRow is the change of one column. Width is that of the bar of its effect.
type driftRow struct {
	Column, Verdict, Class string
	Width, PSI, Shift      string
	Measure, P, Change     string
	Missing                string
}

func newDriftView(d *insights.Drift, figures []*inlineFigure) *driftView {
	if d == nil {
		return nil
	}
	v := &driftView{
		Verdict: driftSentence(d), Class: driftGrade(d).Class, Figures: figures,
		Intro: fmt.Sprintf("%s of the earlier table are compared with %s of this one. A column that has changed more than chance explains, and enough to matter, is called drifted.",
			counted(d.BaselineRows, "customer", "customers"), counted(d.CurrentRows, "customer", "customers")),
		Rule: driftRule(d.Config), Schema: schemaSentences(d.Schema), Joint: newJointView(d.Joint),
	}
	v.segments(d.Segments, len(d.OmittedSegments))
	v.Alerts, v.MoreAlerts = cut(plainAll(d.Alerts), mostAlerts, "further alert is", "further alerts are")
	shown := d.Columns[:min(len(d.Columns), mostDrifts)]
	for _, c := range shown {
		v.Columns = append(v.Columns, newDriftRow(c))
	}
	if more := len(d.Columns) - len(shown); more > 0 {
		v.MoreColumns = fmt.Sprintf("%s not shown.", counted(more, "further column has changed less and is", "further columns have changed less and are"))
	}
	return v
}

// cut returns the first texts, and says how many are left out.
func cut(texts []string, most int, one, many string) (shown []string, note string) {
	if len(texts) <= most {
		return texts, ""
	}
	return texts[:most], fmt.Sprintf("%s not shown.", counted(len(texts)-most, one, many))
}

// plainNames makes names fit for display.
func plainNames(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = plain(name, longest)
	}
	return out
}

func driftSentence(d *insights.Drift) string {
	of := counted(len(d.Columns), "column", "columns")
	var parts []string
	if n := d.Drifted(); n > 0 {
		parts = append(parts, fmt.Sprintf("%s of %s drifted", count(n), of))
	}
	if n := len(d.Schema.Gone) + len(d.Schema.Changed); n > 0 {
		parts = append(parts, counted(n, "column is", "columns are")+" gone or of another kind")
	}
	if n := driftedSegments(d); n > 0 {
		parts = append(parts, fmt.Sprintf("%s of %s drifted", count(n), counted(len(d.Segments), "segment", "segments")))
	}
	if d.Joint != nil && d.Joint.Verdict == insights.Drifted {
		parts = append(parts, "the columns together tell the tables apart")
	}
	switch {
	case len(parts) > 0:
		return "The customers have changed since the earlier table: " + enumerated(parts) + "."
	case d.Detected:
		return "The customers have changed since the earlier table."
	case immaterial(d) > 0:
		return fmt.Sprintf("Nothing that matters has changed since the earlier table. In %s of %s a change is there, but too small to matter.", count(immaterial(d)), of)
	}
	return "Nothing has changed since the earlier table that chance does not explain."
}

func immaterial(d *insights.Drift) int {
	n := 0
	for _, c := range d.Columns {
		if c.Verdict == insights.Immaterial {
			n++
		}
	}
	return n
}

func driftedSegments(d *insights.Drift) int {
	n := 0
	for _, s := range d.Segments {
		if s.Verdict == insights.Drifted {
			n++
		}
	}
	return n
}

func driftGrade(d *insights.Drift) judgement {
	switch {
	case d.Detected || d.Drifted()+driftedSegments(d) > 0 || d.Joint != nil && d.Joint.Verdict == insights.Drifted:
		return judgement{"Change", "Drifted", poor, driftSentence(d) + " What was learned from the earlier table may no longer hold."}
	case immaterial(d) > 0:
		return judgement{"Change", "Immaterial", good, driftSentence(d)}
	}
	return judgement{"Change", "None", good, driftSentence(d)}
}

func newDriftRow(c insights.ColumnDrift) driftRow {
	row := driftRow{
		Column: plain(c.Column, longest), Verdict: plain(string(c.Verdict), longest), Class: driftClass(c.Verdict),
		Width: width(c.Effect / 2), PSI: score(c.PSI), Shift: plain(string(c.Shift), longest),
		P: probability(c.AdjustedP), Change: capital(change(c)),
	}
	switch {
	case c.Numbers != nil:
		row.Measure = "KS " + score(c.Numbers.KS)
	case c.Levels != nil:
		row.Measure = "V " + score(c.Levels.CramersV)
	}
	if m := c.Missing; m.Baseline > 0 || m.Current > 0 {
		row.Missing = percent(m.Baseline) + " → " + percent(m.Current)
	}
	return row
}

func driftClass(v insights.Verdict) string {
	switch v {
	case insights.Drifted:
		return poor
	case insights.Immaterial:
		return fair
	}
	return good
}

// change says how a column differs from before.
func change(d insights.ColumnDrift) string {
	switch {
	case d.Numbers != nil:
		now, was := d.Numbers.Current, d.Numbers.Baseline
		span := limits{min(now.Min, was.Min), max(now.Max, was.Max)}
		return fmt.Sprintf("the mean is %s, and was %s", span.number(now.Mean), span.number(was.Mean))
	case d.Levels != nil:
		return changeOfLevels(d.Levels)
	}
	return notAvailable
}

// changeOfLevels names new and vanished levels, else the level whose share has
// changed most.
func changeOfLevels(l *insights.LevelDrift) string {
	var parts []string
	for _, list := range []struct {
		word   string
		levels []string
	}{{"new", l.New}, {"gone", l.Vanished}} {
		if len(list.levels) > 0 {
			names, more := cut(plainNames(list.levels), 3, "further one is", "further ones are")
			parts = append(parts, strings.TrimRight(fmt.Sprintf("%s: %s %s", list.word, strings.Join(names, ", "), more), " "))
		}
	}
	if len(parts) > 0 {
		return strings.TrimRight(strings.Join(parts, "; "), ".")
	}
	top := largest(l.Shares, 1, func(s insights.LevelShift) float64 { return math.Abs(s.Current - s.Baseline) })
	if len(top) == 0 {
		return "no level has a value"
	}
	return fmt.Sprintf("%s is %s, and was %s", plain(cmp.Or(top[0].Level, "the rest"), longest), percent(top[0].Current), percent(top[0].Baseline))
}

// driftRule says when a change matters.
func driftRule(c insights.DriftConfig) string {
	return fmt.Sprintf("A change is more than chance when its adjusted p is below %s. It matters from a PSI of %s on, a distance of %s between the distributions of numbers (KS) or %s of categories (Cramér's V), "+
		"a shift of the mean by %s standard deviations, or a change of the share of missing values by %s. The bar is full at twice what matters.",
		given(c.Alpha), given(c.MajorPSI), given(c.KS), given(c.CramersV), given(c.MeanShift), percent(c.MissingShare))
}

func schemaSentences(s insights.SchemaDrift) []string {
	var out []string
	add := func(names []string, one, many string) {
		if len(names) > 0 {
			shown, more := cut(plainNames(names), 20, "further one is", "further ones are")
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s: %s. %s", counted(len(names), one, many), strings.Join(shown, ", "), more)))
		}
	}
	add(s.Gone, "column is gone", "columns are gone")
	add(s.Added, "column is new", "columns are new")
	for _, c := range s.Changed[:min(len(s.Changed), 20)] {
		out = append(out, fmt.Sprintf("%s was %s and is %s.", quoted(c.Column), c.Baseline, c.Current))
	}
	return out
}
