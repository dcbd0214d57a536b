package service

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/adapters/config"
	"github.com/cohortlens/cohortlens/adapters/store"
	"github.com/cohortlens/cohortlens/adapters/store/storetest/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// shopCustomers has two plain groups of customers, in the default columns.
const shopCustomers = `CustomerID,Gender,Age,Annual Income ($),Spending Score (1-100),Profession,Work Experience,Family Size
0001,Male,19,15000,39,Healthcare,1,4
0002,Female,21,15500.25,41,Engineer,3,3
0003,Female,20,16000,36,Engineer,1,1
0004,Female,63,95000,77,Lawyer,0,2
0005,Female,61,98000,80,Entertainment,2,6
0006,Female,62,97000,76,Artist,0,2
`

// inDatabase gives a service a new database of each kind.
func inDatabase(t *testing.T, test func(t *testing.T, s *Service)) {
	for name, url := range map[string]func(testing.TB) string{
		"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "shop.db") },
		"postgres": pgtest.Database,
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t, Options{Actor: "ann"}, func(c *config.Config) { c.Database.URL = config.Secret(url(t)) })
			if d, err := s.Migrate(t.Context()); err != nil || len(d.Taken) == 0 || len(d.Taken) != len(d.Steps) {
				t.Fatalf("got %+v, %v", d, err)
			}
			test(t, s)
		})
	}
}

func TestDatabaseGivesWhatTheFileGives(t *testing.T) {
	inDatabase(t, func(t *testing.T, s *Service) {
		path := writeFile(t, "shop.csv", shopCustomers)
		if d, err := s.Import(t.Context(), ImportRequest{Data: path}); err != nil || d.Import.Inserted != 6 {
			t.Fatalf("got %+v, %v", d, err)
		}
		want, err := s.Segment(t.Context(), SegmentRequest{Data: path})
		if err != nil {
			t.Fatal(err)
		}
		s.config.Data.Source = "neon"
		got, err := s.Segment(t.Context(), SegmentRequest{})
		if err != nil || !slices.EqualFunc(got.Assignments, want.Assignments, func(a, b Assignment) bool {
			return a.CustomerID == b.CustomerID && a.Cluster == b.Cluster
		}) {
			t.Fatalf("got %+v, %v, want %+v", got, err, want)
		}
		if strings.Contains(got.Source, pgtest.Password) || !strings.Contains(got.Source, ":") {
			t.Errorf("the source is called %q", got.Source)
		}
	})
}

func TestImportIsLimitedByThePlan(t *testing.T) {
	inDatabase(t, func(t *testing.T, s *Service) {
		most := int64(5)
		db, err := store.Open(t.Context(), string(s.config.DatabaseURL()), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = db.Subscribe(t.Context(), store.Actor{}, store.NewSubscription{Tenant: "acme", Plan: "basic", MaxCustomers: &most})
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		var input *InputError
		r := ImportRequest{Data: writeFile(t, "shop.csv", shopCustomers), Tenant: "acme"}
		if _, err := s.Import(t.Context(), r); !errors.As(err, &input) || !errors.Is(err, store.ErrLimit) {
			t.Errorf("got %v", err)
		}
		if d, err := s.DatabaseStatus(t.Context()); err != nil || *d.Customers != 0 {
			t.Errorf("got %+v, %v", d, err)
		}
	})
}

func TestImportTellsItsProgress(t *testing.T) {
	var stages []string
	s := newService(t, Options{Progress: func(stage string, done, total int) {
		stages = append(stages, fmt.Sprintf("%s %d of %d", stage, done, total))
	}}, nil)
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), ImportRequest{Data: writeFile(t, "shop.csv", shopCustomers)}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"load 0 of 1", "load 1 of 1", "import 0 of 6", "import 6 of 6"}; !slices.Equal(stages, want) {
		t.Errorf("got %q, want %q", stages, want)
	}
}

