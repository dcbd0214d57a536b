package store

import (
	"errors"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
)

// TestTablesAreLookedAtBeforeTheyAreAdopted opens databases of the Python backend
// without changing them.
func TestTablesAreLookedAtBeforeTheyAreAdopted(t *testing.T) {
	for name, d := range pythonDatabases {
		t.Run(name, func(t *testing.T) {
			url := databases[d.kind](t)
			pythonMakes(t, url, d.kind, d.script+pythonRows)
			if _, err := Open(t.Context(), url, Options{SkipMigrations: true}); !errors.Is(err, ErrSchema) {
				t.Errorf("got %v, want ErrSchema", err)
			}
			s := open(t, url, Options{SkipMigrations: true, AnySchema: true})
			table, err := datasource.Load(t.Context(), s.CustomerSource())
			if err != nil {
				t.Fatal(err)
			}
			if id, _ := table.Column(datasource.CustomerID); table.Rows() != 2 || id.Cell(1) != "2" {
				t.Errorf("got %d customers, the last one %q", table.Rows(), id.Cell(1))
			}
			var n int
			if taken := countTaken(t, s); taken != 0 || s.pool.GetContext(t.Context(), &n, "SELECT COUNT(*) FROM goose_db_version") == nil {
				t.Errorf("looking took %d steps, or made a table", taken)
			}
			if done, err := s.Migrate(t.Context()); err != nil || len(done) != countTaken(t, s) {
				t.Errorf("got %v, %v", done, err)
			}
		})
	}
}

func countTaken(t *testing.T, s *Store) int {
	t.Helper()
	all, err := s.Migrations(t.Context())
	if err != nil || len(all) == 0 {
		t.Fatalf("got %v, %v", all, err)
	}
	taken := 0
	for _, m := range all {
		if m.Applied {
			taken++
		}
	}
	return taken
}

func TestDatabaseWithoutTables(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url, Options{SkipMigrations: true, AnySchema: true})
		if _, err := datasource.Load(t.Context(), s.CustomerSource()); !errors.Is(err, ErrSchema) {
			t.Errorf("got %v, want ErrSchema", err)
		}
	})
}

func TestRedact(t *testing.T) {
	for url, want := range map[string]string{
		"sqlite:data/x.db": "sqlite:data/x.db", "postgres://ann:s3cret@db.example.com:5433/shop?sslmode=require": "postgres://db.example.com:5433/shop",
	} {
		if got, err := Redact(url); err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	if _, err := Redact("mysql://ann:s3cret@h/d"); !errors.Is(err, ErrInvalid) {
		t.Errorf("got %v, want ErrInvalid", err)
	}
}
