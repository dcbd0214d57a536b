package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
)

// lockFile keeps other processes from migrating the same SQLite database: each
// step is a transaction of its own, and the lock must span them all. The lock is
// that of an empty database beside the file, which the system gives back when a
// process dies. On PostgreSQL, which has locks of sessions, it does nothing.
func (s *Store) lockFile(ctx context.Context) (unlock func() error, err error) {
	if s.file == nil {
		return func() error { return nil }, nil
	}
	path := s.file.path + "-migrate"
	for {
		unlock, valid, err := tryLockFile(ctx, path)
		if valid || err != nil {
			return unlock, err
		}
	}
}

// tryLockFile locks a file, which it makes when there is none. The lock is not
// valid when the file was removed, by the one who had the lock, in the meantime.
func tryLockFile(ctx context.Context, path string) (unlock func() error, valid bool, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, false, &kinded{ErrReadOnly, withoutPath(err)}
	}
	// While it is open, no other file has its number.
	defer func() { err = errors.Join(err, f.Close()) }()
	settings := url.Values{"_pragma": {"busy_timeout(60000)"}, "_txlock": {"exclusive"}, "mode": {"rw"}}
	location := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: settings.Encode()}
	connector, err := sqlite.NewConnector(location.String())
	if err != nil {
		return nil, false, err
	}
	db := sql.OpenDB(connector)
	held, err := db.BeginTx(ctx, nil)
	if err == nil && isFile(f, path) {
		return func() error {
			_ = os.Remove(path) // an empty file that stays does no harm
			return errors.Join(held.Rollback(), db.Close())
		}, true, nil
	}
	if err != nil && isFile(f, path) {
		return nil, false, errors.Join(err, db.Close())
	}
	if held != nil {
		err = held.Rollback()
	} else {
		err = nil // the lock of a file that is gone
	}
	return nil, false, errors.Join(err, db.Close())
}

// isFile reports whether an open file is still the one of that name.
func isFile(f *os.File, path string) bool {
	mine, err1 := f.Stat()
	there, err2 := os.Stat(path)
	return err1 == nil && err2 == nil && os.SameFile(mine, there)
}