// pythonDatabase is a file as the Python backend leaves it.
func pythonDatabase(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "python.db")
	execute(t, path, `CREATE TABLE customers (id INTEGER NOT NULL, customer_id INTEGER NOT NULL, gender VARCHAR(20), age INTEGER,
		annual_income NUMERIC(12, 2), spending_score INTEGER, profession VARCHAR(100), work_experience INTEGER, family_size INTEGER,
		created_at DATETIME, updated_at DATETIME, deleted_at DATETIME, PRIMARY KEY (id), UNIQUE (customer_id))`)
	for i, line := range strings.Split(strings.TrimSpace(shopCustomers), "\n")[1:] {
		cells := strings.Split(line, ",")
		execute(t, path, `INSERT INTO customers (customer_id, gender, age, annual_income, spending_score, profession, work_experience, family_size)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, i+1, cells[1], cells[2], cells[3], cells[4], cells[5], cells[6], cells[7])
	}
	return path
}

func execute(t *testing.T, path, statement string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), statement, args...)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestPythonDatabaseIsReadAsItIs reads customers, and changes no table to do so.
func TestPythonDatabaseIsReadAsItIs(t *testing.T) {
	path := pythonDatabase(t)
	s := newService(t, Options{}, func(c *config.Config) { c.Database.Path = path })
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Segment(t.Context(), SegmentRequest{Data: "sqlite:" + path})
	if err != nil || d.Rows != 6 || d.Assignments[5].CustomerID != "6" {
		t.Fatalf("got %+v, %v", d, err)
	}
	if _, err := s.Users(t.Context()); !errors.Is(err, store.ErrSchema) {
		t.Errorf("users of a database without them: got %v", err)
	}
	status, err := s.DatabaseStatus(t.Context())
	if err != nil || status.UpToDate || *status.Customers != 6 {
		t.Errorf("got %+v, %v", status, err)
	}
	after, err := os.ReadFile(path)
	if err != nil || string(after[100:]) != string(before[100:]) { // the header counts who opened it
		t.Errorf("reading changed the file, %v", err)
	}
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status, err = s.DatabaseStatus(t.Context()); err != nil || !status.UpToDate || *status.Customers != 6 {
		t.Errorf("got %+v, %v", status, err)
	}
}

func TestDatabaseWithoutTables(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.db")
	execute(t, path, "CREATE TABLE notes (body text)")
	s := newService(t, Options{}, func(c *config.Config) { c.Database.Path = path })
	var input *InputError
	if _, err := s.Segment(t.Context(), SegmentRequest{Data: "sqlite:" + path}); !errors.As(err, &input) || !strings.Contains(input.Hint, "db migrate") {
		t.Errorf("got %v", err)
	}
	if d, err := s.DatabaseStatus(t.Context()); err != nil || d.UpToDate || d.Customers != nil {
		t.Errorf("got %+v, %v", d, err)
	}
}

func TestDatabaseFaults(t *testing.T) {
	for kind, mendable := range map[error]bool{
		store.ErrInvalid: true, store.ErrNotFound: true, store.ErrConflict: true, store.ErrLimit: true, store.ErrAccess: true,
		store.ErrNoDatabase: true, store.ErrSchema: true, store.ErrCorrupt: true, store.ErrReadOnly: true,
		store.ErrUnavailable: false, store.ErrUncertain: false, store.ErrFull: false,
	} {
		var input *InputError
		err := throughInput(kind)
		if got := errors.As(err, &input); got != mendable || !errors.Is(err, kind) {
			t.Errorf("%v: got %v, the user's to mend: %v", kind, err, got)
		}
	}
	if err := databaseFault(context.Canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// throughInput is an error of a source on its way through an input.
func throughInput(kind error) error {
	return input{name: "x"}.fault(databaseFault(&store.Error{Op: "read", Kind: kind}))
}

func TestEndOfTheContextStaysWhatItIs(t *testing.T) {
	inDatabase(t, func(t *testing.T, s *Service) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		s.config.Data.Source = "neon"
		if _, err := s.Segment(ctx, SegmentRequest{}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if _, err := s.Users(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestUsersAndTheirLog(t *testing.T) {
	inDatabase(t, func(t *testing.T, s *Service) {
		ctx := t.Context()
		for i := range 3 {
			if _, err := s.AddUser(ctx, store.NewUser{Username: fmt.Sprint("user", i), Password: "long enough"}); err != nil {
				t.Fatal(err)
			}
		}
		if u, err := s.SetActive(ctx, "user1", false); err != nil || u.Active {
			t.Errorf("got %+v, %v", u, err)
		}
		if u, err := s.SetPassword(ctx, "user2", "longer than before"); err != nil || u.Username != "user2" {
			t.Errorf("got %+v, %v", u, err)
		}
		if d, err := s.Users(ctx); err != nil || d.Count != 3 || d.Users[1].Active {
			t.Errorf("got %+v, %v", d, err)
		}
		d, err := s.AuditLog(ctx, store.AuditFilter{User: "ann"})
		if err != nil || d.Count != 5 || d.Entries[0].Action != "PASSWORD" {
			t.Errorf("got %+v, %v", d, err)
		}
		v, err := s.VerifyAudit(ctx, "")
		if err != nil || v.Err() != nil || v.Entries != 5 {
			t.Errorf("got %+v, %v", v, err)
		}
	})
}

func TestUsersOfManyPages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	s := newService(t, Options{}, func(c *config.Config) { c.Database.Path = path })
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	const many = 2500
	execute(t, path, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO users (username, hashed_password) SELECT printf('user%05d', i), '' FROM n`, many)
	d, err := s.Users(t.Context())
	if err != nil || d.Count != many || d.Users[many-1].Username != "user02500" {
		t.Errorf("got %d users, %v", d.Count, err)
	}
}

func TestTamperingIsAnInputError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	s := newService(t, Options{}, func(c *config.Config) { c.Database.Path = path })
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddUser(t.Context(), store.NewUser{Username: "ann", Password: "long enough"}); err != nil {
		t.Fatal(err)
	}
	execute(t, path, "UPDATE audit_log SET user_id = 'mallory'")
	v, err := s.VerifyAudit(t.Context(), "")
	var input *InputError
	if err != nil || v.Intact || !errors.As(v.Err(), &input) || !strings.Contains(v.Err().Error(), "entry 1 was changed") {
		t.Errorf("got %+v, %v", v, err)
	}
}
