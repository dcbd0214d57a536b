package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// lockFile is the lock of migrations for SQLite: that of an empty database beside
// the file, which the system gives back when a process dies. A database in memory
// needs none.
//
// The empty file stays: whoever removed it would let in those who make a new one
// beside those who wait for the old. And nothing but SQLite may open it: a process
// that closes a file gives up all locks that it has on it.
func (s *Store) lockFile(ctx context.Context) (unlock func() error, err error) {
	if s.file == nil {
		return func() error { return nil }, nil
	}
	settings := url.Values{"_pragma": {"busy_timeout(60000)"}, "_txlock": {"exclusive"}, "mode": {"rwc"}}
	location := url.URL{Scheme: "file", Path: filepath.ToSlash(s.file.path + "-migrate"), RawQuery: settings.Encode()}
	connector, err := sqlite.NewConnector(location.String())
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	held, err := db.BeginTx(ctx, nil)
	if err != nil {
		if lite := (*sqlite.Error)(nil); errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_CANTOPEN {
			err = &kinded{ErrReadOnly, err}
		}
		return nil, errors.Join(err, db.Close())
	}
	return func() error { return errors.Join(held.Rollback(), db.Close()) }, nil
}
