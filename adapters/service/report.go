package service

import (
	"context"
	"os"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
	"github.com/cohortlens/cohortlens/segment"
)

// ReportRequest asks for the whole analysis and its report.
type ReportRequest struct {
	// Data is as in [SegmentRequest].
	Data string
	// Output is the report's file, or a folder for it: one that exists, or a
	// path that ends in a separator. The configured folder when empty.
	Output string
	// FigureFiles asks for the figures as PNG files too, in FiguresDir, or in
	// the configured folder when that is empty.
	FigureFiles bool
	FiguresDir  string
	// Previous, if not empty, is a saved segmentation to compare with.
	Previous string
	// Baseline is the file of a profile to compare with. When empty, it is the
	// one that the configuration names, if it is there.
	Baseline string
}

// ReportDocument is the answer to a [ReportRequest]. A part that the table does
// not allow is null, and Omitted says why.
type ReportDocument struct {
	Report      string             `json:"report"`
	Figures     []string           `json:"figures"`
	Source      string             `json:"source"`
	SampleData  bool               `json:"sample_data"`
	Quality     datasource.Quality `json:"quality"`
	Segment     *SegmentDocument   `json:"segment"`
	Predict     *PredictDocument   `json:"predict"`
	Explanation *ReportExplanation `json:"explanation"`
	Describe    []Description      `json:"describe"`
	Correlation *Correlation       `json:"correlation"`
	Savings     *Savings           `json:"savings"`
	Drift       *DriftDocument     `json:"drift"`
	Omitted     map[string]string  `json:"omitted"`
	Notes       []string           `json:"notes"`
}

// Description has the statistics of a numeric column.
type Description struct {
	Column string `json:"column"`
	Count  int    `json:"count"`
	Mean   Number `json:"mean"`
	Std    Number `json:"std"`
	Min    Number `json:"min"`
	Q25    Number `json:"q25"`
	Median Number `json:"median"`
	Q75    Number `json:"q75"`
	Max    Number `json:"max"`
}

// Correlation is a symmetric matrix of Pearson correlations.
type Correlation struct {
	Columns []string   `json:"columns"`
	R       [][]Number `json:"r"`
}

// Savings estimates the share of income, in percent, that customers have left.
type Savings struct {
	Rows      int              `json:"rows"`
	Negative  int              `json:"negative"`
	Mean      Number           `json:"mean"`
	Median    Number           `json:"median"`
	Formula   string           `json:"formula"`
	BySegment []SegmentSavings `json:"by_segment"`
}

// SegmentSavings is [Savings] for one segment.
type SegmentSavings struct {
	Segment int    `json:"segment"`
	Rows    int    `json:"rows"`
	Mean    Number `json:"mean"`
	Median  Number `json:"median"`
}

// Report analyses the customers and writes the report.
func (s *Service) Report(ctx context.Context, r ReportRequest) (*ReportDocument, error) {
	if err := s.checkAnalysis(); err != nil {
		return nil, err
	}
	before, err := s.loadPrevious(ctx, r.Previous)
	if err != nil {
		return nil, err
	}
	in, err := s.open(r.Data, before.features()...)
	if err != nil {
		return nil, err
	}
	output, err := s.checkReport(r, in)
	if err != nil {
		return nil, err
	}
	cfg, err := s.reportConfig(ctx, r, before)
	if err != nil {
		return nil, err
	}
	a, err := cohortlens.Run(ctx, in.source, cfg)
	if err != nil {
		return nil, driftFault(in, err)
	}
	s.options.Log.Debug("analysed", "rows", a.Quality.Kept)
	a.Source, a.Sample = in.name, in.sample
	a.Created, a.Version = s.options.Created, s.options.Version
	figures, err := s.writeReport(ctx, r, output, a)
	if err != nil {
		return nil, err
	}
	d := newReportDocument(in, a, s.criterion(), before)
	if d.Drift != nil {
		d.Drift.BaselinePath = s.show(s.reportBaseline(r))
	}
	d.Report = s.show(output)
	for _, f := range figures {
		d.Figures = append(d.Figures, s.show(f))
	}
	return d, nil
}

// checkAnalysis refuses settings that contradict each other.
func (s *Service) checkAnalysis() error {
	if err := s.checkSegmentation(); err != nil {
		return err
	}
	return s.checkPrediction()
}

// reportConfig is the configuration of the library, with the baseline if there is
// one.
func (s *Service) reportConfig(ctx context.Context, r ReportRequest, before previous) (cohortlens.Config, error) {
	cfg := s.analysis(before)
	path := s.reportBaseline(r)
	if path == "" {
		return cfg, nil
	}
	if err := s.checkThresholds(); err != nil {
		return cfg, err
	}
	return cfg, loadBaseline(ctx, path, &cfg.Drift)
}

// reportBaseline returns the file of the profile to compare with, "" for none.
func (s *Service) reportBaseline(r ReportRequest) string {
	if r.Baseline != "" || s.config.Drift.Baseline == "" {
		return r.Baseline
	}
	path := s.config.BaselinePath()
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

func newReportDocument(in input, a *cohortlens.Analysis, by segment.Criterion, before previous) *ReportDocument {
	d := &ReportDocument{
		Figures: []string{}, Source: in.name, SampleData: in.sample, Quality: a.Quality,
		Describe: []Description{}, Omitted: map[string]string{}, Notes: notes(in, a, nil),
	}
	if a.Segmentation != nil {
		d.Segment = newSegmentDocument(in, a, by, before)
	}
	if a.Prediction != nil {
		d.Predict = newPredictDocument(in, a)
	}
	for _, c := range a.Describe {
		d.Describe = append(d.Describe, Description{
			c.Column, c.Count, Number(c.Mean), Number(c.Std), Number(c.Min),
			Number(c.Q25), Number(c.Median), Number(c.Q75), Number(c.Max),
		})
	}
	if c := a.Correlation; c != nil {
		d.Correlation = &Correlation{Columns: c.Columns, R: make([][]Number, len(c.R))}
		for i, row := range c.R {
			d.Correlation.R[i] = numbers(row)
		}
	}
	d.Explanation = newReportExplanation(a)
	d.Savings = newSavings(a.Savings)
	if a.Drift != nil {
		d.Drift = newDriftDocument(a.Drift)
		d.Drift.describe(in, a.Quality)
	}
	for part, reason := range a.Omitted {
		d.Omitted[part] = reason
	}
	return d
}

func newSavings(s *insights.Savings) *Savings {
	if s == nil {
		return nil
	}
	out := &Savings{
		Rows: s.Rows, Negative: s.Negative, Mean: Number(s.Mean), Median: Number(s.Median),
		Formula: s.Formula, BySegment: []SegmentSavings{},
	}
	for _, g := range s.BySegment {
		out.BySegment = append(out.BySegment, SegmentSavings{g.Segment, g.Rows, Number(g.Mean), Number(g.Median)})
	}
	return out
}
