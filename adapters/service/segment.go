package service

import (
	"context"
	"strconv"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/segment"
)

// SegmentRequest asks for a segmentation.
type SegmentRequest struct {
	// Data is a CSV file, "-" for standard input, or "" for the configured
	// file or the sample.
	Data string
	// Out, if not empty, is the CSV file to write: customer_id, cluster and
	// label of each customer, then the other columns of the table.
	Out string
	// ExcelSafe writes an apostrophe before text that a spreadsheet would take
	// for a formula.
	ExcelSafe bool
}

// SegmentDocument is the answer to a [SegmentRequest].
type SegmentDocument struct {
	Source      string             `json:"source"`
	SampleData  bool               `json:"sample_data"`
	Algorithm   string             `json:"algorithm"`
	K           int                `json:"k"`
	Silhouette  Number             `json:"silhouette"`
	Rows        int                `json:"rows"`
	Noise       int                `json:"noise"`
	Features    []string           `json:"features"`
	Scores      []Score            `json:"scores"`
	Segments    []Segment          `json:"segments"`
	Structure   Structure          `json:"structure"`
	Separation  []Separation       `json:"separation"`
	Quality     datasource.Quality `json:"quality"`
	Notes       []string           `json:"notes"`
	Out         string             `json:"out,omitempty"`
	Assignments []Assignment       `json:"assignments"`
}

// Score is the quality of the best partition into K segments.
type Score struct {
	K          int    `json:"k"`
	Silhouette Number `json:"silhouette"`
	Inertia    Number `json:"inertia"`
}

// Segment is one group of customers. Means has the mean of each numeric column;
// TopCategories the most frequent levels of each categorical one.
type Segment struct {
	ID             int                     `json:"id"`
	Label          string                  `json:"label"`
	Size           int                     `json:"size"`
	Share          Number                  `json:"share"`
	Means          map[string]Number       `json:"means"`
	TopCategories  map[string][]LevelShare `json:"top_categories"`
	Recommendation string                  `json:"recommendation"`
}

// LevelShare is the share of a segment's customers that have a level.
type LevelShare struct {
	Level string `json:"level"`
	Share Number `json:"share"`
}

// Structure says whether the data has segments at all.
type Structure struct {
	Verdict       string `json:"verdict"`
	Evidence      string `json:"evidence"`
	ReferenceMean Number `json:"reference_mean"`
	PValue        Number `json:"p_value"`
}

// Separation is the share of a feature's variance that lies between segments.
type Separation struct {
	Feature string `json:"feature"`
	Share   Number `json:"share"`
}

// Assignment says to which segment a customer belongs. CustomerID is the line of
// the file when the table has no ID column.
type Assignment struct {
	CustomerID string `json:"customer_id"`
	Cluster    int    `json:"cluster"`
}

// Segment segments the customers.
func (s *Service) Segment(ctx context.Context, r SegmentRequest) (*SegmentDocument, error) {
	in, err := s.open(r.Data)
	if err != nil {
		return nil, err
	}
	if err := in.keeps(r.Out); err != nil {
		return nil, err
	}
	a, err := cohortlens.Segment(ctx, in.source, s.analysis())
	if err != nil {
		return nil, asInput(err)
	}
	document := newSegmentDocument(in, a)
	if r.Out == "" {
		return document, nil
	}
	document.Out = s.show(r.Out)
	table, err := segmentTable(a)
	if err != nil {
		return nil, err
	}
	return document, s.export(ctx, r.Out, table, r.ExcelSafe)
}

func newSegmentDocument(in input, a *cohortlens.Analysis) *SegmentDocument {
	r := a.Segmentation
	d := &SegmentDocument{
		Source: in.name, SampleData: in.sample,
		Algorithm: string(r.Algorithm), K: len(r.Segments), Silhouette: Number(r.Silhouette), Rows: len(r.Labels), Noise: r.Noise,
		Features: []string{}, Scores: []Score{}, Segments: make([]Segment, len(r.Segments)),
		Structure: Structure{
			Verdict: string(r.Structure.Verdict), Evidence: r.Structure.Evidence,
			ReferenceMean: Number(r.Structure.ReferenceMean), PValue: Number(r.Structure.PValue),
		},
		Separation: []Separation{}, Quality: a.Quality, Notes: notes(in, a, r.Notes),
		Assignments: make([]Assignment, len(r.Labels)),
	}
	for _, score := range r.Scores {
		d.Scores = append(d.Scores, Score{score.K, Number(score.Silhouette), Number(score.Inertia)})
	}
	for i, g := range r.Segments {
		d.Segments[i] = newSegment(g)
	}
	for _, f := range r.Separation {
		d.Separation = append(d.Separation, Separation{f.Column, Number(f.Share)})
		d.Features = append(d.Features, f.Column)
	}
	id := customerID(a.Table, a.IDColumn)
	for row, label := range r.Labels {
		d.Assignments[row] = Assignment{id(row), label}
	}
	return d
}

func newSegment(g segment.Segment) Segment {
	out := Segment{
		ID: g.ID, Label: g.Label, Size: g.Size, Share: Number(g.Share), Recommendation: g.Recommendation,
		Means: make(map[string]Number, len(g.Columns)), TopCategories: make(map[string][]LevelShare, len(g.Categories)),
	}
	for _, c := range g.Columns {
		out.Means[c.Column] = Number(c.Mean)
	}
	for _, c := range g.Categories {
		top := make([]LevelShare, len(c.Top))
		for i, l := range c.Top {
			top[i] = LevelShare{l.Level, Number(l.Share)}
		}
		out.TopCategories[c.Column] = top
	}
	return out
}

// customerID returns what identifies the customer of a row: the ID, or the line
// of the file where there is no ID column.
func customerID(t *datasource.Table, column string) func(row int) string {
	c, err := t.Column(column)
	if err != nil {
		return func(row int) string { return strconv.Itoa(t.Line(row)) }
	}
	return c.Cell
}

// notes gathers what a reader should know, beside the quality of the data.
func notes(in input, a *cohortlens.Analysis, more []string) []string {
	list := append([]string{}, in.notes...)
	if a.IDColumn == "" {
		list = append(list, "The table has no ID column: customer_id is the line of the file.")
	}
	return append(list, more...)
}
