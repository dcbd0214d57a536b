package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// tx is one explicit transaction: the only way to the database. Its statements
// are written with ? and rebound. (The PostgreSQL driver may run a statement
// outside of a transaction twice when a connection breaks.)
type tx struct {
	ctx   context.Context
	inner *sqlx.Tx
	store *Store
	// now is the time of all that the transaction stores.
	now time.Time
}

func (t *tx) exec(query string, args ...any) (changed int64, err error) {
	args, err = t.args(args)
	if err != nil {
		return 0, err
	}
	result, err := t.inner.ExecContext(t.ctx, t.bind(query), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// get reads one row into a struct or a value; none is sql.ErrNoRows.
func (t *tx) get(dest any, query string, args ...any) error {
	args, err := t.args(args)
	if err != nil {
		return err
	}
	return t.inner.GetContext(t.ctx, dest, t.bind(query), args...)
}

// list reads all rows into a slice.
func (t *tx) list(dest any, query string, args ...any) error {
	args, err := t.args(args)
	if err != nil {
		return err
	}
	return t.inner.SelectContext(t.ctx, dest, t.bind(query), args...)
}

func (t *tx) bind(query string) string { return sqlx.Rebind(t.store.dialect.bind, query) }

// args makes the arguments of a statement. A text that PostgreSQL cannot hold is
// refused on both databases, also where it is only looked for.
func (t *tx) args(args []any) ([]any, error) {
	for i, a := range args {
		switch v := a.(type) {
		case string:
			if err := checkText("a value", v, 0, math.MaxInt); err != nil {
				return nil, err
			}
		case time.Time:
			args[i] = t.store.dialect.time(v)
		case *time.Time:
			args[i] = nil
			if v != nil {
				args[i] = t.store.dialect.time(*v)
			}
		}
	}
	return args, nil
}

// write runs fn in a transaction that is committed when fn returns nil. It
// tries once: what failed, or may have failed, is for the caller to decide on.
func (s *Store) write(ctx context.Context, op string, fn func(*tx) error) error {
	return s.transact(ctx, op, transaction{slots: s.writers, pool: s.pool, limit: s.options.StatementTimeout}, fn)
}

// bulk is write without any limit of time, over a direct connection of its own.
func (s *Store) bulk(ctx context.Context, op string, fn func(*tx) error) error {
	return s.transact(ctx, op, transaction{slots: s.writers, pool: s.direct, unlimited: true}, fn)
}

// batch is write without a limit of time for all of its statements together.
func (s *Store) batch(ctx context.Context, op string, fn func(*tx) error) error {
	return s.transact(ctx, op, transaction{slots: s.writers, pool: s.pool}, fn)
}

// read runs fn in a transaction that sees one state of the database.
func (s *Store) read(ctx context.Context, op string, fn func(*tx) error) error {
	return s.transact(ctx, op, transaction{slots: s.readers, pool: s.pool, limit: s.options.StatementTimeout, readOnly: true}, fn)
}

// scan is read without a limit of time, for results that the caller walks
// through.
func (s *Store) scan(ctx context.Context, op string, fn func(*tx) error) error {
	return s.transact(ctx, op, transaction{slots: s.readers, pool: s.pool, readOnly: true, unlimited: true}, fn)
}

// transaction is how to run one.
type transaction struct {
	slots    chan struct{}
	pool     *sqlx.DB
	readOnly bool
	// limit is the time for all of it, none when 0.
	limit time.Duration
	// unlimited lifts the limit that the server has for a statement, and gives it
	// room to sort many rows.
	unlimited bool
}

func (s *Store) transact(ctx context.Context, op string, how transaction, fn func(*tx) error) error {
	if err := s.acquire(ctx, how.slots); err != nil {
		return failed(ctx, op, err)
	}
	defer func() { <-how.slots }()
	limited := ctx
	if how.limit > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, how.limit)
		defer cancel()
	}
	err := s.attempt(limited, how, fn)
	if err != nil && ctx.Err() == nil && limited.Err() != nil && !errors.Is(err, ErrUncertain) {
		err = fault(ErrUnavailable, "it took longer than %v", how.limit)
	}
	return failed(ctx, op, err)
}

// acquire waits for a free connection, for a while.
func (s *Store) acquire(ctx context.Context, slots chan struct{}) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case slots <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(s.options.PoolWait)
	defer timer.Stop()
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return fault(ErrUnavailable, "all %d connections were in use for %v", cap(slots), s.options.PoolWait)
	}
}

func (s *Store) attempt(ctx context.Context, how transaction, fn func(*tx) error) error {
	if err := s.checkFile(); err != nil {
		return err
	}
	options := &sql.TxOptions{ReadOnly: how.readOnly}
	if how.readOnly && s.dialect.name == postgresDialect.name {
		options.Isolation = sql.LevelRepeatableRead
	}
	inner, err := how.pool.BeginTxx(ctx, options)
	if err != nil {
		return err
	}
	defer func() { _ = inner.Rollback() }() // after a commit it does nothing
	t := &tx{ctx: ctx, inner: inner, store: s, now: s.now()}
	if how.unlimited && s.dialect.name == postgresDialect.name {
		if _, err := t.exec("SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '64MB'"); err != nil {
			return err
		}
	}
	if err := fn(t); err != nil {
		return err
	}
	if how.readOnly {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.committed(inner.Commit())
}

// committed tells a commit that failed from one whose answer was lost. SQLite
// answers always; a PostgreSQL backend that dies may have committed before.
func (s *Store) committed(err error) error {
	if err == nil || s.dialect.name == sqliteDialect.name || errors.Is(err, sql.ErrTxDone) {
		return err
	}
	if refused := pq.As(err); refused != nil && !refused.Fatal() {
		return err
	}
	return &kinded{ErrUncertain, fmt.Errorf("the commit had no answer: %w", err)}
}
