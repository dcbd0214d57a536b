package store

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cohortlens/cohortlens/adapters/store/storetest/pgtest"
)

// write1 is a small write.
func write1(ctx context.Context, s *Store) error {
	_, err := s.RegisterConsent(ctx, Actor{}, Consent{CustomerID: "1", Type: "x", Granted: true})
	return err
}

func wantKind(t *testing.T, what string, err, kind error) {
	t.Helper()
	var typed *Error
	if !errors.Is(err, kind) || !errors.As(err, &typed) {
		t.Errorf("%s: got %v, want %v", what, err, kind)
	}
}

func TestFileThatIsMissingIsNotMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	_, err := Open(t.Context(), "sqlite:"+path, Options{})
	wantKind(t, "missing", err, ErrNoDatabase)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was made: %v", err)
	}
	_, err = Open(t.Context(), "sqlite:"+filepath.Join(path, "below", "x.db"), Options{Create: true})
	wantKind(t, "no folder", err, ErrNoDatabase)
	_, err = Open(t.Context(), "sqlite:"+t.TempDir(), Options{Create: true})
	wantKind(t, "a folder", err, ErrNoDatabase)
}

func TestFileThatIsDeletedIsNotMadeAgain(t *testing.T) {
	for name, do := range map[string]func(path string) error{
		"deleted":  os.Remove,
		"replaced": func(path string) error { return errors.Join(os.Rename(path, path+"2"), os.WriteFile(path, nil, 0o600)) },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.db")
			s := open(t, "sqlite:"+path, Options{})
			if err := write1(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			if err := do(path); err != nil {
				t.Fatal(err)
			}
			wantKind(t, "a write", write1(t.Context(), s), ErrNoDatabase)
			wantKind(t, "a question", s.Ping(t.Context()), ErrNoDatabase)
			_, err := s.Migrate(t.Context())
			wantKind(t, "a migration", err, ErrNoDatabase)
			if info, err := os.Stat(path); err == nil && info.Size() > 0 {
				t.Error("the file was written again")
			}
		})
	}
}

func TestFileThatIsDamaged(t *testing.T) {
	for name, test := range map[string]struct {
		damage func(data []byte) []byte
		atOpen bool
	}{
		"empty":       {func([]byte) []byte { return nil }, true},
		"no database": {func([]byte) []byte { return []byte(strings.Repeat("CustomerID,Gender\n", 1000)) }, true},
		"cut":         {func(data []byte) []byte { return data[:5000] }, true},
		"pages":       {func(data []byte) []byte { copy(data[8192:], make([]byte, len(data)-8192)); return data }, false},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.db")
			s, err := Open(t.Context(), "sqlite:"+path, Options{Create: true})
			if err != nil {
				t.Fatal(err)
			}
			for range 50 {
				if err := write1(t.Context(), s); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			damaged := test.damage(data)
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err = Open(t.Context(), "sqlite:"+path, Options{})
			if err == nil {
				defer func() { _ = s.Close() }()
				err = s.CheckIntegrity(t.Context())
			}
			wantKind(t, name, err, ErrCorrupt)
			if after, err := os.ReadFile(path); err != nil || len(after) != len(damaged) {
				t.Errorf("the file was made anew: %d bytes, %v", len(after), err)
			}
		})
	}
}

