package storetest

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/adapters/store"
)

func testSegments(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	ann := store.Actor{User: "ann"}
	many := make([]store.SegmentAssignment, 1201)
	for i := range many {
		many[i] = store.SegmentAssignment{CustomerID: ids(len(many), "")[i], Cluster: int64(i%5 - 1)}
	}
	if err := s.SaveSegments(ctx, ann, "v1", many); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveSegments(ctx, ann, "v2", many[:1]); err != nil {
		t.Fatal(err)
	}
	got, err := s.CustomerSegments(ctx, "c0", 0)
	if err != nil || len(got) != 2 || got[0].ModelVersion != "v2" || got[1].ModelVersion != "v1" || got[1].Cluster != -1 || got[0].CreatedAt.IsZero() {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := s.CustomerSegments(ctx, "c1200", 1); err != nil || len(got) != 1 {
		t.Errorf("the last one: got %+v, %v", got, err)
	}
	for name, list := range map[string][]store.SegmentAssignment{
		"no ID":   {{CustomerID: "c0"}, {Cluster: 1}},
		"cluster": {{CustomerID: "c0"}, {CustomerID: "c1", Cluster: math.MinInt64}},
	} {
		if err := s.SaveSegments(ctx, ann, "v3", list); !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), "element 1") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if got, err := s.CustomerSegments(ctx, "c0", 1); err != nil || got[0].ModelVersion != "v2" {
		t.Errorf("half of a list was stored: %+v, %v", got, err)
	}
	intact(t, s)
}

func testPredictions(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	features := json.RawMessage(`{"age": 34, "profession": "Artist"}`)
	if err := s.SavePredictions(ctx, store.Actor{}, store.Prediction{PredictedSpending: 50, ModelVersion: "v1"}); err != nil {
		t.Fatal(err)
	}
	list := []store.Prediction{
		{CustomerID: "c1", PredictedSpending: 61.005, ModelVersion: "v1", Features: features},
		{CustomerID: "c1", PredictedSpending: -2, ModelVersion: "v2"},
		{CustomerID: "c2", PredictedSpending: 3, ModelVersion: "v2"},
	}
	if err := s.SavePredictions(ctx, store.Actor{}, list...); err != nil {
		t.Fatal(err)
	}
	got, err := s.CustomerPredictions(ctx, "c1", 0)
	if err != nil || len(got) != 2 || got[0].PredictedSpending != -2 || got[0].Features != nil ||
		got[1].PredictedSpending != 61.01 || string(got[1].Features) != string(features) {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := s.CustomerPredictions(ctx, "", 0); err != nil || len(got) != 1 || got[0].PredictedSpending != 50 {
		t.Errorf("for nobody: got %+v, %v", got, err)
	}
	for name, p := range map[string]store.Prediction{
		"NaN":      {PredictedSpending: math.NaN(), ModelVersion: "v1"},
		"large":    {PredictedSpending: 1e9, ModelVersion: "v1"},
		"no model": {PredictedSpending: 1},
		"features": {PredictedSpending: 1, ModelVersion: "v1", Features: json.RawMessage("{")},
	} {
		if err := s.SavePredictions(ctx, store.Actor{}, p); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	intact(t, s)
}
