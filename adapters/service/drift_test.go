package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/adapters/config"
)

// drifting has customers whose ages start at some year, and an unusual column.
func drifting(first int) string {
	var b strings.Builder
	b.WriteString("ID,Age,\"<b>\nIncome\",Town\n")
	for i := range 60 {
		fmt.Fprintf(&b, "%03d,%d,%d,%s\n", i, first+i%40, 1000+i*37%200, []string{"Ulm", "Bonn", ""}[i%3])
	}
	return b.String()
}

func baseline(t *testing.T, r DriftRequest, change func(*config.Config)) (*Service, string) {
	t.Helper()
	s := newService(t, Options{}, change)
	r.Data, r.Baseline = writeFile(t, "old.csv", drifting(20)), filepath.Join(t.TempDir(), "b.json")
	if _, err := s.SaveBaseline(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	return s, r.Baseline
}

func TestDriftDocument(t *testing.T) {
	s, path := baseline(t, DriftRequest{}, nil)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.CheckDrift(context.Background(), DriftRequest{Data: writeFile(t, "new.csv", drifting(50)), Baseline: path})
	if err != nil {
		t.Fatal(err)
	}
	if !d.DriftDetected || d.NumFeaturesChecked != 3 || d.NumFeaturesDrifted != 1 || d.WorstFirst[0] != "Age" {
		t.Errorf("got %+v", d)
	}
	if f := d.Features["Town"]; len(f.Levels) != 2 || f.Histogram != nil || f.BaselineMissing < 0.3 || f.DriftDetected {
		t.Errorf("town: %+v", f)
	}
	if f := d.Features["Age"]; math.Abs(float64(f.CurrentMean-f.BaselineMean)-30) > 1e-9 || f.Levels != nil || len(f.Histogram) == 0 {
		t.Errorf("age: %+v", f)
	}
	if d.Joint.Verdict != "drifted" || len(d.Joint.Telling) == 0 || d.Joint.Telling[0] != "Age" {
		t.Errorf("joint: %+v", d.Joint)
	}
	if _, err := json.Marshal(d); err != nil {
		t.Error(err)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the baseline was changed (%v)", err)
	}
}

func TestDriftBySegmentsOfAColumn(t *testing.T) {
	byTown := func(c *config.Config) { c.Drift.Segments = "Town" }
	s, path := baseline(t, DriftRequest{}, byTown)
	data := writeFile(t, "new.csv", drifting(50))
	d, err := s.CheckDrift(context.Background(), DriftRequest{Data: data, Baseline: path})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Segments) != 2 || d.Segments[0].Columns[0].Column != "Age" || d.Segments[0].Verdict != "drifted" {
		t.Errorf("got %+v", d.Segments)
	}
	_, plain := baseline(t, DriftRequest{}, nil)
	_, err = s.CheckDrift(context.Background(), DriftRequest{Data: data, Baseline: plain})
	var input *InputError
	if !errors.As(err, &input) || !errors.Is(err, cohortlens.ErrSegments) || !strings.Contains(input.Hint, "save it again") {
		t.Errorf("a baseline without segments: %v", err)
	}
}

func TestDriftWithoutBaseline(t *testing.T) {
	s := newService(t, Options{}, nil)
	d, err := s.CheckDrift(context.Background(), DriftRequest{Data: writeFile(t, "new.csv", drifting(50))})
	if err != nil {
		t.Fatal(err)
	}
	if d.DriftDetected || d.Features != nil || len(d.FeatureStats) != 3 || d.FeatureStats["Town"].Missing != 20 {
		t.Errorf("got %+v", d)
	}
}

func TestReportTakesTheConfiguredBaseline(t *testing.T) {
	_, path := baseline(t, DriftRequest{}, nil)
	data := writeFile(t, "new.csv", drifting(50))
	for place, want := range map[string]bool{path: true, filepath.Join(t.TempDir(), "none.json"): false} {
		s := newService(t, Options{}, func(c *config.Config) {
			twoClusters(c)
			c.Drift.Baseline = place
		})
		d, err := s.Report(context.Background(), ReportRequest{Data: data, Output: filepath.Join(t.TempDir(), "r.html")})
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Drift != nil; got != want {
			t.Errorf("%s: drift %t, want %t", place, got, want)
		}
	}
}
