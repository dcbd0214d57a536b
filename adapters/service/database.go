package service

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"strings"

	"github.com/cohortlens/cohortlens/adapters/config"
	"github.com/cohortlens/cohortlens/adapters/store"
	"github.com/cohortlens/cohortlens/datasource"
)

// withStore opens the configured database for one request, and returns its name.
func (s *Service) withStore(ctx context.Context, o store.Options, do func(*store.Store) error) (name string, err error) {
	url := s.config.DatabaseURL()
	if name, err = s.databaseName(url); err != nil {
		return "", err
	}
	db, err := s.openStore(ctx, url, o)
	if err != nil {
		return "", err
	}
	err = do(db)
	if closing := db.Close(); err == nil {
		err = closing
	}
	return name, databaseFault(err)
}

// adopted are the options of a request that only looks: the tables must be those
// of this version, and stay as they are.
var adopted = store.Options{SkipMigrations: true}

// anyTables are the options of a request that works whatever the tables are.
var anyTables = store.Options{SkipMigrations: true, AnySchema: true}

func (s *Service) openStore(ctx context.Context, url config.Secret, o store.Options) (*store.Store, error) {
	keys := s.config.Database
	o.AuditKey, o.Log = []byte(keys.AuditKey), s.options.Log
	for _, key := range keys.OldAuditKeys {
		o.OldAuditKeys = append(o.OldAuditKeys, []byte(key))
	}
	db, err := store.Open(ctx, string(url), o)
	if err == nil {
		return db, nil
	}
	if name, nameless := s.databaseName(url); nameless == nil && !ended(err) {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return nil, databaseFault(err)
}

// databaseName names a database for people.
func (s *Service) databaseName(url config.Secret) (string, error) {
	if file, lite := databaseFile(url); lite {
		return "sqlite:" + s.show(file), nil
	}
	name, err := store.Redact(string(url))
	return name, databaseFault(err)
}

// databaseFile returns the file of an SQLite database.
func databaseFile(url config.Secret) (path string, lite bool) {
	name, err := store.Redact(string(url))
	if err != nil {
		return "", false
	}
	return strings.CutPrefix(name, "sqlite:")
}

// actor is who does what a request asks for, for the plan of a tenant.
func (s *Service) actor(tenant string) store.Actor {
	return store.Actor{User: s.options.Actor, Tenant: tenant}
}

// databaseHints say what to do about an error of a database. What is not among
// them is a fault of the machine, such as a server that does not answer.
var databaseHints = []struct {
	kind error
	hint string
}{
	{store.ErrNoDatabase, "Name another one with --database URL; a new SQLite file is made by cohortlens db migrate."},
	{store.ErrSchema, "Bring the tables to this version with cohortlens db migrate."},
	{store.ErrAccess, "Check the user and the password in the URL, and what that user may do."},
	{store.ErrReadOnly, "Check who may write to the file and its folder, or to the server."},
	{store.ErrCorrupt, "Restore it from a backup, or name another one with --database URL."},
	{store.ErrLimit, "A subscription to a larger plan allows more."},
	{store.ErrInvalid, ""},
	{store.ErrNotFound, ""},
	{store.ErrConflict, ""},
}

// databaseFault marks an error of a database as the user's to mend where it is.
func databaseFault(err error) error {
	var already *InputError
	if err == nil || ended(err) || errors.As(err, &already) {
		return err
	}
	for _, h := range databaseHints {
		if errors.Is(err, h.kind) {
			return &InputError{Err: err, Hint: h.hint}
		}
	}
	return err
}

// isDatabase reports whether a path of data is the URL of a database.
func isDatabase(path string) bool {
	scheme, _, found := strings.Cut(path, ":")
	driver, _, _ := strings.Cut(scheme, "+")
	return found && (driver == "sqlite" || driver == "postgres" || driver == "postgresql")
}

// openDatabase opens the customers of a database as data, with some columns in
// the given kinds.
func (s *Service) openDatabase(url config.Secret, kinds map[string]datasource.Kind) (input, error) {
	name, err := s.databaseName(url)
	if err != nil {
		return input{}, err
	}
	s.options.Log.Debug("data", "database", name)
	in := input{source: databaseSource{s, url, kinds}, name: name}
	if file, lite := databaseFile(url); lite {
		in.path = file
	}
	return in, nil
}

// databaseSource is the customers of a database that is open while it is read.
type databaseSource struct {
	service *Service
	url     config.Secret
	kinds   map[string]datasource.Kind
}

// Batches implements [datasource.Source]. It reads tables of the Python backend
// too: nothing but their columns is needed.
func (d databaseSource) Batches(ctx context.Context) iter.Seq2[*datasource.Table, error] {
	return func(yield func(*datasource.Table, error) bool) {
		db, err := d.service.openStore(ctx, d.url, anyTables)
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() { _ = db.Close() }() // it was only read
		for t, err := range db.CustomerSource().Batches(ctx) {
			if err == nil {
				t, err = d.convert(t)
			}
			if !yield(t, databaseFault(err)) || err != nil {
				return
			}
		}
	}
}

// convert gives columns the kinds that are asked for, as reading a file does. One
// that is not there is missed where it is needed.
func (d databaseSource) convert(t *datasource.Table) (*datasource.Table, error) {
	kinds := maps.Clone(d.kinds)
	maps.DeleteFunc(kinds, func(name string, _ datasource.Kind) bool { return !t.Has(name) })
	return t.Convert(kinds)
}
