package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
)

func TestReplicasMigrateAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		const replicas = 6
		var group sync.WaitGroup
		taken := make([]int, replicas)
		for i := range replicas {
			group.Go(func() {
				s, err := Open(t.Context(), url, Options{Create: true})
				if err != nil {
					t.Error(err)
					return
				}
				defer func() { _ = s.Close() }()
				var versions []int64
				if err := s.pool.SelectContext(t.Context(), &versions, "SELECT version_id FROM goose_db_version WHERE version_id > 0"); err != nil {
					t.Error(err)
				}
				taken[i] = len(versions)
			})
		}
		group.Wait()
		for i, n := range taken {
			if want := int(newestStep(t)); n != want {
				t.Errorf("replica %d saw %d steps, want each of %d once", i, n, want)
			}
		}
	})
}

// newestStep is the number of the last migration.
func newestStep(t *testing.T) int64 {
	t.Helper()
	all, err := open(t, databases["sqlite"](t), Options{}).Migrations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all[len(all)-1].Version
}

func TestMigrationsAreNotSkipped(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		o := Options{Create: true, SkipMigrations: true}
		if _, err := Open(t.Context(), url, o); !errors.Is(err, ErrSchema) {
			t.Errorf("without tables: got %v, want ErrSchema", err)
		}
		open(t, url, Options{})
		s, err := Open(context.Background(), url, o)
		if err != nil {
			t.Fatal(err)
		}
		if done, err := s.Migrate(t.Context()); err != nil || len(done) != 0 {
			t.Errorf("got %v, %v; want nothing to do", done, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestNewerTablesAreRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		tamper(t, open(t, url, Options{}), fmt.Sprintf("INSERT INTO goose_db_version (version_id, is_applied) VALUES (%d, TRUE)", newestStep(t)+1))
		_, err := Open(t.Context(), url, Options{})
		wantKind(t, "tables of a later version", err, ErrSchema)
	})
}
