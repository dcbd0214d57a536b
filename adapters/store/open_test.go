package store

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/cohortlens/cohortlens/adapters/store/storetest/pgtest"
)

// databases are the kinds that every test runs on: each makes an empty database
// and returns its URL.
var databases = map[string]func(t testing.TB) string{
	"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "test.db") },
	"postgres": pgtest.Database,
}

// onBoth runs a test on an empty database of each kind.
func onBoth(t *testing.T, test func(t *testing.T, url string)) {
	for name, make := range databases {
		t.Run(name, func(t *testing.T) { test(t, make(t)) })
	}
}

// open opens a store that is closed when the test ends.
func open(t testing.TB, url string, o Options) *Store {
	t.Helper()
	o.Create = true
	s, err := Open(t.Context(), url, o)
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

func TestOpenTwice(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url, Options{})
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		again := open(t, url, Options{})
		for _, s := range []*Store{s, again} {
			all, err := s.Migrations(t.Context())
			if err != nil || len(all) != int(newestStep(t)) {
				t.Fatalf("got %v, %v", all, err)
			}
			for _, m := range all {
				if !m.Applied {
					t.Errorf("%+v is not applied", m)
				}
			}
		}
	})
}

// TestSQLiteSettings: what is committed survives a loss of power, and every
// connection keeps references.
func TestSQLiteSettings(t *testing.T) {
	s := open(t, databases["sqlite"](t), Options{MaxConnections: 3})
	for range 3 {
		conn, err := s.pool.Connx(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }() // kept till then, so that the next one is another
		for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1", "busy_timeout": "5000", "trusted_schema": "0"} {
			var got string
			if err := conn.GetContext(t.Context(), &got, "PRAGMA "+pragma); err != nil || got != want {
				t.Errorf("%s: got %s, %v; want %s", pragma, got, err, want)
			}
		}
	}
}

// TestFilesAreNotForOthers: a database holds personal data.
func TestFilesAreNotForOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	open(t, "sqlite:"+path, Options{})
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if info, err := os.Stat(path + "-migrate"); err != nil || info.Size() > 0 {
		t.Errorf("the lock of the migration is more than a lock: %v, %v", info, err)
	}
}
