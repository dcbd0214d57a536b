package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/segment"
)

// AssignRequest asks for the segments of customers, by a saved model.
type AssignRequest struct {
	// Model is a file that [Service.Segment] saved.
	Model string
	// Customers is a CSV file, "-" for standard input, or the URL of a database.
	// It needs the columns that the model segments by. A file or database is read
	// in batches, so that it may be larger than memory; standard input is held as
	// text, to find the kinds of its columns.
	Customers string
	// Out, if not empty, is the CSV file to write, as in [SegmentRequest].
	// Without it, the assignments are in the document.
	Out       string
	ExcelSafe bool
}

// AssignDocument is the answer to an [AssignRequest]. Noise counts the customers
// who have all values and belong to no segment, Incomplete those who lack one;
// both have cluster -1.
type AssignDocument struct {
	Source      string            `json:"source"`
	Model       string            `json:"model"`
	Algorithm   string            `json:"algorithm"`
	K           int               `json:"k"`
	Features    []string          `json:"features"`
	Rows        int               `json:"rows"`
	Noise       int               `json:"noise"`
	Incomplete  int               `json:"incomplete"`
	Segments    []AssignedSegment `json:"segments"`
	Notes       []string          `json:"notes"`
	Out         string            `json:"out,omitempty"`
	Assignments []Assignment      `json:"assignments,omitempty"`
}

// AssignedSegment counts the customers who were assigned to a segment. Label and
// Recommendation are those of the customers that the model was fitted on.
type AssignedSegment struct {
	ID             int    `json:"id"`
	Label          string `json:"label"`
	Size           int    `json:"size"`
	Share          Number `json:"share"`
	Recommendation string `json:"recommendation"`
}

// Assign finds the segments of customers without fitting anything.
func (s *Service) Assign(ctx context.Context, r AssignRequest) (*AssignDocument, error) {
	m, err := loadModel(ctx, r.Model)
	if err != nil {
		return nil, err
	}
	in, err := s.openNamed(r.Customers, s.csvOf(s.assignedKinds(m)))
	if err != nil {
		return nil, err
	}
	if err := s.checkOutput(r.Out, file{"data", in.path}, file{"model", r.Model}); err != nil {
		return nil, err
	}
	a := &assignment{model: m, in: in, id: s.config.Features.IDColumn, document: newAssignDocument(m)}
	a.document.Source, a.document.Model = in.name, s.show(r.Model)
	if err := s.assign(ctx, r, a); err != nil {
		return nil, err
	}
	a.conclude()
	return a.document, nil
}

// assignedKinds returns the columns that customers must have, and their kinds.
func (s *Service) assignedKinds(m *segment.Model) map[string]datasource.Kind {
	kinds := make(map[string]datasource.Kind)
	if id := s.config.Features.IDColumn; id != "" {
		kinds[id] = datasource.Text
	}
	for _, name := range m.Scaler().Columns() {
		kinds[name] = datasource.Numeric
	}
	return kinds
}

// assign brings the customers to a file, or else into the document.
func (s *Service) assign(ctx context.Context, r AssignRequest, a *assignment) error {
	if r.Out == "" {
		return a.each(ctx, func(b batch) error {
			a.document.Assignments = append(a.document.Assignments, b.assignments(a.id)...)
			return nil
		})
	}
	a.document.Out = s.show(r.Out)
	var files outbox
	defer files.discard()
	if err := a.write(ctx, &files, r.Out, r.ExcelSafe); err != nil {
		return err
	}
	return files.commit(ctx)
}

// assignment is an [AssignRequest] under way.
type assignment struct {
	model *segment.Model
	in    input
	// id is the column that identifies customers, "" for none.
	id       string
	document *AssignDocument
}

func newAssignDocument(m *segment.Model) *AssignDocument {
	d := &AssignDocument{
		Algorithm: string(m.Algorithm()), K: m.K(), Features: m.Scaler().Columns(),
		Segments: []AssignedSegment{}, Notes: []string{},
	}
	for _, g := range m.Segments() {
		d.Segments = append(d.Segments, AssignedSegment{ID: g.ID, Label: g.Label, Recommendation: g.Recommendation})
	}
	return d
}

