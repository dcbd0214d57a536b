package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// Migrations are SQL, one folder for each database, and one step in Go that
// chains the entries that the audit log of the Python backend has already.
//
//go:embed migrations/*/*.sql
var migrationFiles embed.FS

// sealVersion is the version of the step in Go.
const sealVersion = 3

// Migration is one step from the tables of an older version to those of this
// one.
type Migration struct {
	Version int64  `json:"version"`
	Name    string `json:"name"`
	Applied bool   `json:"applied"`
}

// Migrate brings the tables to this version, in steps of a transaction each, and
// returns the steps that it took. Two processes may migrate at once: one of them
// waits, and finds nothing to do. It only adds: tables of the Python backend are
// used as they are, and their rows stay.
func (s *Store) Migrate(ctx context.Context) ([]Migration, error) {
	done, err := s.migrate(ctx)
	if err == nil {
		err = s.rekeyChains(ctx)
	}
	return done, failed(ctx, "migrate", err)
}

func (s *Store) migrate(ctx context.Context) ([]Migration, error) {
	provider, err := s.provider()
	if err != nil {
		return nil, err
	}
	if err := s.refuseNewer(ctx, provider.ListSources()); err != nil {
		return nil, err
	}
	if pending, err := provider.HasPending(ctx); err != nil || !pending {
		return nil, err
	}
	unlock, err := s.lockMigrations(ctx)
	if err != nil {
		return nil, err
	}
	results, err := provider.Up(ctx)
	err = errors.Join(err, unlock())
	if err != nil {
		return nil, fmt.Errorf("migrate the tables: %w", err)
	}
	done := make([]Migration, len(results))
	for i, r := range results {
		done[i] = Migration{r.Source.Version, stepName(r.Source), true}
		s.options.Log.Info("migrated", "database", s.target.shown, "version", r.Source.Version)
	}
	return done, nil
}

// refuseNewer fails when a later version of this program has migrated the tables:
// this one does not know what it would break.
func (s *Store) refuseNewer(ctx context.Context, known []*goose.Source) error {
	taken, err := s.stepsTaken(ctx, "look for newer tables")
	if err != nil || len(taken) == 0 {
		return err
	}
	if last, newest := known[len(known)-1].Version, slices.Max(taken); newest > last {
		return fault(ErrSchema, "the tables are of version %d, and this program knows those up to %d", newest, last)
	}
	return nil
}

// Migrations lists all steps and says which were taken. It changes nothing.
func (s *Store) Migrations(ctx context.Context) ([]Migration, error) {
	const op = "list migrations"
	provider, err := s.provider()
	if err != nil {
		return nil, failed(ctx, op, err)
	}
	taken, err := s.stepsTaken(ctx, op)
	if err != nil {
		return nil, err
	}
	var all []Migration
	for _, source := range provider.ListSources() {
		all = append(all, Migration{source.Version, stepName(source), slices.Contains(taken, source.Version)})
	}
	return all, nil
}

// stepsTaken reads the table that goose keeps. The status that goose itself tells
// would make that table.
func (s *Store) stepsTaken(ctx context.Context, op string) (versions []int64, err error) {
	err = s.read(ctx, op, func(t *tx) error {
		return t.list(&versions, "SELECT version_id FROM "+goose.DefaultTablename+" WHERE is_applied")
	})
	if errors.Is(err, ErrSchema) { // there is no such table yet
		return nil, nil
	}
	return versions, err
}

// stepName is the name of a file, or says what the step in Go does.
func stepName(s *goose.Source) string {
	if s.Version == sealVersion {
		return "chain the audit log"
	}
	return path.Base(s.Path)
}

func (s *Store) provider() (*goose.Provider, error) {
	if err := s.checkFile(); err != nil {
		return nil, err
	}
	folder, err := fs.Sub(migrationFiles, "migrations/"+s.dialect.name)
	if err != nil {
		return nil, err
	}
	seal := goose.NewGoMigration(sealVersion, &goose.GoFunc{RunTx: s.sealOldEntries}, nil)
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(seal)}
	if s.dialect.name == sqliteDialect.name {
		return goose.NewProvider(goose.DialectSQLite3, s.direct.DB, folder, options...)
	}
	return goose.NewProvider(goose.DialectPostgres, s.direct.DB, folder, options...)
}

// lockMigrations keeps other processes from migrating the same database: each step
// is a transaction of its own, and the lock must span them all. That of PostgreSQL
// belongs to a transaction too, since behind a pooler a session may be another one
// with each statement.
func (s *Store) lockMigrations(ctx context.Context) (unlock func() error, err error) {
	if s.dialect.name == sqliteDialect.name {
		return s.lockFile(ctx)
	}
	inner, err := s.direct.BeginTxx(ctx, nil)
	if err != nil {
		return nil, err
	}
	t := &tx{ctx: ctx, inner: inner, store: s}
	_, err1 := t.exec("SET LOCAL idle_in_transaction_session_timeout = 0")
	_, err2 := t.exec("SELECT pg_advisory_xact_lock(?)", lock.DefaultLockID)
	if err := errors.Join(err1, err2); err != nil {
		return nil, errors.Join(err, inner.Rollback())
	}
	return inner.Rollback, nil
}

// sealOldEntries chains the audit entries that stand in the log before it has
// chains. It runs once: what comes in without a hash later is an intrusion.
func (s *Store) sealOldEntries(ctx context.Context, inner *sql.Tx) error {
	t := &tx{ctx: ctx, inner: &sqlx.Tx{Tx: inner, Mapper: s.direct.Mapper}, store: s, now: s.now()}
	return t.seal()
}

// checkTables fails when steps are missing.
func (s *Store) checkTables(ctx context.Context) error {
	all, err := s.Migrations(ctx)
	if err != nil {
		return err
	}
	missing := 0
	for _, m := range all {
		if !m.Applied {
			missing++
		}
	}
	if missing > 0 {
		return fault(ErrSchema, "%d of %d migrations are missing; run them first", missing, len(all))
	}
	return nil
}
