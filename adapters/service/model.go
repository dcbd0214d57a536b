package service

import (
	"context"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/segment"
)

// loadModel reads a segmentation that was saved.
func loadModel(ctx context.Context, path string) (*segment.Model, error) {
	return readSaved(ctx, path, "model", saveSegmentation, segment.Load)
}

// previous is a saved segmentation to compare with. The zero value is none.
type previous struct {
	name  string
	model *segment.Model
}

// loadPrevious reads the model to compare with, none for an empty path.
func (s *Service) loadPrevious(ctx context.Context, path string) (previous, error) {
	if path == "" {
		return previous{}, nil
	}
	m, err := loadModel(ctx, path)
	return previous{s.show(path), m}, err
}

// features are the columns that the comparison needs.
func (p previous) features() []string {
	if p.model == nil {
		return nil
	}
	return p.model.Scaler().Columns()
}

// Migration says how the segments stand to those of a previous model, which
// assigns the same customers.
type Migration struct {
	// Previous is the file of the previous model, PreviousSegments what it
	// makes of the customers.
	Previous         string            `json:"previous"`
	PreviousSegments []PreviousSegment `json:"previous_segments"`
	// Matrix counts the customers of each pair: a row for each previous
	// segment, a column for each new one, the last of each for customers
	// without a segment.
	Matrix [][]int `json:"matrix"`
	// Matched has for each previous segment the new one that continues it, -1
	// if none does.
	Matched []int `json:"matched"`
	// Moved counts the customers who are not in the segment that continues
	// their previous one.
	Moved      int    `json:"moved"`
	MovedShare Number `json:"moved_share"`
}

// PreviousSegment is a segment of the previous model, with the number of today's
// customers that it would have.
type PreviousSegment struct {
	ID    int    `json:"id"`
	Label string `json:"label"`
	Size  int    `json:"size"`
}

func newMigration(a *cohortlens.Analysis, name string) *Migration {
	m := a.Segmentation.Migration
	if m == nil {
		return nil
	}
	d := &Migration{
		Previous: name, PreviousSegments: []PreviousSegment{}, Matrix: m.Counts, Matched: orEmpty(m.Matches),
		Moved: len(m.Current) - m.Stayed, MovedShare: Number(1 - m.StayedShare()),
	}
	for i, g := range a.PreviousSegments {
		size := 0
		for _, n := range m.Counts[i] {
			size += n
		}
		d.PreviousSegments = append(d.PreviousSegments, PreviousSegment{g.ID, g.Label, size})
	}
	return d
}