// batch is a part of the customers and their clusters. The probabilities are
// those of a mixture, nil for other models.
type batch struct {
	segment.Assigned
	probabilities [][]float64
	incomplete    []bool
}

// write brings the customers to a CSV file.
func (a *assignment) write(ctx context.Context, files *outbox, path string, excelSafe bool) error {
	return files.write(path, func(w io.Writer) error {
		out := csvBatches{w: w, excelSafe: excelSafe}
		return a.each(ctx, func(b batch) error {
			t, err := b.table(a.id, a.model)
			if err != nil {
				return err
			}
			return out.write(t)
		})
	})
}

// each assigns the customers batch by batch and counts.
func (a *assignment) each(ctx context.Context, do func(batch) error) error {
	first := true
	for assigned, err := range a.model.AssignBatches(ctx, a.in.source) {
		if err != nil {
			return a.in.fault(err)
		}
		if first {
			a.identify(assigned.Table)
			first = false
		}
		b, err := a.count(assigned)
		if err != nil {
			return asInput(err)
		}
		if err := do(b); err != nil {
			return err
		}
	}
	if a.document.Rows == 0 {
		return a.in.fault(errors.New("there are no rows to assign"))
	}
	return nil
}

// identify finds the column that identifies customers unless it is configured.
func (a *assignment) identify(t *datasource.Table) {
	if a.id == "" {
		a.id = datasource.InferSchema(t).ID
	}
	if a.id == "" {
		a.document.Notes = append(a.document.Notes, noIDNote)
	}
}

func (a *assignment) count(assigned segment.Assigned) (batch, error) {
	b := batch{Assigned: assigned, incomplete: make([]bool, len(assigned.Labels))}
	for _, name := range a.document.Features {
		c, err := b.Table.NumericColumn(name)
		if err != nil {
			return b, err
		}
		for row, v := range c.Floats() {
			b.incomplete[row] = b.incomplete[row] || math.IsNaN(v)
		}
	}
	d := a.document
	d.Rows += len(b.Labels)
	for row, cluster := range b.Labels {
		switch {
		case cluster != segment.Noise:
			d.Segments[cluster].Size++
		case b.incomplete[row]:
			d.Incomplete++
		default:
			d.Noise++
		}
	}
	var err error
	if a.model.Algorithm() == segment.GMM {
		b.probabilities, err = a.model.Probabilities(b.Table)
	}
	return b, err
}

// conclude fills what is known once all customers are.
func (a *assignment) conclude() {
	d := a.document
	for i := range d.Segments {
		d.Segments[i].Share = Number(float64(d.Segments[i].Size) / float64(max(1, d.Rows)))
	}
	if d.Incomplete > 0 {
		d.Notes = append(d.Notes, fmt.Sprintf("Customers who lack a value that the model needs: %d of %d. Their cluster is -1.", d.Incomplete, d.Rows))
	}
}

func (b batch) assignments(id string) []Assignment {
	name := customerID(b.Table, id)
	out := make([]Assignment, len(b.Labels))
	for row, cluster := range b.Labels {
		out[row] = Assignment{CustomerID: name(row), Cluster: cluster}
		if b.probabilities != nil && cluster != segment.Noise {
			out[row].Probabilities = numbers(b.probabilities[row])
		}
	}
	return out
}

// table has the columns of [SegmentRequest.Out].
func (b batch) table(id string, m *segment.Model) (*datasource.Table, error) {
	labels := labelsOf(b.Labels, m.Segments())
	for row, incomplete := range b.incomplete {
		if incomplete {
			labels[row] = incompleteLabel
		}
	}
	list := segmentColumns(b.Table, id, b.Labels, labels)
	if b.probabilities != nil {
		list = append(list, probabilities(b.Labels, b.probabilities))
	}
	return widened(b.Table, id, list)
}
