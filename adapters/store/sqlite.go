package store

import (
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"
)

// openSQLite prepares the file and its connections. There is one writer: it would
// only wait for the lock of the file otherwise.
func (s *Store) openSQLite() error {
	s.writers = make(chan struct{}, 1)
	if s.options.PoolWait == 0 {
		s.options.PoolWait = 10 * time.Second
	}
	dsn, err := s.prepareFile()
	if err != nil {
		return err
	}
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return err
	}
	s.pool = sqlx.NewDb(sql.OpenDB(connector), "sqlite")
	s.direct = s.pool
	s.pool.SetMaxOpenConns(s.options.MaxConnections + 1)
	s.pool.SetMaxIdleConns(s.options.MaxConnections + 1)
	if s.target.path == memory {
		// Each connection would be a database of its own.
		s.readers = s.writers
		s.pool.SetMaxOpenConns(1)
	}
	return nil
}

// prepareFile finds or makes the file, and returns what the driver opens.
func (s *Store) prepareFile() (dsn string, err error) {
	settings := url.Values{
		"_pragma": {
			"busy_timeout(5000)", "journal_mode(WAL)", "foreign_keys(1)", "synchronous(FULL)",
			"temp_store(MEMORY)", "trusted_schema(0)",
		},
		"_txlock": {"immediate"},
	}
	if s.target.path == memory {
		return "file::memory:?" + settings.Encode(), nil
	}
	path, err := filepath.Abs(s.target.path)
	if err != nil {
		return "", err
	}
	if s.options.Create {
		if err := createFile(path); err != nil {
			return "", err
		}
	}
	if s.file, err = openFile(path, s.options.Create); err != nil {
		return "", err
	}
	settings.Set("mode", "rw") // never create
	location := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: settings.Encode()}
	return location.String(), nil
}

// createFile makes an empty file that only its owner reads, unless there is one.
func createFile(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fault(kindOfFile(err), "the file cannot be created: %w", withoutPath(err))
	}
	return f.Close()
}

// databaseFile is the file of a database as it was when it was opened. Nothing but
// SQLite opens it: a process that closes a file gives up all locks that it has on
// it, those of other stores among them.
type databaseFile struct {
	path string
	info fs.FileInfo
}

func openFile(path string, emptyIsNew bool) (*databaseFile, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault(ErrNoDatabase, "there is no database file %s; a new one is made only when that is asked for", path)
	case err != nil:
		return nil, &kinded{ErrUnavailable, withoutPath(err)}
	case !info.Mode().IsRegular():
		return nil, fault(ErrNoDatabase, "%s is not a file", path)
	case info.Size() == 0 && !emptyIsNew:
		return nil, fault(ErrCorrupt, "the database file %s is empty", path)
	}
	if err := checkWritable(path); err != nil {
		return nil, fault(kindOfFile(err), "the database file cannot be opened for writing: %w", withoutPath(err))
	}
	return &databaseFile{path, info}, nil
}

// checkFile fails when the file was deleted or replaced since it was opened:
// SQLite would go on writing into a file that nobody will find.
func (s *Store) checkFile() error {
	if s.file == nil {
		return nil
	}
	info, err := os.Stat(s.file.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault(ErrNoDatabase, "the database file %s was deleted", s.file.path)
	case err != nil:
		return &kinded{ErrUnavailable, withoutPath(err)}
	case !os.SameFile(info, s.file.info):
		return fault(ErrNoDatabase, "the database file %s was replaced by another one", s.file.path)
	}
	return nil
}

// kindOfFile finds the kind of an error of the file system.
func kindOfFile(err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return ErrReadOnly
	case errors.Is(err, syscall.ENOSPC):
		return ErrFull
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return ErrNoDatabase
	}
	return ErrUnavailable
}

func withoutPath(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
