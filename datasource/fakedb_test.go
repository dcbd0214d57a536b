package datasource_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"sync/atomic"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
)

// fakeResult is what every query of a fake database gives.
type fakeResult struct {
	rows  fakeTable
	types []string // database type names, none when nil
	// failAfter, when positive, is the number of rows before failure.
	failAfter int
	failure   error

	open, queries atomic.Int32 // results that are not closed, queries so far
}

type fakeTable struct {
	names []string
	cells [][]driver.Value
}

// fakeRows holds numbers as float64, everything else as string.
func fakeRows(t *datasource.Table) fakeTable {
	out := fakeTable{names: t.Names()}
	columns := t.Columns()
	for row := range t.Rows() {
		cells := make([]driver.Value, len(columns))
		for i, c := range columns {
			switch {
			case c.Missing(row):
			case c.Kind() == datasource.Numeric:
				cells[i] = c.Floats()[row]
			default:
				cells[i] = c.Cell(row)
			}
		}
		out.cells = append(out.cells, cells)
	}
	return out
}

func openFake(t *testing.T, result *fakeResult) *sql.DB {
	t.Helper()
	db := sql.OpenDB(fakeConnector{result})
	t.Cleanup(func() {
		db.Close()
		if n := result.open.Load(); n != 0 {
			t.Errorf("%d results were not closed", n)
		}
	})
	return db
}

type fakeConnector struct{ result *fakeResult }

func (c fakeConnector) Connect(context.Context) (driver.Conn, error) { return fakeConn(c), nil }
func (c fakeConnector) Driver() driver.Driver                        { return nil }

type fakeConn struct{ result *fakeResult }

func (c fakeConn) Prepare(string) (driver.Stmt, error) { return nil, driver.ErrSkip }
func (c fakeConn) Close() error                        { return nil }
func (c fakeConn) Begin() (driver.Tx, error)           { return nil, driver.ErrSkip }

func (c fakeConn) QueryContext(ctx context.Context, query string, _ []driver.NamedValue) (driver.Rows, error) {
	c.result.queries.Add(1)
	if query == "bad" {
		return nil, errFake
	}
	c.result.open.Add(1)
	return &fakeCursor{result: c.result, ctx: ctx}, nil
}

type fakeCursor struct {
	result *fakeResult
	ctx    context.Context
	at     int
}

func (r *fakeCursor) Columns() []string { return r.result.rows.names }

func (r *fakeCursor) Close() error {
	r.result.open.Add(-1)
	return nil
}

func (r *fakeCursor) Next(dest []driver.Value) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	if r.result.failAfter > 0 && r.at == r.result.failAfter {
		return r.result.failure
	}
	if r.at == len(r.result.rows.cells) {
		return io.EOF
	}
	copy(dest, r.result.rows.cells[r.at])
	r.at++
	return nil
}

func (r *fakeCursor) ColumnTypeDatabaseTypeName(i int) string {
	if r.result.types == nil {
		return ""
	}
	return r.result.types[i]
}
