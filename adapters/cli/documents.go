package cli

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cohortlens/cohortlens/adapters/service"
	"github.com/cohortlens/cohortlens/datasource"
)

func (p *printer) predictDocument(d *service.PredictDocument) {
	p.quality(d.Source, d.Quality)
	p.gap()
	p.prediction(d)
	if q := d.ScoreQuality; q != nil {
		p.gap()
		p.account(d.ScoreSource, "scored", *q)
	}
	p.notes(d.Notes)
	p.written("Predictions", d.Out)
	p.written("Model", d.Model)
}

func (p *printer) reportDocument(d *service.ReportDocument) {
	p.quality(d.Source, d.Quality)
	if d.Segment != nil {
		p.gap()
		p.segments(d.Segment)
		p.gap()
		p.structure(d.Segment)
		p.migration(d.Segment.Migration)
	}
	if d.Predict != nil {
		p.gap()
		p.verdict(d.Predict)
	}
	if s := d.Savings; s != nil {
		p.paragraph("Savings: customers keep " + figure(s.Mean) + "% of their income on average, half of them more than " +
			figure(s.Median) + "%.")
	}
	if x := d.Drift; x != nil {
		p.paragraph("Since " + x.BaselinePath + ": " + driftVerdict(x))
	}
	for _, part := range slices.Sorted(maps.Keys(d.Omitted)) {
		p.paragraph("No " + part + ": " + d.Omitted[part])
	}
	p.notes(d.Notes)
	p.gap()
	p.line("Report:  %s", d.Report)
	if len(d.Figures) > 0 {
		p.line("Figures: %s (%s)", filepath.Dir(d.Figures[0]), plural(len(d.Figures), "PNG file"))
	}
}

// written says where a file of results is.
func (p *printer) written(what, path string) {
	if path != "" {
		p.line("%s written to %s", what, path)
	}
}

// quality says what became of the rows that were to be analysed.
func (p *printer) quality(source string, q datasource.Quality) { p.account(source, "analysed", q) }

// account says what became of the rows, of which the kept ones were analysed or
// scored.
func (p *printer) account(source, verb string, q datasource.Quality) {
	var lost []string
	for _, l := range []struct {
		n         int
		one, many string
	}{{q.SetAside, "breaks a rule", "break a rule"}, {q.MissingRows, "lacks a value", "lack a value"}, {q.DuplicateRows, "repeats another", "repeat another"}} {
		switch {
		case l.n == 1:
			lost = append(lost, "1 "+l.one)
		case l.n > 1:
			lost = append(lost, count(l.n)+" "+l.many)
		}
	}
	text := source + ": " + count(q.Kept) + " of " + plural(q.Rows, "row") + " " + verb
	if len(lost) > 0 {
		text += " (" + strings.Join(lost, ", ") + ")"
	}
	p.paragraph(text + ".")
	if q.BadRows > q.SetAside {
		verbs := [2]string{"break", "were"}
		if q.BadRows == 1 {
			verbs = [2]string{"breaks", "was"}
		}
		p.paragraph("Note: " + plural(q.BadRows, "row") + " of the file " + verbs[0] + " a rule and " + verbs[1] +
			" not set aside for it (policy " + string(q.Policy) + ").")
	}
	p.notes(q.Notes)
}

func (p *printer) verdict(d *service.PredictDocument) {
	p.paragraph("Prediction of " + d.Target + ": " + d.Verdict)
}
