package report

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/insights"
)

// Bars are as high as their shares, those of before wider.
func TestBeforeAndAfterBars(t *testing.T) {
	c := drifted(insights.Bin{Low: 0, High: 10, Baseline: 0.2, Current: 0.8}, insights.Bin{Low: 10, High: 20, Baseline: 0.8, Current: 0.2})
	svg := drawSVG(t, figureNamed(t, c, "drift"))
	before, after := boxes(t, svg, hex(beforeColor))[:2], boxes(t, svg, hex(afterColor))[:2]
	for i, low := range []int{before[1].Dy(), after[0].Dy()} {
		pair := [][2]int{{before[0].Dy(), low}, {after[1].Dy(), low}}[i]
		if math.Abs(float64(4*pair[0]-pair[1])) > 4 {
			t.Errorf("bars of 20%% and 80%% are %d and %d high", pair[0], pair[1])
		}
	}
	for i := range 2 {
		inside := after[i].Min.X > before[i].Min.X && after[i].Max.X < before[i].Max.X
		if !inside || math.Abs(float64(2*after[i].Dx()-before[i].Dx())) > 4 || before[i].Max.Y != after[i].Max.Y {
			t.Errorf("bin %d: before is at %v, now at %v", i, before[i], after[i])
		}
	}
	if before[0].Max.X > before[1].Min.X {
		t.Error("the bins overlap")
	}
}

// Bins at the ends that are wider than the others are cut, and said to be.
func TestOuterBinsAreCut(t *testing.T) {
	bin := func(low, high float64) insights.Bin {
		return insights.Bin{Low: low, High: high, Baseline: 0.25, Current: 0.25}
	}
	c := drifted(bin(-100, 2), bin(2, 4), bin(4, 6), bin(6, 900))
	fig := figureNamed(t, c, "drift")
	before := boxes(t, drawSVG(t, fig), hex(beforeColor))
	for _, b := range before[1:4] {
		if math.Abs(float64(b.Dx()-before[0].Dx())) > 2 {
			t.Errorf("bars %v are not of one width", before[:4])
		}
	}
	for _, want := range []string{" The first bar has all values below 2.", " The last bar has all values from 6 on."} {
		if !strings.Contains(fig.caption, want) {
			t.Errorf("caption %q does not say %q", fig.caption, want)
		}
	}
	if svg := drawSVG(t, fig); !strings.Contains(svg, "and below") || !strings.Contains(svg, "and above") {
		t.Error("the cut bars are not marked")
	}
	if fig := figureNamed(t, drifted(bin(0, 2), bin(2, 4), bin(4, 6)), "drift"); strings.Contains(fig.caption, "bar") {
		t.Errorf("nothing was cut, the caption says %q", fig.caption)
	}
}

func TestLevelsBeforeAndAfter(t *testing.T) {
	levels := &insights.LevelDrift{Shares: []insights.LevelShift{{Level: "a", Baseline: 0.6, Current: 0.3}, {Level: "b", Baseline: 0.4, Current: 0.7}}}
	c := &Content{Drift: &insights.Drift{Columns: []insights.ColumnDrift{{Column: "x", Verdict: insights.Immaterial, Levels: levels}}}}
	fig := figureNamed(t, c, "drift")
	svg := drawSVG(t, fig)
	before, after := boxes(t, svg, hex(beforeColor))[:2], boxes(t, svg, hex(afterColor))[:2]
	lengths := []int{before[0].Dx() / 6, before[1].Dx() / 4, after[0].Dx() / 3, after[1].Dx() / 7}
	if slices.Max(lengths)-slices.Min(lengths) > 1 {
		t.Errorf("a tenth is %v long", lengths)
	}
	if want := "Bar chart of x, before and now: a 60.0%, 30.0%; b 40.0%, 70.0%;"; !strings.Contains(fig.description, want) {
		t.Errorf("%q does not say %q", fig.description, want)
	}
}

func TestLevelsBeyondTheRoomAreGathered(t *testing.T) {
	var shares []insights.LevelShift
	for _, name := range manyLevels(20) {
		shares = append(shares, insights.LevelShift{Level: name, Baseline: 0.04, Current: 0.03})
	}
	shares = append(shares, insights.LevelShift{Baseline: 0.2, Current: 0.4})
	got := gatherLevels(shares)
	last := got[len(got)-1]
	if len(got) != mostPairs+1 || last.Level != "all others" || math.Abs(last.Baseline-0.64) > 1e-12 || math.Abs(last.Current-0.73) > 1e-12 {
		t.Errorf("got %d bars, the last %+v", len(got), last)
	}
	if got := gatherLevels(shares[:mostPairs]); len(got) != mostPairs || got[mostPairs-1].Level != "level 8" {
		t.Errorf("without others: %+v", got)
	}
}

// Only columns that have changed are drawn, and no more than there is room for.
func TestStableColumnsAreNotDrawn(t *testing.T) {
	c := drifted(insights.Bin{High: 1, Baseline: 1, Current: 1})
	c.Drift.Columns = slices.Repeat(c.Drift.Columns, 20)
	c.Drift.Columns[0].Verdict = insights.Stable
	figures, err := buildFigures(c, []string{"drift"}, testFace(t))
	must(t, err)
	if len(figures) != mostDrawn || figures[1].name != "drift-2" || figures[1].file != "drift_1.png" {
		t.Errorf("got %d figures, the second %q", len(figures), figures[1].name)
	}
	for i := range c.Drift.Columns {
		c.Drift.Columns[i].Verdict = insights.Stable
	}
	if fig := figureNamed(t, c, "drift"); fig != nil {
		t.Errorf("a stable column is drawn: %s", fig.title)
	}
}

