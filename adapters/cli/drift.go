package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/cohortlens/cohortlens/adapters/service"
)

// baselineFlag is for the commands that write a report.
var baselineFlag = text("baseline", "F", "say what has changed since the baseline `F`, which drift save or predict --model wrote", inputGroup)

// driftFlags configure both commands of drift.
var driftFlags = []flagSpec{
	text("baseline", "F", "the baseline is the file `F`; data/processed/drift_baseline.json by default; to check, it may be a predictor saved by predict --model", inputGroup),
	text("segments", "F", "compare the segments of the saved model `F` too, one by one", inputGroup),
	setting("segment-column", "COL", "drift.segments", "compare the levels of the categorical column `COL` too, one by one", inputGroup),
}

// thresholdFlags say what counts as a change, and as one that matters.
var thresholdFlags = []flagSpec{
	setting("alpha", "X", "drift.alpha", "a change is more than chance when its adjusted p-value is below `X`; 0.05 by default", modelGroup),
	setting("adjust", "A", "drift.adjust", "adjust p-values by `A`: benjamini_hochberg (the default), holm or none", modelGroup),
	setting("psi", "X", "drift.psi_major", "a PSI of `X` matters; 0.2 by default", modelGroup),
	setting("ks", "X", "drift.ks", "a distance of `X` between the distributions of a column matters; 0.1 by default", modelGroup),
	setting("mean-shift", "X", "drift.mean_shift", "a shift of the mean by `X` standard deviations matters; 0.2 by default", modelGroup),
	toggle("fail-on-drift", "end with exit code 3 when something that matters has changed", outputGroup),
}

func (s *session) saveBaseline() error {
	svc, r, err := s.driftRequest()
	if err != nil {
		return err
	}
	d, err := svc.SaveBaseline(s.flags.Context, r)
	if err != nil {
		return err
	}
	return s.show(d, func(p *printer) { p.baselineDocument(d) })
}

func (s *session) checkDrift() error {
	svc, r, err := s.driftRequest()
	if err != nil {
		return err
	}
	d, err := svc.CheckDrift(s.flags.Context, r)
	if err != nil {
		return err
	}
	strict := s.flags.Bool("fail-on-drift")
	if d.Features == nil && (strict || !s.json()) {
		return &usageError{message: d.Notes[len(d.Notes)-1], hint: "Save one with 'cohortlens drift save FILE', on the customers to compare with."}
	}
	if err := s.show(d, func(p *printer) { p.driftDocument(d) }); err != nil {
		return err
	}
	if strict && d.DriftDetected {
		return errDrift
	}
	return nil
}

// driftRequest makes the service and the request of both commands.
func (s *session) driftRequest() (*service.Service, service.DriftRequest, error) {
	if s.flags.IsSet("segments") && s.flags.IsSet("segment-column") {
		return nil, service.DriftRequest{}, &usageError{message: "segments come from a model or from a column: give --segments or --segment-column, not both"}
	}
	svc, data, err := s.prepare()
	return svc, service.DriftRequest{Data: data, Baseline: s.flags.String("baseline"), Segments: s.flags.String("segments")}, err
}

func (p *printer) baselineDocument(d *service.BaselineDocument) {
	p.account(d.Source, "profiled", d.Quality)
	p.notes(d.Notes)
	p.paragraph("Columns: " + strings.Join(d.Columns, ", ") + ".")
	if len(d.Segments) > 0 {
		p.paragraph("Segments: " + strings.Join(d.Segments, "; ") + ".")
	}
	p.line("Baseline written to %s", d.BaselinePath)
}

func (p *printer) driftDocument(d *service.DriftDocument) {
	p.account(d.Source, "compared", d.Quality)
	p.notes(d.Notes)
	p.paragraph("Baseline: " + d.BaselinePath + ", " + plural(d.BaselineRows, "row") + ".")
	p.gap()
	p.paragraph("Drift: " + driftVerdict(d))
	p.driftTable(d)
	p.schemaDrift(d.Schema)
	p.segmentDrift(d.Segments, d.OmittedSegments)
	p.jointDrift(d.Joint)
	if r := d.Rule; r != nil {
		p.gap()
		p.paragraph(fmt.Sprintf("Drifted is what changed more than chance explains (adjusted p below %s) and enough to matter: a PSI of %s, a KS "+
			"distance of %s, a mean shift of %s standard deviations, a Cramér's V of %s, or %s more or fewer missing values. A bar is full at twice that.",
			given(r.Alpha), given(r.MajorPSI), given(r.KS), given(r.MeanShift), given(r.CramersV), share(r.MissingShare)))
	}
}

// given writes a number as it was set.
func given(n service.Number) string { return strconv.FormatFloat(float64(n), 'g', -1, 64) }

