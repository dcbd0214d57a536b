package service

import (
	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/segment"
)

// SegmentDocument is the answer to a [SegmentRequest].
type SegmentDocument struct {
	Source     string `json:"source"`
	SampleData bool   `json:"sample_data"`
	Algorithm  string `json:"algorithm"`
	K          int    `json:"k"`
	// Criterion is what K was chosen by, "" when it was given or found.
	Criterion  string `json:"criterion,omitempty"`
	Silhouette Number `json:"silhouette"`
	// SilhouetteError is the standard error of a silhouette that was measured
	// on drawn rows, 0 for an exact one.
	SilhouetteError Number             `json:"silhouette_error"`
	Rows            int                `json:"rows"`
	Noise           int                `json:"noise"`
	Features        []string           `json:"features"`
	Scores          []Score            `json:"scores"`
	Segments        []Segment          `json:"segments"`
	Structure       Structure          `json:"structure"`
	Separation      []Separation       `json:"separation"`
	Mixture         *Mixture           `json:"mixture,omitempty"`
	Stream          *StreamFit         `json:"stream,omitempty"`
	Stability       []Stability        `json:"stability,omitempty"`
	Migration       *Migration         `json:"migration,omitempty"`
	Quality         datasource.Quality `json:"quality"`
	Notes           []string           `json:"notes"`
	Out             string             `json:"out,omitempty"`
	Model           string             `json:"model,omitempty"`
	Assignments     []Assignment       `json:"assignments"`
}

// Score is the quality of the best partition into K segments. The measures that
// the partition does not have are left out: those of separation need two
// segments, the criteria a mixture.
type Score struct {
	K                int     `json:"k"`
	Silhouette       Number  `json:"silhouette"`
	Inertia          Number  `json:"inertia"`
	DaviesBouldin    *Number `json:"davies_bouldin,omitempty"`
	CalinskiHarabasz *Number `json:"calinski_harabasz,omitempty"`
	BIC              *Number `json:"bic,omitempty"`
	AIC              *Number `json:"aic,omitempty"`
}

// Mixture says how the fit of a Gaussian mixture ended. LogLikelihood is the
// mean over the customers.
type Mixture struct {
	Covariance    string `json:"covariance"`
	LogLikelihood Number `json:"log_likelihood"`
	BIC           Number `json:"bic"`
	AIC           Number `json:"aic"`
	Iterations    int    `json:"iterations"`
	Converged     bool   `json:"converged"`
}

// Stability says whether a segment is found again when the customers are drawn
// anew: the mean Jaccard similarity with the segment most like it, and the share
// of draws in which it was lost.
type Stability struct {
	Segment   int    `json:"segment"`
	Jaccard   Number `json:"jaccard"`
	Dissolved Number `json:"dissolved"`
	Verdict   string `json:"verdict"`
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

// Assignment says to which segment a customer belongs, -1 for none. CustomerID
// is the line of the file when the table has no ID column. Probabilities are
// those of each segment, by a mixture; PreviousCluster is that of a previous
// model.
type Assignment struct {
	CustomerID      string   `json:"customer_id"`
	Cluster         int      `json:"cluster"`
	Probabilities   []Number `json:"probabilities,omitempty"`
	PreviousCluster *int     `json:"previous_cluster,omitempty"`
}

func newSegmentDocument(in input, a *cohortlens.Analysis, by segment.Criterion, before previous) *SegmentDocument {
	r := a.Segmentation
	d := &SegmentDocument{
		Source: in.name, SampleData: in.sample,
		Algorithm: string(r.Algorithm), K: len(r.Segments), Rows: len(r.Labels), Noise: r.Noise,
		Silhouette: Number(r.Silhouette), SilhouetteError: Number(r.SilhouetteError),
		Features: []string{}, Scores: newScores(r.Scores, r.Mixture != nil), Segments: newSegments(r.Segments),
		Structure: newStructure(r.Structure), Stability: newStability(r.Stability),
		Separation: []Separation{}, Mixture: newMixture(r.Mixture), Migration: newMigration(a, before.name),
		Quality: a.Quality, Notes: notes(in, a, r.Notes),
		Assignments: newAssignments(a),
	}
	if len(r.Scores) > 1 {
		d.Criterion = string(by)
	}
	for _, f := range r.Separation {
		d.Separation = append(d.Separation, Separation{f.Column, Number(f.Share)})
		d.Features = append(d.Features, f.Column)
	}
	return d
}

func newStructure(s segment.Structure) Structure {
	return Structure{string(s.Verdict), s.Evidence, Number(s.ReferenceMean), Number(s.PValue)}
}

func newStability(list []segment.Stability) []Stability {
	var out []Stability
	for _, s := range list {
		out = append(out, Stability{s.Segment, Number(s.Jaccard), Number(s.Dissolved), string(s.Verdict)})
	}
	return out
}

func newScores(list []segment.Score, mixture bool) []Score {
	out := make([]Score, len(list))
	for i, s := range list {
		out[i] = Score{
			K: s.K, Silhouette: Number(s.Silhouette), Inertia: Number(s.Inertia),
			DaviesBouldin: where(s.K > 1, s.DaviesBouldin), CalinskiHarabasz: where(s.K > 1, s.CalinskiHarabasz),
			BIC: where(mixture, s.BIC), AIC: where(mixture, s.AIC),
		}
	}
	return out
}

// where returns a figure if there is one.
func where(defined bool, v float64) *Number {
	if !defined {
		return nil
	}
	n := Number(v)
	return &n
}

func newMixture(m *segment.Mixture) *Mixture {
	if m == nil {
		return nil
	}
	return &Mixture{
		Covariance: string(m.Covariance), LogLikelihood: Number(m.LogLikelihood), BIC: Number(m.BIC), AIC: Number(m.AIC),
		Iterations: m.Iterations, Converged: m.Converged,
	}
}

func newSegments(list []segment.Segment) []Segment {
	out := make([]Segment, len(list))
	for i, g := range list {
		out[i] = newSegment(g)
	}
	return out
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

func newAssignments(a *cohortlens.Analysis) []Assignment {
	r, id := a.Segmentation, customerID(a.Table, a.IDColumn)
	out := make([]Assignment, len(r.Labels))
	for row, label := range r.Labels {
		out[row] = Assignment{CustomerID: id(row), Cluster: label}
		if r.Mixture != nil {
			out[row].Probabilities = numbers(r.Mixture.Probabilities[row])
		}
		if r.Migration != nil {
			out[row].PreviousCluster = &r.Migration.Previous[row]
		}
	}
	return out
}
