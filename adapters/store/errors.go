package store

import (
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// The kinds of errors. Every error of this package is an [*Error] of one of
// them, or the error of a context that ended.
var (
	// ErrInvalid marks a parameter that is out of its range.
	ErrInvalid = errors.New("invalid value")
	// ErrNotFound marks a row that is not there.
	ErrNotFound = errors.New("not found")
	// ErrConflict marks a row that another one excludes.
	ErrConflict = errors.New("conflict")
	// ErrLimit marks what the plan of a tenant does not allow; the error is a
	// [*LimitError].
	ErrLimit = errors.New("over the limit of the plan")
	// ErrCredentials marks a login that is refused, whatever the reason.
	ErrCredentials = errors.New("wrong user name or password")
	// ErrUnavailable marks a database that cannot be reached, is overloaded or
	// did not answer in time. Nothing was written; trying later may succeed.
	ErrUnavailable = errors.New("the database is not available")
	// ErrUncertain marks a commit whose answer was lost: all of the write is
	// stored, or nothing of it. It was not tried again.
	ErrUncertain = errors.New("it is not known whether the write was stored")
	// ErrAccess marks a user or password that the database refuses.
	ErrAccess = errors.New("the database refuses access")
	// ErrNoDatabase marks a database that does not exist, or was deleted.
	ErrNoDatabase = errors.New("there is no such database")
	// ErrSchema marks tables that are not as this version needs them.
	ErrSchema = errors.New("the tables are not as this version needs them")
	// ErrCorrupt marks stored bytes that are damaged.
	ErrCorrupt = errors.New("the database is damaged")
	// ErrReadOnly marks a database that cannot be written to.
	ErrReadOnly = errors.New("the database is read-only")
	// ErrFull marks a disk without room. Nothing was written.
	ErrFull = errors.New("the disk of the database is full")
)

// Error says what was being done, what kind of fault ended it, and why.
type Error struct {
	// Op is what was being done, such as "add user".
	Op string
	// Kind is one of the errors above; nil for a fault of the program.
	Kind error
	// Err is the cause: a sentence of this package, or the error of the driver.
	// A driver's error may name tables and belongs into logs only. It never
	// holds a password.
	Err error
}

func (e *Error) Error() string {
	switch {
	case e.Err == nil:
		return fmt.Sprintf("store: %s: %v", e.Op, e.Kind)
	case e.Kind == nil:
		return fmt.Sprintf("store: %s: %v", e.Op, e.Err)
	}
	return fmt.Sprintf("store: %s: %v: %v", e.Op, e.Kind, e.Err)
}

// Unwrap gives the kind and the cause.
func (e *Error) Unwrap() []error {
	var all []error
	for _, err := range []error{e.Kind, e.Err} {
		if err != nil {
			all = append(all, err)
		}
	}
	return all
}

// LimitError is an [ErrLimit]: what a plan allows, and what was asked for.
type LimitError struct {
	// What is limited: "customers" or "calls per month".
	What string
	// Limit is the most that is allowed, Wanted what there would be.
	Limit, Wanted int64
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("the plan allows %d %s, and there would be %d", e.Limit, e.What, e.Wanted)
}

// Unwrap makes errors.Is(err, ErrLimit) true.
func (e *LimitError) Unwrap() error { return ErrLimit }

// kinded is an error on its way to an [Error].
type kinded struct {
	kind error
	err  error
}

func (k *kinded) Error() string { return k.err.Error() }

func (k *kinded) Unwrap() []error { return []error{k.kind, k.err} }

// fault returns an error of a kind with a sentence of this package.
func fault(kind error, format string, args ...any) error {
	return &kinded{kind, fmt.Errorf(format, args...)}
}

func invalid(format string, args ...any) error { return fault(ErrInvalid, format, args...) }

// failed makes the error of an operation. It leaves the end of the caller's
// context as it is.
func failed(ctx context.Context, op string, err error) error {
	var (
		already *Error
		own     *kinded
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &already):
		return err
	case errors.As(err, &own):
		return &Error{op, own.kind, err}
	case ctx.Err() != nil:
		return fmt.Errorf("store: %s: %w", op, context.Cause(ctx))
	}
	return &Error{op, kindOf(err), err}
}

// kindOf finds the kind of a driver's error.
func kindOf(err error) error {
	var (
		limit       *LimitError
		lite        *sqlite.Error
		file        *fs.PathError
		certificate *tls.CertificateVerificationError
		network     net.Error
	)
	switch {
	case errors.As(err, &limit):
		return ErrLimit
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case errors.As(err, &lite):
		return kindOfSQLite(lite)
	case pq.As(err) != nil:
		return kindOfPostgres(pq.As(err).Code)
	case strings.Contains(err.Error(), "sql: Scan error"): // it has no type; the value is none that was written
		return ErrCorrupt
	case errors.As(err, &file): // one that the URL names, such as of certificates
		return ErrInvalid
	case errors.As(err, &certificate):
		return ErrAccess
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network),
		errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return ErrUnavailable
	}
	return nil
}

func kindOfSQLite(err *sqlite.Error) error {
	code := err.Code()
	switch code {
	case sqlite3.SQLITE_ERROR: // of many kinds; the text tells this one
		if strings.Contains(err.Error(), "no such table") || strings.Contains(err.Error(), "no such column") {
			return ErrSchema
		}
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return ErrConflict
	}
	switch code & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH:
		return ErrInvalid
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_PROTOCOL:
		return ErrUnavailable
	case sqlite3.SQLITE_CANTOPEN:
		return ErrNoDatabase
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return ErrCorrupt
	case sqlite3.SQLITE_READONLY:
		return ErrReadOnly
	case sqlite3.SQLITE_FULL:
		return ErrFull
	case sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		return ErrAccess
	}
	return nil
}

func kindOfPostgres(code pqerror.Code) error {
	switch code {
	case pqerror.UniqueViolation:
		return ErrConflict
	case pqerror.DiskFull:
		return ErrFull
	case pqerror.InvalidCatalogName, pqerror.InvalidSchemaName:
		return ErrNoDatabase
	case pqerror.ReadOnlySQLTransaction:
		return ErrReadOnly
	case pqerror.InsufficientPrivilege:
		return ErrAccess
	case pqerror.UndefinedTable, pqerror.UndefinedColumn, pqerror.DatatypeMismatch:
		return ErrSchema
	case pqerror.DataCorrupted, pqerror.IndexCorrupted:
		return ErrCorrupt
	}
	switch code.Class() {
	case "22", "23": // data exception, integrity constraint violation
		return ErrInvalid
	case "28": // invalid authorisation
		return ErrAccess
	case "08", "40", "53", "55", "57", "58": // connection, rollback, resources, state, operator, system
		return ErrUnavailable
	}
	return nil
}
