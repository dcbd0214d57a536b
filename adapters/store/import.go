package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"strings"

	"github.com/cohortlens/cohortlens/datasource"
)

// Import is the account of an import: Rows = Inserted + Updated + Unchanged.
type Import struct {
	Rows      int64 `json:"rows"`
	Inserted  int64 `json:"inserted"`
	Updated   int64 `json:"updated"`
	Unchanged int64 `json:"unchanged"`
	// Rounded counts the incomes that had more than two decimals.
	Rounded int64 `json:"rounded"`
	// SHA256 is over all cells, so that an import can be told by its content.
	SHA256 string `json:"sha256"`
}

// ImportOptions say how a table is imported. The zero value works for one with the
// columns of [datasource.CustomerSchema].
type ImportOptions struct {
	// ID names the column that identifies customers; it is
	// [datasource.CustomerID] when empty.
	ID string
	// AnyColumns admits a table that lacks columns of the customer table. All of
	// its columns but the ID become attributes then.
	AnyColumns bool
	// Kinds are those that the caller asks for, by name. A column of numbers
	// becomes one of categories or texts only if it is among them.
	Kinds map[string]datasource.Kind
	// Progress, if not nil, is called as the rows are loaded.
	Progress func(done, total int)
}

// ImportCustomers inserts the rows of a table as customers, in their order, and
// replaces the values of those who have the same ID: all of them in one
// transaction, or none. An ID that occurs twice, and a number that is not whole
// where it must be, are an [ErrInvalid] that names the line. Too many customers
// for the plan of the actor are a [*LimitError].
//
// Columns beyond those of [datasource.CustomerSchema] are stored as attributes.
// The first import that has a value in such a column decides its kind, as rules
// for files do. Customers keep the attributes that the table has no column for.
func (s *Store) ImportCustomers(ctx context.Context, who Actor, t *datasource.Table, o ImportOptions) (*Import, error) {
	const op = "import customers"
	joining, err := newLayout(t, o)
	if err != nil {
		return nil, failed(ctx, op, err)
	}
	rows, err := newImportRows(t, joining)
	if err == nil {
		err = rows.check(ctx)
	}
	if err != nil {
		return nil, failed(ctx, op, err)
	}
	out := &Import{Rows: int64(t.Rows())}
	err = s.bulk(ctx, op, func(t *tx) error {
		if _, err := t.lockChain(customersTable); err != nil {
			return err
		}
		all, err := t.join(joining, rows.table, o.Kinds)
		if err != nil {
			return err
		}
		if err := rows.prepareAttributes(all); err != nil {
			return err
		}
		if err := t.stage(rows, o.progress); err != nil {
			return err
		}
		out.Rounded, out.SHA256 = rows.rounded, hex.EncodeToString(rows.digest.Sum(nil))
		if err := t.merge(rows, out); err != nil {
			return err
		}
		if err := t.checkCustomerLimit(who); err != nil {
			return err
		}
		return t.audit(who, change{table: customersTable, action: "IMPORT", new: out})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (o ImportOptions) progress(done, total int) {
	if o.Progress != nil {
		o.Progress(done, total)
	}
}

// stage loads the rows into a temporary table whose columns have the types of
// the customer table.
func (t *tx) stage(rows *importRows, progress func(done, total int)) error {
	end := ""
	if t.store.dialect.name == postgresDialect.name {
		end = "ON COMMIT DROP"
	}
	_, err := t.exec("CREATE TEMPORARY TABLE staging " + end + " AS SELECT 0 AS position, " +
		strings.Join(rows.columns()[1:], ", ") + " FROM customers LIMIT 0")
	if err != nil {
		return err
	}
	if t.store.dialect.name == postgresDialect.name {
		return t.copyRows(rows, progress)
	}
	return t.insertRows(rows, progress)
}

// progressRows is after how many rows progress is told.
const progressRows = 5000

// copyRows loads the rows by COPY.
func (t *tx) copyRows(rows *importRows, progress func(done, total int)) (err error) {
	stmt, err := t.inner.PrepareContext(t.ctx, "COPY staging FROM STDIN")
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := stmt.Close(); err == nil {
			err = closeErr
		}
	}()
	args := make([]any, 0, len(rows.columns()))
	for row := range rows.n {
		values, err := rows.args(t, args, row)
		if err != nil {
			return err
		}
		if _, err := stmt.ExecContext(t.ctx, values...); err != nil {
			return err
		}
		if (row+1)%progressRows == 0 {
			progress(row+1, rows.n)
		}
	}
	_, err = stmt.ExecContext(t.ctx) // the end of the data
	return err
}

// insertRows loads the rows by statements of many rows each.
func (t *tx) insertRows(rows *importRows, progress func(done, total int)) error {
	const group = 100
	marks := "(?" + strings.Repeat(", ?", len(rows.columns())-1) + ")"
	var stmt *sql.Stmt
	for row := 0; row < rows.n; {
		n := min(group, rows.n-row)
		if stmt == nil || n < group {
			values := marks + strings.Repeat(", "+marks, n-1)
			var err error
			if stmt, err = t.inner.PrepareContext(t.ctx, "INSERT INTO staging VALUES "+values); err != nil {
				return err
			}
			defer func(s *sql.Stmt) { _ = s.Close() }(stmt)
		}
		args := make([]any, 0, group*len(rows.columns()))
		for range n {
			var err error
			if args, err = rows.args(t, args, row); err != nil {
				return err
			}
			row++
		}
		if _, err := stmt.ExecContext(t.ctx, args...); err != nil {
			return err
		}
		if row%progressRows == 0 {
			progress(row, rows.n)
		}
	}
	return nil
}

// merge brings the staged rows into the customer table: first those who are known
// and differ, then those who are new, in their order. (One statement with ON
// CONFLICT takes PostgreSQL half as long again.)
func (t *tx) merge(rows *importRows, out *Import) (err error) {
	values := customerValues
	staged := values
	assignments, differs := replacing("staging", "staging.created_at")
	if rows.attributes != nil {
		patch := t.store.dialect.patch
		kept := "CASE WHEN customers.deleted_at IS NULL THEN COALESCE(customers.attributes, '{}') ELSE '{}' END"
		assignments += ", attributes = " + patch(kept, "staging.attributes")
		differs += " OR COALESCE(customers.attributes, '{}') IS DISTINCT FROM " + patch(kept, "staging.attributes")
		values += ", attributes"
		staged += ", " + patch("'{}'", "staging.attributes")
	}
	out.Updated, err = t.exec("UPDATE customers SET " + assignments + " FROM staging WHERE customers.customer_id = staging.customer_id AND (" + differs + ")")
	if err != nil {
		return err
	}
	out.Inserted, err = t.exec("INSERT INTO customers (customer_id, " + values + ", created_at, updated_at) SELECT customer_id, " + staged + `, created_at, created_at
		FROM staging WHERE NOT EXISTS (SELECT 1 FROM customers WHERE customers.customer_id = staging.customer_id) ORDER BY position`)
	if err != nil {
		return err
	}
	out.Unchanged = out.Rows - out.Updated - out.Inserted
	_, err = t.exec("DROP TABLE staging")
	return err
}
