package store_test

import (
	"path/filepath"
	"testing"

	"github.com/cohortlens/cohortlens/adapters/store"
	"github.com/cohortlens/cohortlens/adapters/store/storetest"
	"github.com/cohortlens/cohortlens/adapters/store/storetest/pgtest"
)

// newURL makes an empty database of each kind and returns its URL.
var newURL = map[string]func(t testing.TB) string{
	"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "test.db") },
	"postgres": pgtest.Database,
}

func TestConformance(t *testing.T) {
	for name, make := range newURL {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) storetest.Open {
				url := make(t)
				return func() store.Backend {
					return open(t, url, store.Options{AuditKey: storetest.AuditKey, MaxConnections: 4})
				}
			})
		})
	}
}

func TestInMemory(t *testing.T) {
	s := open(t, "sqlite::memory:", store.Options{})
	if _, err := s.ImportCustomers(t.Context(), store.Actor{}, storetest.ManyCustomers(t, 10), store.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.CountCustomers(t.Context()); err != nil || n != 10 {
		t.Errorf("got %d customers, %v", n, err)
	}
	other := open(t, "sqlite::memory:", store.Options{})
	if n, err := other.CountCustomers(t.Context()); err != nil || n != 0 {
		t.Errorf("another store has %d customers, %v", n, err)
	}
}

func open(t testing.TB, url string, o store.Options) *store.Store {
	t.Helper()
	o.Create = true
	s, err := store.Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
