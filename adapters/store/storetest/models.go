package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cohortlens/cohortlens/adapters/store"
	"github.com/cohortlens/cohortlens/predict"
)

func saveModel(t *testing.T, s store.Backend, name, body string) int64 {
	t.Helper()
	v, err := s.SaveModel(t.Context(), store.Actor{User: "ann"}, store.NewModel{Name: name, Body: []byte(body), Activate: true})
	if err != nil {
		t.Fatal(err)
	}
	return v.Version
}

func testModels(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	if v, err := s.ActiveModel(ctx, "segmentation"); err != nil || v != 0 {
		t.Errorf("without models: got %d, %v", v, err)
	}
	metadata := json.RawMessage(`{"k": 5}`)
	first, err := s.SaveModel(ctx, store.Actor{User: "ann"}, store.NewModel{Name: "segmentation", Body: []byte{0, 1, 255}, Metadata: metadata})
	if err != nil || first.Version != 1 || first.Active || first.Size != 3 || first.CreatedBy != "ann" {
		t.Fatalf("got %+v, %v", first, err)
	}
	if _, err := s.Model(ctx, "segmentation", 0); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no version is active: got %v", err)
	}
	saveModel(t, s, "segmentation", "two")
	saveModel(t, s, "segmentation", "three")
	if v := saveModel(t, s, "drift-baseline", "other"); v != 1 {
		t.Errorf("versions count within a name: got %d", v)
	}
	m, err := s.Model(ctx, "segmentation", 1)
	if err != nil || string(m.Body) != "\x00\x01\xff" || string(m.Metadata) != string(metadata) || m.SHA256 != first.SHA256 {
		t.Errorf("got %+v, %v", m, err)
	}
	wantActive(t, s, 3)
	if err := s.ActivateModel(ctx, store.Actor{}, "segmentation", 1); err != nil {
		t.Fatal(err)
	}
	wantActive(t, s, 1)
	for _, want := range []int64{3, 2} {
		if v, err := s.RollBackModel(ctx, store.Actor{}, "segmentation"); err != nil || v != want {
			t.Errorf("roll back: got %d, %v; want %d", v, err, want)
		}
	}
	if _, err := s.RollBackModel(ctx, store.Actor{}, "segmentation"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("roll back beyond the first one: got %v", err)
	}
	wantActive(t, s, 2)
	list, err := s.Models(ctx, "segmentation", 0)
	if err != nil || len(list) != 3 || list[0].Version != 3 || list[0].Active || !list[1].Active {
		t.Errorf("got %+v, %v", list, err)
	}
	log := wantLog(t, s, store.AuditFilter{Table: "model_versions", RecordID: "segmentation"}, "ROLLBACK", "ROLLBACK", "ACTIVATE", "ACTIVATE", "ACTIVATE")
	if len(log) > 0 && string(log[0].New) != `{"version":2}` {
		t.Errorf("got %+v", log[0])
	}
	intact(t, s)
}

func wantActive(t *testing.T, s store.Backend, want int64) {
	t.Helper()
	m, err := s.Model(t.Context(), "segmentation", 0)
	if err != nil || m.Version != want || !m.Active {
		t.Errorf("got %+v, %v; want version %d", m, err, want)
	}
}

func testModelsThatCannotBeStored(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	for name, m := range map[string]store.NewModel{
		"no name":  {Body: []byte("x")},
		"no bytes": {Name: "m"},
		"large":    {Name: "m", Body: make([]byte, predict.MaxModelBytes+1)},
		"list":     {Name: "m", Body: []byte("x"), Metadata: json.RawMessage("[]")},
		"no JSON":  {Name: "m", Body: []byte("x"), Metadata: json.RawMessage("{")},
	} {
		if _, err := s.SaveModel(ctx, store.Actor{}, m); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := s.ActivateModel(ctx, store.Actor{}, "m", 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a version that is not there: got %v", err)
	}
	if err := s.WatchModel(ctx, "m", 0, nil); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("watching without an interval: got %v", err)
	}
}

// testReplicasPickUpModels watches from one handle what another one activates.
func testReplicasPickUpModels(t *testing.T, open Open) {
	s, replica := open(), open()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	seen := make(chan string)
	ended := make(chan error, 1)
	go func() {
		ended <- replica.WatchModel(ctx, "segmentation", time.Millisecond, func(m *store.Model) error {
			select {
			case seen <- string(m.Body):
			case <-ctx.Done():
			}
			return nil
		})
	}()
	var got []string
	for _, body := range []string{"one", "two"} {
		saveModel(t, s, "segmentation", body)
		got = append(got, <-seen)
	}
	if _, err := s.RollBackModel(t.Context(), store.Actor{}, "segmentation"); err != nil {
		t.Fatal(err)
	}
	got = append(got, <-seen)
	if want := []string{"one", "two", "one"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the end of the watch: got %v", err)
	}
}

// testVersionsAreNumberedOnce saves models from several handles at once.
func testVersionsAreNumberedOnce(t *testing.T, open Open) {
	const each = 10
	var group sync.WaitGroup
	for _, s := range []store.Backend{open(), open(), open()} {
		group.Go(func() {
			for range each {
				if _, err := s.SaveModel(t.Context(), store.Actor{}, store.NewModel{Name: "m", Body: []byte("x"), Activate: true}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	s := open()
	list, err := s.Models(t.Context(), "m", 0)
	if err != nil || len(list) != 3*each {
		t.Fatalf("got %d versions, %v", len(list), err)
	}
	for i, v := range list {
		if v.Version != int64(3*each-i) || v.Active != (i == 0) {
			t.Errorf("place %d: got %+v", i, v)
		}
	}
	intact(t, s)
}
