package datasource

import (
	"context"
	"database/sql"
	"fmt"
	"hash/maphash"
	"iter"
	"slices"
	"strings"
)

// Querier runs a query: *sql.DB, *sql.Conn and *sql.Tx do.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Query is a [Source] of the rows that a database query gives. Integers, floats
// and booleans (1 and 0) are numbers, and so is the text of a column whose
// database type is a decimal; times become text as RFC 3339 has it; NULL is
// missing. Kinds follow the same rules as those of CSV files, except that text
// which only looks like a number is no number.
//
// The result is held in memory before the first batch unless Schema and Kinds
// give the kind of every column: then it is streamed. Each read runs the query
// again. Batches stops, and gives the connection back, when ctx ends or the
// caller stops, as far as the driver heeds its context.
type Query struct {
	// Schema and Kinds give kinds to columns, as in [CSVConfig]. Set them before
	// the first read.
	Schema Schema
	Kinds  map[string]Kind

	db   Querier
	text string
	args []any
}

// NewQuery returns the source of a query's rows.
func NewQuery(db Querier, query string, args ...any) *Query {
	return &Query{db: db, text: query, args: args}
}

// Batches implements [Source]. A cell that is not finite, not UTF-8 text or not
// a number where one is needed is a [*CellError].
func (q *Query) Batches(ctx context.Context) iter.Seq2[*Table, error] {
	return func(yield func(*Table, error) bool) {
		if err := q.read(ctx, func(t *Table) bool { return yield(t, nil) }); err != nil {
			if ctx.Err() != nil {
				err = ctx.Err()
			}
			yield(nil, fmt.Errorf("query: %w", err))
		}
	}
}

func (q *Query) read(ctx context.Context, yield func(*Table) bool) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	rows, err := q.db.QueryContext(ctx, q.text, q.args...)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := rows.Close(); err == nil {
			err = closeErr
		}
	}()
	r, err := newRowReader(rows, q)
	if err != nil {
		return err
	}
	if slices.Contains(r.kinds, 0) {
		return r.gather(ctx, yield)
	}
	return r.stream(ctx, yield)
}

// rowReader turns the rows of a result into records.
type rowReader struct {
	rows   *sql.Rows
	names  []string
	kinds  []Kind // 0 until inferred
	number []bool // the database's type is a number
	seen   []observation
	cells  []any // the row that is being read
	dest   []any // pointers to cells
	read   int
}

func newRowReader(rows *sql.Rows, q *Query) (*rowReader, error) {
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	if err := checkNames(names); err != nil {
		return nil, err
	}
	kinds, err := CSVConfig{Schema: q.Schema, Kinds: q.Kinds}.kindsOf(names)
	if err != nil {
		return nil, err
	}
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	r := &rowReader{
		rows: rows, names: names, kinds: kinds, number: make([]bool, len(names)),
		seen: observe(names, maphash.MakeSeed()), cells: make([]any, len(names)), dest: make([]any, len(names)),
	}
	for i := range names {
		r.number[i] = isNumberType(types[i].DatabaseTypeName())
		r.dest[i] = &r.cells[i]
	}
	return r, nil
}

func checkNames(names []string) error {
	for i, name := range names {
		if name == "" {
			return fmt.Errorf("column %d of the result has no name: give it one with AS", i+1)
		}
		if first := slices.Index(names, name); first < i {
			return fmt.Errorf("columns %d and %d of the result have the same name %s: rename one with AS", first+1, i+1, quoted(name))
		}
	}
	return nil
}

// isNumberType reports whether a database's type holds numbers, whatever the
// driver hands over. An unknown type is judged by the values.
func isNumberType(name string) bool {
	name, _, _ = strings.Cut(strings.ToUpper(name), "(")
	switch strings.TrimSpace(strings.TrimPrefix(name, "UNSIGNED ")) {
	case "NUMERIC", "DECIMAL", "DEC", "NUMBER", "MONEY", "SMALLMONEY",
		"INT", "INTEGER", "TINYINT", "SMALLINT", "MEDIUMINT", "BIGINT", "INT2", "INT4", "INT8",
		"REAL", "FLOAT", "DOUBLE", "DOUBLE PRECISION", "FLOAT4", "FLOAT8", "BOOL", "BOOLEAN":
		return true
	}
	return false
}

// fill reads up to defaultBatchRows rows. It returns no records after the last.
func (r *rowReader) fill() (*records, error) {
	out := &records{names: r.names}
	for out.rows < defaultBatchRows && len(out.data) < maxBlock/2 && r.rows.Next() {
		if err := r.rows.Scan(r.dest...); err != nil {
			return nil, err
		}
		for i := range r.cells {
			if err := r.add(out, i); err != nil {
				return nil, err
			}
		}
		out.lines.add(out.rows, r.read+1)
		out.rows++
		r.read++
	}
	if err := r.rows.Err(); err != nil {
		return nil, err
	}
	return out, nil
}

// add appends a cell to the records.
func (r *rowReader) add(out *records, column int) error {
	start := len(out.data)
	data, number, reason := appendCell(out.data, r.cells[column])
	if reason != "" {
		return &CellError{Row: r.read + 1, Column: r.names[column], Reason: reason}
	}
	out.data = data
	out.cells = append(out.cells, span{uint32(start), uint32(len(data))})
	if r.kinds[column] == 0 {
		r.seen[column].see(trimBlanks(data[start:]), number || r.number[column])
	}
	return nil
}

// stream yields the rows while they are read.
func (r *rowReader) stream(ctx context.Context, yield func(*Table) bool) error {
	for base := 0; ; base = r.read {
		part, err := r.fill()
		if err != nil {
			return err
		}
		if part.rows == 0 && r.read > 0 {
			return nil
		}
		t, err := r.table(ctx, part, base)
		if err != nil || !yield(t) || part.rows == 0 {
			return err
		}
	}
}

// gather reads all rows, infers kinds, and then yields the rows.
func (r *rowReader) gather(ctx context.Context, yield func(*Table) bool) error {
	var parts []*records
	for {
		part, err := r.fill()
		if err != nil {
			return err
		}
		if part.rows == 0 && len(parts) > 0 {
			break
		}
		parts = append(parts, part)
		if part.rows == 0 {
			break
		}
	}
	for i, kind := range r.kinds {
		if kind == 0 {
			r.kinds[i], _ = r.seen[i].kind()
		}
	}
	base := 0
	for i, part := range parts {
		parts[i] = nil
		t, err := r.table(ctx, part, base)
		if err != nil || !yield(t) {
			return err
		}
		base += part.rows
	}
	return nil
}

// table makes a batch of records, of which the first is row base of the result.
func (r *rowReader) table(ctx context.Context, part *records, base int) (*Table, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t, bad := part.table(r.kinds, 0, part.rows)
	if bad == nil {
		return t, nil
	}
	reason, hint := notNumber(bad.text)
	return nil, &CellError{Row: base + bad.row + 1, Column: r.names[bad.column], Reason: reason, Hint: hint}
}