func driftVerdict(d *service.DriftDocument) string {
	columns := plural(d.NumFeaturesChecked, "column")
	switch {
	case d.NumFeaturesChecked == 0:
		return "the two tables have no column in common that can be compared."
	case d.NumFeaturesDrifted > 0:
		return fmt.Sprintf("%d of %s drifted.", d.NumFeaturesDrifted, columns)
	case d.DriftDetected:
		return fmt.Sprintf("none of %s drifted, but there is other drift.", columns)
	}
	return fmt.Sprintf("nothing that matters has changed in %s.", columns)
}

// barWidth is the number of characters of a full bar.
const barWidth = 8

func (p *printer) driftTable(d *service.DriftDocument) {
	if len(d.WorstFirst) == 0 {
		return
	}
	p.gap()
	rows := [][]string{{"column", "verdict", "effect", "PSI", "KS or V", "adjusted p", "then", "now"}}
	for _, name := range d.WorstFirst {
		f := d.Features[name]
		statistic, means := f.KSStatistic, figures(f.BaselineMean, f.CurrentMean)
		then, now := means[0], means[1]
		if f.Levels != nil {
			statistic = f.CramersV
			then, now = mostMoved(f.Levels)
		}
		rows = append(rows, []string{
			name, f.Verdict, bar(float64(f.Effect)/2, barWidth), figure(f.PSI), figure(statistic), figure(min(f.AdjustedP, f.MissingAdjustedP)), then, now,
		})
		if f.MissingAdjustedP < d.Rule.Alpha {
			rows = append(rows, []string{"  missing values", "", "", "", "", "", share(f.BaselineMissing), share(f.CurrentMissing)})
		}
	}
	p.table(rows, 3)
}

// mostMoved shows the level whose share has changed most.
func mostMoved(levels []service.DriftLevel) (then, now string) {
	most, moved := service.DriftLevel{}, service.Number(-1)
	for _, l := range levels {
		if by := max(l.Current-l.Baseline, l.Baseline-l.Current); by > moved {
			most, moved = l, by
		}
	}
	if moved < 0 {
		return "-", "-"
	}
	name := most.Level
	if name == "" {
		name = "others"
	}
	return name + " " + share(most.Baseline), share(most.Current)
}

func (p *printer) schemaDrift(s *service.SchemaDrift) {
	if s == nil {
		return
	}
	var changed []string
	for _, c := range s.Changed {
		changed = append(changed, c.Column+" ("+c.Baseline+", now "+c.Current+")")
	}
	for _, l := range []struct {
		what  string
		names []string
	}{{"Columns that are gone", s.Gone}, {"New columns", s.Added}, {"Columns of another kind", changed}} {
		if len(l.names) > 0 {
			p.gap()
			p.paragraph(l.what + ": " + strings.Join(l.names, ", ") + ".")
		}
	}
}

func (p *printer) segmentDrift(segments []service.SegmentDrift, omitted []string) {
	if len(segments) == 0 {
		return
	}
	p.gap()
	rows := [][]string{{"segment", "verdict", "what drifted in it", "share then", "now"}}
	for _, s := range segments {
		var columns []string
		if s.ShareVerdict == drifted {
			columns = append(columns, "its share")
		}
		for _, c := range s.Columns {
			if c.Verdict == drifted {
				columns = append(columns, c.Column)
			}
		}
		rows = append(rows, []string{s.Segment, s.Verdict, strings.Join(columns, ", "), share(s.BaselineShare), share(s.CurrentShare)})
	}
	p.table(rows, 3)
	if len(omitted) > 0 {
		p.paragraph(fmt.Sprintf("Not compared, since a profile keeps few segments: %s.", firstOf(omitted, 10)))
	}
}

// firstOf lists names, the first of them if there are many.
func firstOf(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %s more", strings.Join(names[:most], ", "), count(len(names)-most))
}

// drifted is the verdict on what changed and matters.
const drifted = "drifted"

func (p *printer) jointDrift(j *service.JointDrift) {
	if j == nil {
		return
	}
	p.gap()
	switch {
	case j.Omitted != "":
		p.paragraph(j.Omitted)
	case len(j.Telling) == 0:
		p.paragraph(fmt.Sprintf("All columns together: rows of the two tables cannot be told apart (AUC %s, where 0.5 is guessing; p = %s).", figure(j.AUC), figure(j.PValue)))
	default:
		p.paragraph(fmt.Sprintf("All columns together: rows of the two tables can be told apart (AUC %s, where 0.5 is guessing; p = %s), most of all by %s: %s.",
			figure(j.AUC), figure(j.PValue), strings.Join(j.Telling, ", "), j.Verdict))
	}
}
