package service

import (
	"context"
	"fmt"
	"io"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/segment"
)

// SegmentRequest asks for a segmentation.
type SegmentRequest struct {
	// Data is a CSV file, "-" for standard input, the URL of a database, or ""
	// for the configured database or file, or the sample.
	Data string
	// Out, if not empty, is the CSV file to write: customer_id, cluster and
	// label of each customer, then the other columns of the table.
	Out string
	// ExcelSafe writes an apostrophe before text that a spreadsheet would take
	// for a formula.
	ExcelSafe bool
	// Model, if not empty, is the file to save the fitted model to, for
	// [Service.Assign] and for Previous.
	Model string
	// Previous, if not empty, is a saved model to compare with.
	Previous string
}

// Segment segments the customers.
func (s *Service) Segment(ctx context.Context, r SegmentRequest) (*SegmentDocument, error) {
	if err := s.checkSegmentation(); err != nil {
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
	if err := s.checkSegment(r, in); err != nil {
		return nil, err
	}
	a, err := cohortlens.Segment(ctx, in.source, s.analysis(before))
	if err != nil {
		return nil, in.fault(err)
	}
	document := newSegmentDocument(in, a, s.criterion(), before)
	if r.Out != "" {
		document.Out = s.show(r.Out)
	}
	if r.Model != "" {
		document.Model = s.show(r.Model)
	}
	return document, s.writeSegments(ctx, r, a)
}

// checkSegment refuses before any long work what cannot be done after it.
func (s *Service) checkSegment(r SegmentRequest, in input) error {
	if err := differ(r.Out, r.Model, "segments"); err != nil {
		return err
	}
	if err := s.checkOutput(r.Out, file{"data", in.path}, file{"model", r.Previous}); err != nil {
		return err
	}
	return s.checkOutput(r.Model, file{"data", in.path})
}

// writeSegments writes the files of the request.
func (s *Service) writeSegments(ctx context.Context, r SegmentRequest, a *cohortlens.Analysis) error {
	var files outbox
	defer files.discard()
	if r.Out != "" {
		table, err := segmentTable(a)
		if err != nil {
			return err
		}
		if err := files.writeTable(r.Out, table, r.ExcelSafe); err != nil {
			return err
		}
	}
	if r.Model != "" {
		if err := files.write(r.Model, func(w io.Writer) error { return a.Segmentation.Model.Save(ctx, w) }); err != nil {
			return asInput(err)
		}
	}
	return files.commit(ctx)
}

func (s *Service) criterion() segment.Criterion {
	return segment.Criterion(s.config.Models.Segmentation.Criterion)
}

// checkSegmentation refuses settings that contradict each other, before any data
// is read.
func (s *Service) checkSegmentation() error {
	c := s.config.Models.Segmentation
	algorithm := segment.Algorithm(c.Algorithm)
	if s.criterion() == segment.ByBIC && algorithm != segment.GMM {
		return &InputError{
			Err:  fmt.Errorf("the criterion bic is for the algorithm gmm, and the algorithm is %s", algorithm),
			Hint: "Use --criterion silhouette, or --algorithm gmm (models.segmentation.criterion and algorithm in the configuration).",
		}
	}
	if c.Weights != "" && algorithm != segment.KMeans {
		return &InputError{
			Err:  fmt.Errorf("the weights %q are for the algorithm kmeans, and the algorithm is %s", c.Weights, algorithm),
			Hint: "Leave the weights out (models.segmentation.weights in the configuration), or use --algorithm kmeans.",
		}
	}
	return nil
}
