package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/insights"
)

// DriftRequest asks for a baseline to be saved, or for a check against one.
type DriftRequest struct {
	// Data is as in [SegmentRequest].
	Data string
	// Baseline is the file of the profile; the configured one when empty. To
	// check, it may be a predictor that [Service.Predict] saved.
	Baseline string
	// Segments, if not empty, is a saved segmentation whose segments are
	// profiled and compared one by one, in the place of the configured column.
	Segments string
}

// BaselineDocument is the answer to [Service.SaveBaseline].
type BaselineDocument struct {
	Status       string             `json:"status"`
	BaselinePath string             `json:"baseline_path"`
	Source       string             `json:"source"`
	SampleData   bool               `json:"sample_data"`
	Rows         int                `json:"rows"`
	Columns      []string           `json:"columns"`
	Segments     []string           `json:"segments"`
	Quality      datasource.Quality `json:"quality"`
	Notes        []string           `json:"notes"`
}

// SaveBaseline profiles the customers, to compare later ones with. It takes the
// place of an earlier baseline.
func (s *Service) SaveBaseline(ctx context.Context, r DriftRequest) (*BaselineDocument, error) {
	path := s.baselinePath(r.Baseline)
	in, cfg, err := s.openDrift(ctx, r, path)
	if err != nil {
		return nil, err
	}
	if err := s.checkReplaceable(path); err != nil {
		return nil, err
	}
	p, quality, err := cohortlens.Profile(ctx, in.source, cfg)
	if err != nil {
		return nil, in.fault(err)
	}
	d := &BaselineDocument{
		Status: "ok", BaselinePath: s.show(path), Source: in.name, SampleData: in.sample,
		Rows: p.Rows(), Columns: []string{}, Segments: []string{}, Quality: quality, Notes: append([]string{}, in.notes...),
	}
	for _, c := range p.Columns() {
		d.Columns = append(d.Columns, c.Name())
	}
	for _, g := range p.Segments() {
		d.Segments = append(d.Segments, g.Name)
	}
	if column, found := p.Column(p.SegmentColumn()); found {
		if levels, _ := column.Levels(); len(levels) > len(d.Segments) {
			d.Notes = append(d.Notes, fmt.Sprintf("A baseline keeps %d segments, and the column %s has more; only those listed will be compared.",
				len(d.Segments), column.Name()))
		}
	}
	var files outbox
	defer files.discard()
	if err := files.write(path, func(w io.Writer) error { return p.Save(ctx, w) }); err != nil {
		return nil, asInput(err)
	}
	return d, files.commit(ctx)
}

// checkReplaceable refuses to write a baseline over anything else, such as a saved
// predictor, which may stand in its place to check.
func (s *Service) checkReplaceable(path string) error {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return nil
	}
	isBaseline, err := startsAs(path, "cohortlens.profile")
	if err == nil && !isBaseline {
		err = inputErrorf("%s is there and is no baseline; write the baseline to another file", s.show(path))
	}
	return err
}

// CheckDrift compares the customers with the baseline, which stays as it is.
// Without a configured baseline the document describes the customers only; one
// that is named must be there.
func (s *Service) CheckDrift(ctx context.Context, r DriftRequest) (*DriftDocument, error) {
	path := s.baselinePath(r.Baseline)
	in, cfg, err := s.openDrift(ctx, r, "")
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); r.Baseline == "" && errors.Is(err, fs.ErrNotExist) {
		return s.describeDrift(ctx, in, cfg, path)
	}
	if err := loadBaseline(ctx, path, &cfg.Drift); err != nil {
		return nil, err
	}
	a, err := cohortlens.CheckDrift(ctx, in.source, cfg)
	if err != nil {
		return nil, driftFault(in, err)
	}
	d := newDriftDocument(a.Drift)
	d.BaselinePath = s.show(path)
	d.describe(in, a.Quality)
	return d, nil
}

// describeDrift is the answer without a baseline.
func (s *Service) describeDrift(ctx context.Context, in input, cfg cohortlens.Config, path string) (*DriftDocument, error) {
	p, quality, err := cohortlens.Profile(ctx, in.source, cfg)
	if err != nil {
		return nil, in.fault(err)
	}
	d := newStatsDocument(p)
	d.describe(in, quality)
	d.Notes = append(d.Notes, fmt.Sprintf("There is no baseline yet, so nothing was compared: %s does not exist.", s.show(path)))
	return d, nil
}

