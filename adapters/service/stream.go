package service

import (
	"context"
	"fmt"
	"io"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/segment"
)

// StreamFit says how customers were segmented in passes over their file.
type StreamFit struct {
	Passes    int    `json:"passes"`
	Converged bool   `json:"converged"`
	Inertia   Number `json:"inertia"`
	// SampleRows is the number of customers that the number of segments was
	// chosen on, and the structure judged.
	SampleRows int `json:"sample_rows"`
}

// SegmentStream segments customers who may be more than memory holds. The file is
// read several times. The document lists no customers: their segments are in the
// file r.Out.
func (s *Service) SegmentStream(ctx context.Context, r SegmentRequest) (*SegmentDocument, error) {
	if err := s.checkStream(r); err != nil {
		return nil, err
	}
	in, err := s.open(r.Data)
	if err != nil {
		return nil, err
	}
	if err := s.checkSegment(r, in); err != nil {
		return nil, err
	}
	fit, err := cohortlens.SegmentStream(ctx, in.source, s.analysis(previous{}))
	if err != nil {
		return nil, in.fault(err)
	}
	d := newStreamDocument(in, fit, s.criterion())
	return d, s.writeStream(ctx, r, in, fit.Model, d)
}

// checkStream refuses what needs all customers at once.
func (s *Service) checkStream(r SegmentRequest) error {
	c := s.config.Models.Segmentation
	switch {
	case r.Data == stdin:
		return inputErrorf("a stream is read several times, and standard input can be read once; name a file")
	case segment.Algorithm(c.Algorithm) != segment.KMeans:
		return inputErrorf("a stream is segmented by the algorithm kmeans, and the algorithm is %s", c.Algorithm)
	case c.Weights != "":
		return inputErrorf("a stream has no weights, and the weights are %q", c.Weights)
	}
	return s.checkSegmentation()
}

func newStreamDocument(in input, f *segment.StreamResult, by segment.Criterion) *SegmentDocument {
	d := &SegmentDocument{
		Source: in.name, SampleData: in.sample,
		Algorithm: string(segment.KMeans), K: len(f.Segments), Rows: f.Rows,
		Silhouette: Number(f.Silhouette), SilhouetteError: Number(f.SilhouetteError),
		Features: f.Model.Scaler().Columns(), Scores: newScores(f.Scores, false), Segments: newSegments(f.Segments),
		Structure: newStructure(f.Structure), Separation: []Separation{}, Stability: newStability(f.Stability),
		Quality: datasource.Quality{
			Rows: f.Rows + f.Skipped, Kept: f.Rows, Policy: datasource.Keep, MissingRows: f.Skipped,
			Missing: []datasource.ColumnCount{}, Violations: []datasource.RuleCount{}, Examples: []datasource.Violation{}, Notes: []string{},
		},
		Notes: append([]string{}, in.notes...), Assignments: []Assignment{},
		Stream: &StreamFit{f.Passes, f.Converged, Number(f.Inertia), f.SampleRows},
	}
	if len(f.Scores) > 1 {
		d.Criterion = string(by)
	}
	d.Notes = append(d.Notes, f.Notes...)
	d.Notes = append(d.Notes, fmt.Sprintf("The file was read in %d passes, without a look at rules and duplicates.", f.Passes))
	if !f.Converged {
		d.Notes = append(d.Notes, "The centres had not come to rest by then: raise models.segmentation.max_iter.")
	}
	return d
}

// writeStream writes the files of the request. The customers are assigned in one
// more pass.
func (s *Service) writeStream(ctx context.Context, r SegmentRequest, in input, m *segment.Model, d *SegmentDocument) error {
	var files outbox
	defer files.discard()
	if r.Out != "" {
		d.Out = s.show(r.Out)
		a := &assignment{model: m, in: in, id: s.config.Features.IDColumn, document: newAssignDocument(m)}
		if err := a.write(ctx, &files, r.Out, r.ExcelSafe); err != nil {
			return err
		}
	}
	if r.Model != "" {
		d.Model = s.show(r.Model)
		if err := files.write(r.Model, func(w io.Writer) error { return m.Save(ctx, w) }); err != nil {
			return asInput(err)
		}
	}
	return files.commit(ctx)
}
