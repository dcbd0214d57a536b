package segment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/cohortlens/cohortlens/internal/kdtree"
	"github.com/cohortlens/cohortlens/internal/modelfile"
)

// Load reads a model that [Model.Save] wrote, up to the end of r. It trusts no
// byte: a file that is damaged, too large or of a newer version gives an error,
// and so does any figure that no fit can have made. The error names the field.
// Memory is bounded by a small multiple of the bytes that were read, at most
// [MaxModelBytes].
func Load(ctx context.Context, r io.Reader) (*Model, error) {
	_, body, err := modelfile.Read(ctx, r, modelFormat, modelVersion, MaxModelBytes)
	if err != nil {
		return nil, fmt.Errorf("segment: loading a model: %w", err)
	}
	var s savedModel
	if err := modelfile.Decode(body, &s); err != nil {
		return nil, fmt.Errorf("segment: loading a model: %w", err)
	}
	m, err := s.model(ctx)
	if err != nil {
		return nil, fmt.Errorf("segment: loading a model: %w", err)
	}
	return m, nil
}

// model validates what was read. JSON itself excludes NaN and infinities.
func (s *savedModel) model(ctx context.Context) (*Model, error) {
	m := &Model{algorithm: s.Algorithm}
	var err error
	if m.scaler, err = s.scaler(); err != nil {
		return nil, err
	}
	if m.centres, err = s.joinedCentres(m.scaler); err != nil {
		return nil, err
	}
	if m.segments, err = s.descriptions(); err != nil {
		return nil, err
	}
	m.rule, err = s.rule(ctx, m.centres)
	return m, err
}

func (s *savedModel) scaler() (*Scaler, error) {
	if len(s.Features) == 0 {
		return nil, errors.New("features: must be at least one, got none")
	}
	out := &Scaler{}
	for j, f := range s.Features {
		switch {
		case f.Name == "":
			return nil, fmt.Errorf("features[%d].name: must not be empty", j)
		case j > 0 && f.Name <= s.Features[j-1].Name:
			return nil, fmt.Errorf("features[%d].name: must come after %q in order of name, got %q", j, s.Features[j-1].Name, f.Name)
		case f.Std <= 0:
			return nil, fmt.Errorf("features[%d].std: must be more than 0, got %v", j, f.Std)
		}
		out.columns = append(out.columns, f.Name)
		out.mean, out.std = append(out.mean, f.Mean), append(out.std, f.Std)
	}
	return out, nil
}

func (s *savedModel) joinedCentres(scaler *Scaler) ([]float64, error) {
	if len(s.Centres) != len(s.Segments) {
		return nil, fmt.Errorf("centres: must be as many as segments, %d, got %d", len(s.Segments), len(s.Centres))
	}
	out, err := joined("centres", s.Centres, len(s.Features))
	if err != nil {
		return nil, err
	}
	for i, v := range out {
		j := i % len(s.Features)
		if math.IsInf(v*scaler.std[j]+scaler.mean[j], 0) {
			return nil, fmt.Errorf("centres[%d][%d]: %v is too large for a standard deviation of %v", i/len(s.Features), j, v, scaler.std[j])
		}
	}
	return out, nil
}

// joined puts slices, which must all have the given size, end to end.
func joined(name string, parts [][]float64, size int) ([]float64, error) {
	var out []float64
	for i, part := range parts {
		if len(part) != size {
			return nil, fmt.Errorf("%s[%d]: must have %d values, got %d", name, i, size, len(part))
		}
		out = append(out, part...)
	}
	return out, nil
}

// descriptions checks what a reader relies on: segments from the largest to the
// smallest, shares from 0 to 1, names that are there.
func (s *savedModel) descriptions() ([]Segment, error) {
	out := make([]Segment, len(s.Segments))
	for i, one := range s.Segments {
		switch {
		case one.Label == "":
			return nil, fmt.Errorf("segments[%d].label: must not be empty", i)
		case one.Size < 0 || i > 0 && one.Size > s.Segments[i-1].Size:
			return nil, fmt.Errorf("segments[%d].size: must be from 0 to that of the segment before, got %d", i, one.Size)
		case one.Share < 0 || one.Share > 1:
			return nil, fmt.Errorf("segments[%d].share: must be from 0 to 1, got %v", i, one.Share)
		}
		out[i] = Segment{ID: i, Label: one.Label, Size: one.Size, Share: one.Share, Recommendation: one.Recommendation}
		for _, c := range one.Columns {
			out[i].Columns = append(out[i].Columns, Summary(c))
		}
		for _, c := range one.Categories {
			loaded := CategorySummary{Column: c.Column}
			for _, level := range c.Top {
				loaded.Top = append(loaded.Top, LevelShare(level))
			}
			out[i].Categories = append(out[i].Categories, loaded)
		}
	}
	return out, nil
}

// rule returns the rule of the algorithm, which must have its own part and no
// other.
func (s *savedModel) rule(ctx context.Context, centres []float64) (rule, error) {
	switch {
	case (s.Mixture != nil) != (s.Algorithm == GMM):
		return nil, fmt.Errorf("mixture: must be there for algorithm %q only, got algorithm %q", GMM, s.Algorithm)
	case (s.Density != nil) != (s.Algorithm == DBSCAN):
		return nil, fmt.Errorf("density: must be there for algorithm %q only, got algorithm %q", DBSCAN, s.Algorithm)
	case len(s.Centres) == 0 && s.Algorithm != DBSCAN:
		return nil, errors.New("segments: must be at least one, got none")
	}
	switch s.Algorithm {
	case KMeans:
		return &nearestCentre{centres}, nil
	case GMM:
		return s.Mixture.rule(centres, len(s.Features))
	case DBSCAN:
		return s.Density.rule(ctx, len(s.Centres), len(s.Features))
	}
	return nil, fmt.Errorf("algorithm: must be one of %q, got %q", []Algorithm{KMeans, GMM, DBSCAN}, s.Algorithm)
}

func (s *savedDensity) rule(ctx context.Context, k, d int) (rule, error) {
	if s.Epsilon <= 0 {
		return nil, fmt.Errorf("density.epsilon: must be more than 0, got %v", s.Epsilon)
	}
	if len(s.Core) != len(s.Segments)*d {
		return nil, fmt.Errorf("density.core: must have %d values for each of %d segments listed, got %d", d, len(s.Segments), len(s.Core))
	}
	for i, id := range s.Segments {
		if id < 0 || int(id) >= k {
			return nil, fmt.Errorf("density.segments[%d]: must be from 0 to %d, got %d", i, k-1, id)
		}
	}
	index, err := kdtree.Build(ctx, 0, s.Core, d)
	return &nearestCore{s.Epsilon, index, s.Segments}, err
}