// driftFault says what to do about segments that do not fit.
func driftFault(in input, err error) error {
	if errors.Is(err, cohortlens.ErrSegments) {
		return &InputError{Err: err, Hint: "Name the segments as when the baseline was saved (--segments F or --segment-column COL; --previous F for a report), or save it again."}
	}
	return in.fault(err)
}

func (s *Service) baselinePath(given string) string {
	if given != "" {
		return given
	}
	return s.config.BaselinePath()
}

// openDrift opens the data and makes the configuration of the library. Output is
// the file to be written, "" for none.
func (s *Service) openDrift(ctx context.Context, r DriftRequest, output string) (input, cohortlens.Config, error) {
	cfg := s.analysis(previous{})
	if err := s.checkThresholds(); err != nil {
		return input{}, cfg, err
	}
	kinds := map[string]datasource.Kind{}
	if r.Segments != "" {
		m, err := loadModel(ctx, r.Segments)
		if err != nil {
			return input{}, cfg, err
		}
		cfg.Drift.Model, cfg.Drift.Segments = m, ""
		for _, name := range m.Scaler().Columns() {
			kinds[name] = datasource.Numeric
		}
	}
	for _, name := range s.config.Features.Numerical {
		kinds[name] = datasource.Numeric
	}
	for _, name := range s.config.Features.Categorical {
		kinds[name] = datasource.Categorical
	}
	if name := cfg.Drift.Segments; name != "" {
		kinds[name] = datasource.Categorical
	}
	if id := s.config.Features.IDColumn; id != "" {
		kinds[id] = datasource.Text
	}
	in, err := s.openFor(r.Data, s.csvOf(kinds))
	if err != nil {
		return input{}, cfg, err
	}
	if output != "" && r.Baseline != "" {
		if err := s.checkFolder(output); err != nil {
			return input{}, cfg, err
		}
	}
	return in, cfg, s.checkPlace(output, file{"data", in.path}, file{"model", r.Segments})
}

// checkThresholds refuses thresholds that contradict each other.
func (s *Service) checkThresholds() error {
	if d := s.config.Drift; d.ModeratePSI > d.MajorPSI {
		return &InputError{
			Err:  fmt.Errorf("the PSI that matters, %v, is below the one that is called moderate, %v", d.MajorPSI, d.ModeratePSI),
			Hint: "Lower drift.psi_moderate in the configuration too, or set COHORTLENS_DRIFT_PSI_MODERATE.",
		}
	}
	return nil
}

// loadBaseline reads a profile that was saved, or that of the customers whom a
// saved predictor was trained on: then its columns alone are compared.
func loadBaseline(ctx context.Context, path string, c *cohortlens.DriftConfig) error {
	isModel, err := startsAs(path, "cohortlens.model")
	if err != nil {
		return err
	}
	if !isModel {
		c.Baseline, err = readSaved(ctx, path, "baseline", saveBaseline, insights.LoadProfile)
		return err
	}
	m, err := loadPredictor(ctx, path)
	if err != nil {
		return err
	}
	if m.Profile == nil {
		return inputErrorf("the predictor %s was saved without the profile of its customers", path)
	}
	c.Baseline, c.BaselineColumns = m.Profile, true
	return nil
}

// driftConfig translates the configuration into the library's.
func (s *Service) driftConfig() cohortlens.DriftConfig {
	d := s.config.Drift
	return cohortlens.DriftConfig{
		LocateConfig: insights.LocateConfig{
			DriftConfig: insights.DriftConfig{
				Alpha: d.Alpha, Adjust: insights.Adjustment(d.Adjust), ModeratePSI: d.ModeratePSI, MajorPSI: d.MajorPSI,
				KS: d.KS, MeanShift: d.MeanShift, CramersV: d.CramersV, MissingShare: d.MissingShare,
			},
			ShareEffect: d.ShareEffect, AUC: d.AUC, Permutations: d.Permutations,
		},
		Segments: d.Segments,
	}
}
