package store

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Options are what a store takes from the world around it. The zero value works.
type Options struct {
	// Create makes the file of an SQLite database that is not there. Without it
	// a missing file is an [ErrNoDatabase], so that a file that was deleted by
	// mistake is not replaced by an empty one.
	Create bool
	// SkipMigrations leaves the tables as they are. [Open] then fails when they
	// are not those of this version, unless AnySchema is set.
	SkipMigrations bool
	// AnySchema opens a database whose tables may be those of an older version,
	// or of the Python backend, with SkipMigrations: to see what steps are
	// missing, to take them, or to read customers.
	AnySchema bool
	// AuditKey is the secret, of at least 32 bytes, under which the audit log is
	// chained and its checkpoints are signed. Without it the chain shows changes
	// by someone who does not compute it anew, and there are no checkpoints.
	AuditKey []byte
	// OldAuditKeys are earlier audit keys, to verify what they chained.
	OldAuditKeys [][]byte

	// MaxConnections bounds the connections; 20 when 0.
	MaxConnections int
	// PoolWait is how long an operation waits for a connection before it is an
	// [ErrUnavailable]; 2 s when 0, and 10 s on SQLite, where writers take turns.
	PoolWait time.Duration
	// StatementTimeout bounds each operation; 5 s when 0. Imports, migrations and
	// results that the caller walks through are bounded by their context alone.
	StatementTimeout time.Duration
	// StartTimeout bounds the attempts to reach a database that does not answer
	// when the store is opened; 15 s when 0.
	StartTimeout time.Duration

	// Now is the clock of the times that are stored; time.Now when nil. The
	// month of the usage is that of the database's clock.
	Now func() time.Time
	// Random is the source of salts; crypto/rand.Reader when nil.
	Random io.Reader
	// Log receives what happens while the store opens; nothing when nil.
	Log *slog.Logger
}

// Store is a database. It is safe for concurrent use.
type Store struct {
	options Options
	dialect *dialect
	target  *target
	// pool serves all but bulk loads and migrations, which go over direct. On
	// SQLite both are the same.
	pool, direct *sqlx.DB
	// readers and writers hold a slot for each transaction under way.
	readers, writers chan struct{}
	file             *databaseFile
	chains           *keyring
	passwords        *hasher
	meters           meters
}

// Open opens the database that a URL names, waits for it to answer, and migrates
// its tables. Two stores may open a new database at the same time. Close the
// store after use.
//
// The URL is sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE; the package
// documentation says more.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	if err := o.setDefaults(); err != nil {
		return nil, failed(ctx, opOpen, err)
	}
	t, err := parseURL(url, o.StatementTimeout)
	if err != nil {
		return nil, failed(ctx, opOpen, err)
	}
	return openTarget(ctx, t, o)
}

const opOpen = "open"

func openTarget(ctx context.Context, t *target, o Options) (*Store, error) {
	s := &Store{options: o, dialect: t.dialect, target: t, readers: make(chan struct{}, o.MaxConnections)}
	var err error
	if err = s.prepare(); err == nil {
		err = s.start(ctx)
	}
	if err != nil {
		return nil, errors.Join(failed(ctx, opOpen, err), s.Close())
	}
	return s, nil
}

// prepare makes what needs no connection.
func (s *Store) prepare() (err error) {
	s.passwords = newHasher(s.options.Random)
	if s.chains, err = newKeyring(s.options.AuditKey, s.options.OldAuditKeys); err != nil {
		return err
	}
	if s.dialect == &sqliteDialect {
		return s.openSQLite()
	}
	return s.openPostgres()
}

// minAuditKey is the size of the key of HMAC-SHA256.
const minAuditKey = 32

func (o *Options) setDefaults() error {
	for _, key := range append([][]byte{o.AuditKey}, o.OldAuditKeys...) {
		if n := len(key); n > 0 && n < minAuditKey {
			return invalid("the audit key must have at least %d bytes, got %d", minAuditKey, n)
		}
	}
	if o.MaxConnections < 0 || o.PoolWait < 0 || o.StatementTimeout < 0 || o.StartTimeout < 0 {
		return invalid("limits must not be negative, got %d connections, waits of %v, %v and %v",
			o.MaxConnections, o.PoolWait, o.StatementTimeout, o.StartTimeout)
	}
	if o.MaxConnections == 0 {
		o.MaxConnections = 20
	}
	if o.StatementTimeout == 0 {
		o.StatementTimeout = 5 * time.Second
	}
	if o.StartTimeout == 0 {
		o.StartTimeout = 15 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// start waits for the database and sees to its tables.
func (s *Store) start(ctx context.Context) error {
	if err := s.reach(ctx); err != nil {
		return err
	}
	switch {
	case s.options.SkipMigrations && s.options.AnySchema:
		return nil
	case s.options.SkipMigrations:
		return s.checkTables(ctx)
	}
	if _, err := s.migrate(ctx); err != nil {
		return err
	}
	return s.rekeyChains(ctx)
}

// reach tries to reach the database until it answers, with longer and longer
// pauses, and says so once. A database that answers with a refusal is not asked
// again.
func (s *Store) reach(ctx context.Context) error {
	starting, cancel := context.WithTimeout(ctx, s.options.StartTimeout)
	defer cancel()
	const longest = 2 * time.Second
	level := slog.LevelInfo
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, longest) {
		err := s.Ping(starting)
		switch {
		case err != nil && starting.Err() != nil && ctx.Err() == nil:
			return fault(ErrUnavailable, "there was no answer within %v", s.options.StartTimeout)
		case errors.Is(err, pq.ErrSSLNotSupported):
			return fault(ErrAccess, "the server does not encrypt: sslmode=disable in the URL does without, for a network that you trust")
		case err == nil || !errors.Is(err, ErrUnavailable):
			return err
		}
		s.options.Log.Log(ctx, level, "the database does not answer yet", "database", s.target.shown, "error", err)
		level = slog.LevelDebug
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-starting.Done():
			timer.Stop()
			return err
		}
	}
}

// Ping asks the database for an answer.
func (s *Store) Ping(ctx context.Context) error {
	return s.read(ctx, "reach the database", func(t *tx) error {
		var one int
		return t.get(&one, "SELECT 1")
	})
}

// Database names the database for people: its URL without user and password.
func (s *Store) Database() string { return s.target.shown }

// Close waits for calls that are being counted and gives the connections back.
func (s *Store) Close() error {
	s.meters.close()
	var errs []error
	for _, db := range []*sqlx.DB{s.pool, s.direct} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// now is the time as both databases can store it.
func (s *Store) now() time.Time { return s.options.Now().UTC().Truncate(time.Microsecond) }
