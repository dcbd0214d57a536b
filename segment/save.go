package segment

import (
	"context"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/cohortlens/cohortlens/internal/modelfile"
)

// MaxModelBytes is the greatest size of a model file. K-means and mixtures need
// some kilobytes. DBSCAN keeps the distinct core rows, at about 20 bytes for each
// of their values: 400,000 of them at three features.
const MaxModelBytes = 24 << 20

const (
	modelFormat  = "cohortlens.segment"
	modelVersion = 1
)

// savedModel is the body of a model file of version 1. Rows are in scaled units,
// features in order of name, segments in order of ID.
type savedModel struct {
	Algorithm Algorithm      `json:"algorithm"`
	Features  []savedFeature `json:"features"`
	Centres   [][]float64    `json:"centres"`
	Mixture   *savedMixture  `json:"mixture,omitempty"`
	Density   *savedDensity  `json:"density,omitempty"`
	Segments  []savedSegment `json:"segments"`
}

type savedFeature struct {
	Name string  `json:"name"`
	Mean float64 `json:"mean"`
	Std  float64 `json:"std"`
}

// savedMixture has what the components have beside their means, which are the
// centres of their segments.
type savedMixture struct {
	Covariance Covariance `json:"covariance"`
	// Segments has the segment of each component.
	Segments []int     `json:"segments"`
	Weights  []float64 `json:"weights"`
	// Covariances has one block for each component, one for all if tied: d x d
	// values if full or tied, d if diagonal, one if spherical.
	Covariances [][]float64 `json:"covariances"`
}

// savedDensity has the distinct core rows, end to end in canonical order, and
// their segments.
type savedDensity struct {
	Epsilon  float64   `json:"epsilon"`
	Core     []float64 `json:"core"`
	Segments []int32   `json:"segments"`
}

// The saved forms of descriptions have the fields of the types that they are
// converted from.
type savedSegment struct {
	Label          string            `json:"label"`
	Size           int               `json:"size"`
	Share          float64           `json:"share"`
	Columns        []savedSummary    `json:"columns,omitempty"`
	Categories     []savedCategories `json:"categories,omitempty"`
	Recommendation string            `json:"recommendation,omitempty"`
}

type savedSummary struct {
	Column  string  `json:"column"`
	Mean    float64 `json:"mean"`
	Std     float64 `json:"std"`
	Overall float64 `json:"overall"`
	Z       float64 `json:"z"`
	Feature bool    `json:"feature"`
}

type savedCategories struct {
	Column string       `json:"column"`
	Top    []savedLevel `json:"top,omitempty"`
}

type savedLevel struct {
	Level   string  `json:"level"`
	Share   float64 `json:"share"`
	Overall float64 `json:"overall"`
}

// Save writes the model as one line of JSON, from which [Load] makes a model that
// gives the same answers to the last bit. It holds no row of the table but, for
// DBSCAN, the distinct core rows. Nothing is written when the model needs more
// than [MaxModelBytes], when the name of a feature is not valid UTF-8, or when ctx
// ends before.
func (m *Model) Save(ctx context.Context, w io.Writer) error {
	for _, name := range m.scaler.columns {
		if !utf8.ValidString(name) {
			return fmt.Errorf("segment: saving a model: the name of feature %q is not valid UTF-8", name)
		}
	}
	if err := modelfile.Write(ctx, w, modelFormat, modelVersion, MaxModelBytes, m.saved()); err != nil {
		return fmt.Errorf("segment: saving a model: %w", err)
	}
	return nil
}

func (m *Model) saved() savedModel {
	d := len(m.scaler.columns)
	s := savedModel{
		Algorithm: m.algorithm, Features: make([]savedFeature, d),
		Centres: blocks(m.centres, m.K()), Segments: savedSegments(m.segments),
	}
	for j, name := range m.scaler.columns {
		s.Features[j] = savedFeature{name, m.scaler.mean[j], m.scaler.std[j]}
	}
	switch r := m.rule.(type) {
	case *mostLikely:
		shapes := r.k
		if r.shape == TiedCovariance {
			shapes = 1
		}
		s.Mixture = &savedMixture{r.shape, r.ids, r.weights, blocks(r.covariances, shapes)}
	case *nearestCore:
		s.Density = r.saved(d)
	}
	return s
}

// blocks cuts values into n slices of equal length.
func blocks(values []float64, n int) [][]float64 {
	out := make([][]float64, n)
	for i := range out {
		size := len(values) / n
		out[i] = values[i*size : (i+1)*size : (i+1)*size]
	}
	return out
}

// saved leaves out core rows that equal the one before. They stand in canonical
// order, and only the first of equals ever counts.
func (r *nearestCore) saved(d int) *savedDensity {
	s := &savedDensity{Epsilon: r.epsilon, Core: []float64{}, Segments: []int32{}}
	points := r.index.Points()
	for i, label := range r.labels {
		row := points[i*d : (i+1)*d]
		if i == 0 || !slices.Equal(row, points[(i-1)*d:i*d]) {
			s.Core, s.Segments = append(s.Core, row...), append(s.Segments, label)
		}
	}
	return s
}

func savedSegments(segments []Segment) []savedSegment {
	out := make([]savedSegment, len(segments))
	for i, s := range segments {
		out[i] = savedSegment{Label: s.Label, Size: s.Size, Share: s.Share, Recommendation: s.Recommendation}
		for _, c := range s.Columns {
			out[i].Columns = append(out[i].Columns, savedSummary(c))
		}
		for _, c := range s.Categories {
			saved := savedCategories{Column: c.Column}
			for _, level := range c.Top {
				saved.Top = append(saved.Top, savedLevel(level))
			}
			out[i].Categories = append(out[i].Categories, saved)
		}
	}
	return out
}
