package service

import (
	"context"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/segment"
)

// WhyRequest asks why a customer is in its segment rather than in the next one.
type WhyRequest struct {
	// Data holds the customers, as in [SegmentRequest].
	Data string
	// Model is a file that [Service.Segment] saved. Without it, the customers
	// of Data are segmented.
	Model    string
	Customer string
}

// WhyDocument says why a customer is in its segment. The contributions, which
// are for the segment above 0 and for the next one below, and Offset add up to
// Margin.
type WhyDocument struct {
	CustomerID    string      `json:"customer_id"`
	Source        string      `json:"source"`
	SampleData    bool        `json:"sample_data"`
	Model         string      `json:"model,omitempty"`
	Algorithm     string      `json:"algorithm"`
	Segment       int         `json:"segment"`
	Label         string      `json:"label"`
	Next          int         `json:"next"`
	NextLabel     string      `json:"next_label"`
	Margin        Number      `json:"margin"`
	Offset        Number      `json:"offset"`
	Contributions []WhyFactor `json:"contributions"`
	Notes         []string    `json:"notes"`
}

// WhyFactor is the part of one column, with the means of the two segments.
type WhyFactor struct {
	Feature      string `json:"feature"`
	Value        Number `json:"value"`
	SegmentMean  Number `json:"segment_mean"`
	NextMean     Number `json:"next_mean"`
	Contribution Number `json:"contribution"`
}

// Why says why a customer is in its segment.
func (s *Service) Why(ctx context.Context, r WhyRequest) (*WhyDocument, error) {
	x, m, err := s.startWhy(ctx, r)
	if err != nil {
		return nil, err
	}
	row, err := x.find(r.Customer)
	if err != nil {
		return nil, err
	}
	reasons, err := m.Why(ctx, x.table.Take([]int{row}))
	if err != nil {
		return nil, x.in.fault(err)
	}
	d := &WhyDocument{
		CustomerID: r.Customer, Source: x.in.name, SampleData: x.in.sample, Model: x.about.Model,
		Algorithm: string(m.Algorithm()), Contributions: []WhyFactor{}, Notes: orEmpty(x.about.Notes),
	}
	d.fill(reasons[0], m.Segments())
	return d, nil
}

func (d *WhyDocument) fill(r segment.Reason, segments []segment.Segment) {
	label := func(id int) string {
		if id == segment.Noise {
			return ""
		}
		return segments[id].Label
	}
	d.Segment, d.Label, d.Next, d.NextLabel = r.Segment, label(r.Segment), r.Next, label(r.Next)
	d.Margin, d.Offset = Number(r.Margin), Number(r.Offset)
	for _, f := range r.Factors {
		d.Contributions = append(d.Contributions, WhyFactor{f.Column, Number(f.Value), Number(f.Centre), Number(f.NextCentre), Number(f.Contribution)})
	}
}

// startWhy loads the customers, and loads or fits the segmentation.
func (s *Service) startWhy(ctx context.Context, r WhyRequest) (*explanation, *segment.Model, error) {
	if r.Model == "" {
		return s.fitWhy(ctx, r)
	}
	m, err := loadModel(ctx, r.Model)
	if err != nil {
		return nil, nil, err
	}
	in, err := s.openFor(r.Data, s.csvOf(s.assignedKinds(m)))
	if err != nil {
		return nil, nil, err
	}
	x := &explanation{in: in, id: s.config.Features.IDColumn}
	x.about.Model, x.about.Notes = s.show(r.Model), in.notes
	if x.table, err = datasource.Load(ctx, in.source); err != nil {
		return nil, nil, in.fault(err)
	}
	if x.id == "" {
		x.id = datasource.InferSchema(x.table).ID
	}
	return x, m, nil
}

func (s *Service) fitWhy(ctx context.Context, r WhyRequest) (*explanation, *segment.Model, error) {
	if err := s.checkSegmentation(); err != nil {
		return nil, nil, err
	}
	in, err := s.open(r.Data)
	if err != nil {
		return nil, nil, err
	}
	a, err := cohortlens.Segment(ctx, in.source, s.analysis(previous{}))
	if err != nil {
		return nil, nil, in.fault(err)
	}
	x := &explanation{in: in, table: a.Table, id: a.IDColumn}
	x.about.Notes = notes(in, a, a.Segmentation.Notes)
	return x, a.Segmentation.Model, nil
}