func TestPostgresThatCannotBeReached(t *testing.T) {
	pgtest.Shared(t)
	good, err := url.Parse(pgtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	const wrong = "wrong password"
	for name, test := range map[string]struct {
		change func(u *url.URL)
		kind   error
	}{
		"wrong password": {func(u *url.URL) { u.User = url.UserPassword(pgtest.Superuser, wrong) }, ErrAccess},
		"no such user":   {func(u *url.URL) { u.User = url.UserPassword("nobody", wrong) }, ErrAccess},
		"no database":    {func(u *url.URL) { u.Path = "/nothing" }, ErrNoDatabase},
		"refused":        {func(u *url.URL) { u.Host = free.Addr().String() }, ErrUnavailable},
		"silent":         {func(u *url.URL) { u.Host = silent.Addr().String() }, ErrUnavailable},
		"no encryption":  {func(u *url.URL) { u.RawQuery = "sslmode=require" }, ErrAccess},
		"no such file":   {func(u *url.URL) { u.RawQuery = "sslmode=verify-full&sslrootcert=/no/such/file" }, ErrInvalid},
		"no such host":   {func(u *url.URL) { u.Host = "db.invalid"; u.RawQuery = "" }, ErrUnavailable},
	} {
		u := *good
		test.change(&u)
		_, err := Open(t.Context(), u.String(), Options{StartTimeout: 300 * time.Millisecond, StatementTimeout: 200 * time.Millisecond})
		wantKind(t, name, err, test.kind)
		if err != nil && (strings.Contains(err.Error(), wrong) || strings.Contains(err.Error(), url.QueryEscape(pgtest.Password))) {
			t.Errorf("%s: the error has the password: %v", name, err)
		}
	}
}

// TestValuesThatAreNoneOfTheirColumn: SQLite keeps what a flipped bit makes.
func TestValuesThatAreNoneOfTheirColumn(t *testing.T) {
	s := open(t, "sqlite::memory:", Options{})
	if _, err := s.SaveCustomer(t.Context(), Actor{}, Customer{CustomerID: "1", Age: pointer(30)}); err != nil {
		t.Fatal(err)
	}
	tamper(t, s, "UPDATE customers SET age = 'thirty'")
	_, err := s.Customer(t.Context(), "1")
	wantKind(t, "an age that is no number", err, ErrCorrupt)
}

// TestSilentServerDoesNotHoldCallers: an end of the context ends a call also while
// the server is greeted, which says nothing.
func TestSilentServerDoesNotHoldCallers(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	called := make(chan net.Conn)
	go func() {
		for c, err := silent.Accept(); err == nil; c, err = silent.Accept() {
			called <- c
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := Open(ctx, "postgres://ann:x@"+silent.Addr().String()+"/shop", Options{StatementTimeout: time.Hour, StartTimeout: time.Hour})
		failed <- err
	}()
	c := <-called
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// TestServerThatComesUpLater opens a store before its server runs.
func TestServerThatComesUpLater(t *testing.T) {
	target, err := url.Parse(pgtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	p := newProxy(t, target.Host)
	p.refuse.Store(true)
	opened := make(chan error, 1)
	target.Host = p.address()
	go func() {
		s, err := Open(context.Background(), target.String(), Options{StartTimeout: time.Minute})
		if err == nil {
			err = s.Close()
		}
		opened <- err
	}()
	<-p.refused
	p.refuse.Store(false)
	if err := <-opened; err != nil {
		t.Error(err)
	}
}

func TestPoolIsBounded(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url, Options{MaxConnections: 1, PoolWait: 30 * time.Millisecond})
		for _, err := range s.CustomerSource().Batches(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			wantKind(t, "a second connection", s.Ping(t.Context()), ErrUnavailable)
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			if err := s.Ping(ended); !errors.Is(err, context.Canceled) {
				t.Errorf("an ended context: got %v", err)
			}
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Errorf("after its release: %v", err)
		}
	})
}

// TestEndedContextsKeepNothing: a call that comes too late must not keep a place.
func TestEndedContextsKeepNothing(t *testing.T) {
	s := open(t, "sqlite::memory:", Options{PoolWait: 30 * time.Millisecond})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for range 3 {
		if err := s.Ping(ended); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if _, err := s.AddUser(ended, Actor{}, NewUser{Username: "ann", Password: "long enough"}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	if _, err := s.AddUser(t.Context(), Actor{}, NewUser{Username: "ann", Password: "long enough"}); err != nil {
		t.Errorf("after them: %v", err)
	}
}

func TestStatementsAreBounded(t *testing.T) {
	slow := map[string]string{
		"postgres": "SELECT 1 FROM pg_sleep(60)",
		"sqlite":   "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c WHERE x < 0",
	}
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url, Options{StatementTimeout: 200 * time.Millisecond})
		sleep := func(t *tx) error {
			var n int
			return t.get(&n, slow[t.store.dialect.name])
		}
		err := s.read(t.Context(), "sleep", sleep)
		wantKind(t, "the store's limit", err, ErrUnavailable)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		if err := s.scan(ctx, "sleep", sleep); !errors.Is(err, context.Canceled) {
			t.Errorf("the caller's end: got %v", err)
		}
		if s.dialect.name == postgresDialect.name {
			var n int
			if err := s.direct.GetContext(t.Context(), &n, "SELECT 1 FROM pg_sleep(0.3)"); err != nil {
				t.Errorf("a step of a migration was bounded: %v", err)
			}
		}
		if err := write1(t.Context(), s); err != nil {
			t.Errorf("after it: %v", err)
		}
	})
}

func TestClosedStore(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s, err := Open(t.Context(), url, Options{Create: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.CountCall(t.Context(), "acme", ""); !errors.Is(err, ErrUnavailable) {
			t.Errorf("got %v", err)
		}
		if err := write1(t.Context(), s); err == nil {
			t.Error("a closed store was written to")
		}
	})
}

func TestModelsThatWereChanged(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url, Options{})
		if _, err := s.SaveModel(t.Context(), Actor{}, NewModel{Name: "m", Body: []byte("a model"), Activate: true}); err != nil {
			t.Fatal(err)
		}
		tamper(t, s, "UPDATE model_versions SET body = CAST('b model' AS "+map[string]string{"sqlite": "blob", "postgres": "bytea"}[s.dialect.name]+")")
		_, err := s.Model(t.Context(), "m", 0)
		wantKind(t, "other bytes", err, ErrCorrupt)
	})
}
