package service

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/adapters/config"
)

func segmented(t *testing.T, data string, r SegmentRequest, change func(*config.Config)) *SegmentDocument {
	t.Helper()
	r.Data = writeFile(t, "data.csv", data)
	d, err := newService(t, Options{}, change).Segment(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// withNoise is twoGroups and one customer far from both.
const withNoise = twoGroups + "07,99,5000\n"

func density(c *config.Config) {
	s := &c.Models.Segmentation
	s.Algorithm, s.Eps, s.MinSamples = "dbscan", 0.3, 3
}

func TestNoiseIsMinusOne(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.csv")
	d := segmented(t, withNoise, SegmentRequest{Out: out}, density)
	if d.K != 2 || d.Noise != 1 || d.Assignments[6].Cluster != -1 || d.Criterion != "" {
		t.Errorf("got k %d, noise %d, %+v, criterion %q", d.K, d.Noise, d.Assignments[6], d.Criterion)
	}
	file, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(file), "\n07,-1,noise,99,5000\n") {
		t.Errorf("the file is\n%s", file)
	}
}

func TestMeasuresThatAreNotThereAreLeftOut(t *testing.T) {
	one := segmented(t, twoGroups, SegmentRequest{}, func(c *config.Config) { c.Models.Segmentation.Clusters = 1 }).Scores[0]
	if one.DaviesBouldin != nil || one.CalinskiHarabasz != nil || one.BIC != nil || one.AIC != nil {
		t.Errorf("one segment: got %+v", one)
	}
	two := segmented(t, twoGroups, SegmentRequest{}, twoClusters).Scores[0]
	if two.DaviesBouldin == nil || two.CalinskiHarabasz == nil || two.BIC != nil || two.AIC != nil {
		t.Errorf("k-means: got %+v", two)
	}
	mixture := segmented(t, twoGroups, SegmentRequest{}, func(c *config.Config) {
		twoClusters(c)
		c.Models.Segmentation.Algorithm, c.Models.Segmentation.Covariance = "gmm", "spherical"
	})
	if s := mixture.Scores[0]; s.BIC == nil || s.AIC == nil || *s.BIC != mixture.Mixture.BIC || *s.AIC != mixture.Mixture.AIC {
		t.Errorf("mixture: got %+v and %+v", s, mixture.Mixture)
	}
	for _, a := range mixture.Assignments {
		if p := a.Probabilities; len(p) != 2 || p[a.Cluster] < p[1-a.Cluster] {
			t.Errorf("customer %s in %d has probabilities %v", a.CustomerID, a.Cluster, p)
		}
	}
}

func TestMigration(t *testing.T) {
	dir := t.TempDir()
	model := filepath.Join(dir, "m.json")
	segmented(t, withNoise, SegmentRequest{Model: model}, density)
	// The same customers in three segments: the one who was noise has his own.
	d := segmented(t, withNoise, SegmentRequest{Previous: model, Model: model}, func(c *config.Config) { c.Models.Segmentation.Clusters = 3 })
	m := d.Migration
	if m == nil {
		t.Fatal("there is no migration")
	}
	if len(m.Matrix) != 3 || len(m.Matrix[0]) != 4 || m.Moved != 1 || m.PreviousSegments[1].Size != 3 {
		t.Errorf("got %+v", m)
	}
	if got := m.Matrix[2]; !slices.Equal(got, []int{0, 0, 1, 0}) {
		t.Errorf("who was noise is now in %v", got)
	}
	if a := d.Assignments[6]; a.PreviousCluster == nil || *a.PreviousCluster != -1 || a.Cluster != 2 {
		t.Errorf("got %+v", a)
	}
	if m, err := loadModel(t.Context(), model); err != nil || m.K() != 3 {
		t.Errorf("the model was not replaced: %v", err)
	}
	if left := tree(t, dir); len(left) != 1 {
		t.Errorf("the folder holds %q", left)
	}
}
