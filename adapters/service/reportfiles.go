package service

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/report"
)

// reportFile is the name of a report whose folder alone is given.
const reportFile = "cohortlens_report.html"

// checkReport refuses before any long work what cannot be done after it, and
// returns the file of the report.
func (s *Service) checkReport(r ReportRequest, in input) (string, error) {
	output := s.reportPath(r.Output)
	places := []string{output}
	if r.FigureFiles {
		for _, name := range report.FigureFiles() {
			places = append(places, filepath.Join(s.figuresDir(r), name))
		}
	}
	if strings.EqualFold(filepath.Ext(output), ".pdf") {
		return "", lackingFormat("pdf")
	}
	for i, path := range places {
		err := s.checkPlace(path, file{"data", in.path}, file{"model", r.Previous}, file{"baseline", s.reportBaseline(r)})
		if err != nil {
			return "", err
		}
		if slices.Contains(places[:i], path) {
			return "", inputErrorf("%s cannot hold both the report and a figure; name another file for the report", path)
		}
	}
	return output, s.checkReportFolders(r, output)
}

// checkReportFolders checks the folders that were not configured.
func (s *Service) checkReportFolders(r ReportRequest, output string) error {
	if r.Output != "" {
		if err := s.checkFolder(output); err != nil {
			return err
		}
	}
	if !r.FigureFiles || r.FiguresDir == "" {
		return nil
	}
	return s.checkFolder(filepath.Join(r.FiguresDir, reportFile), output)
}

func (s *Service) figuresDir(r ReportRequest) string {
	if r.FiguresDir == "" {
		return s.config.Path(s.config.Reporting.FiguresPath)
	}
	return r.FiguresDir
}

// reportPath returns the file to write.
func (s *Service) reportPath(output string) string {
	if output == "" {
		return s.config.Path(s.config.Reporting.SavePath, reportFile)
	}
	info, err := os.Stat(output)
	if os.IsPathSeparator(output[len(output)-1]) || err == nil && info.IsDir() {
		return filepath.Join(output, reportFile)
	}
	return output
}

// writeReport writes the report, and beside it the figures if asked for. It
// returns the files of the figures.
func (s *Service) writeReport(ctx context.Context, r ReportRequest, output string, a *cohortlens.Analysis) ([]string, error) {
	var files outbox
	defer files.discard()
	options := s.reportOptions()
	page, err := files.create(output)
	if err != nil {
		return nil, err
	}
	html := func() error {
		return fill(page, func(w io.Writer) error { return cohortlens.Report(ctx, w, a, options) })
	}
	if !r.FigureFiles {
		if err := html(); err != nil {
			return nil, err
		}
		return nil, files.commit(ctx)
	}
	dir := s.figuresDir(r)
	temp, err := files.folder(dir)
	if err != nil {
		return nil, errors.Join(err, page.Close())
	}
	drawn, err := withFigures(html, func() ([]string, error) { return report.WriteFigures(ctx, temp, a, options) })
	if err != nil {
		return nil, err
	}
	figures, err := files.takeFigures(drawn, dir)
	if err != nil {
		return nil, err
	}
	return figures, files.commit(ctx)
}

// takeFigures moves figures to dir. Those of an earlier report that have no
// successor go away: beside the new ones, they would show other customers.
func (o *outbox) takeFigures(drawn []string, dir string) ([]string, error) {
	figures, err := o.take(drawn, dir)
	if err != nil {
		return nil, err
	}
	for _, name := range report.FigureFiles() {
		if path := filepath.Join(dir, name); !slices.Contains(figures, path) {
			if err := o.retire(path); err != nil {
				return nil, err
			}
		}
	}
	return figures, nil
}

// withFigures does both at once, and returns the figures and the first error.
func withFigures(page func() error, figures func() ([]string, error)) ([]string, error) {
	var wg sync.WaitGroup
	var pageErr error
	wg.Go(func() { pageErr = page() })
	files, err := figures()
	wg.Wait()
	if pageErr != nil {
		return nil, pageErr
	}
	return files, err
}

func (s *Service) reportOptions() report.Options {
	r := s.config.Reporting
	return report.Options{Figures: r.Figures, Metrics: r.Metrics, DPI: r.DPI}
}