// The decision is said in the summary, under trust and in the section, and agrees
// with the verdicts of the columns.
func TestDriftSentence(t *testing.T) {
	column := func(v insights.Verdict) insights.ColumnDrift { return insights.ColumnDrift{Column: "x", Verdict: v} }
	stable, immaterial, drifted := column(insights.Stable), column(insights.Immaterial), column(insights.Drifted)
	for want, d := range map[string]insights.Drift{
		"Nothing has changed since the earlier table that chance does not explain.":                                               {Columns: []insights.ColumnDrift{stable}},
		"Nothing that matters has changed since the earlier table. In 1 of 2 columns a change is there, but too small to matter.": {Columns: []insights.ColumnDrift{immaterial, stable}},
		"The customers have changed since the earlier table: 1 of 3 columns drifted.":                                             {Detected: true, Columns: []insights.ColumnDrift{drifted, immaterial, stable}},
		"The customers have changed since the earlier table: 1 column is gone or of another kind.":                                {Detected: true, Schema: insights.SchemaDrift{Gone: []string{"y"}}},
		"The customers have changed since the earlier table: 1 of 1 column drifted and 2 columns are gone or of another kind.":    {Detected: true, Columns: []insights.ColumnDrift{drifted}, Schema: insights.SchemaDrift{Gone: []string{"y"}, Changed: make([]insights.KindChange, 1)}},
		"The customers have changed since the earlier table: 1 of 2 segments drifted and the columns together tell the tables apart.": {
			Segments: []insights.SegmentDrift{{Verdict: insights.Drifted}, {Verdict: insights.Immaterial}}, Joint: &insights.JointDrift{Verdict: insights.Drifted}},
		"The customers have changed since the earlier table.": {Detected: true, Columns: []insights.ColumnDrift{stable}},
	} {
		c := &Content{Drift: &d}
		page := writeHTML(t, c, Options{})
		for _, section := range []string{"summary", "trust", "drift"} {
			if text := sectionText(t, page, section); !strings.Contains(text, want) {
				t.Errorf("section %s does not say %q:\n%s", section, want, text)
			}
		}
	}
}

// Without a baseline the page does not speak of drift, unless somebody asked.
func TestPageWithoutDrift(t *testing.T) {
	c := &Content{}
	if page := writeHTML(t, c, Options{}); strings.Contains(page, "Drift") {
		t.Error("a page without a baseline speaks of drift")
	}
	c.Omitted = map[string]string{"drift": "The baseline has no column of this table."}
	if text := sectionText(t, writeHTML(t, c, Options{}), "drift"); !strings.Contains(text, c.Omitted["drift"]) {
		t.Errorf("the reason is not given:\n%s", text)
	}
}

func TestChangeOfLevels(t *testing.T) {
	shares := []insights.LevelShift{{Level: "a", Baseline: 0.5, Current: 0.4}, {Baseline: 0.5, Current: 0.6}}
	for want, l := range map[string]insights.LevelDrift{
		"a is 40.0%, and was 50.0%":                 {Shares: shares[:1]},
		"the rest is 60.0%, and was 50.0%":          {Shares: shares[1:]},
		"new: b; gone: c, d":                        {New: []string{"b"}, Vanished: []string{"c", "d"}, Shares: shares},
		"new: a, b, c 2 further ones are not shown": {New: []string{"a", "b", "c", "d", "e"}},
		"no level has a value":                      {},
	} {
		if got := changeOfLevels(&l); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestJointDrift(t *testing.T) {
	for want, j := range map[string]insights.JointDrift{
		"not compared: One table has 3 rows.": {Verdict: insights.Stable, Omitted: "One table has 3 rows."},
		"stable: Of one customer of each table, a classifier that had seen neither picked the one of this table in 51.0% of the cases; guessing has 50% (p 0.300, 99 permutations).":                         {Verdict: insights.Stable, AUC: 0.51, PValue: 0.3, Permutations: 99},
		"drifted: Of one customer of each table, a classifier that had seen neither picked the one of this table in 90.0% of the cases; guessing has 50% (p 0.010, 99 permutations). What gives it away: a.": {Verdict: insights.Drifted, AUC: 0.9, PValue: 0.01, Permutations: 99, Columns: []insights.JointColumn{{Column: "a"}, {Column: "b"}}},
	} {
		if v := newJointView(&j); v.Verdict+": "+v.Text != want {
			t.Errorf("got %s: %s", v.Verdict, v.Text)
		}
	}
}

func TestChangesWithinASegment(t *testing.T) {
	columns := slices.Repeat([]insights.ColumnDrift{{Column: "a", Verdict: insights.Drifted, Levels: &insights.LevelDrift{New: []string{"x"}}}}, 5)
	if got, want := changesWithin(columns), "a: new: x; a: new: x; a: new: x; 2 further columns"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	columns[0].Verdict, columns[1].Verdict = insights.Stable, insights.Immaterial
	if got, want := changesWithin(columns[:3]), "a: new: x"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
