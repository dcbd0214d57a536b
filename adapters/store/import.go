package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
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

// ImportCustomers inserts the rows of a table as customers, and replaces those
// who have the same ID: all of them in one transaction, or none. The table has
// the columns of [datasource.CustomerSchema]; others are not stored. An ID that
// occurs twice, and a number that is not whole where it must be, are an
// [ErrInvalid] that names the line. Too many customers for the plan of the actor
// are a [*LimitError].
//
// Rows keep their order. Progress, if not nil, is called as the rows are loaded.
func (s *Store) ImportCustomers(ctx context.Context, who Actor, t *datasource.Table, progress func(done, total int)) (*Import, error) {
	const op = "import customers"
	rows, err := newImportRows(t)
	if err == nil {
		err = rows.check()
	}
	if err != nil {
		return nil, failed(ctx, op, err)
	}
	if progress == nil {
		progress = func(int, int) {}
	}
	out := &Import{Rows: int64(t.Rows())}
	err = s.bulk(ctx, op, func(t *tx) error {
		if _, err := t.lockChain(customersTable); err != nil {
			return err
		}
		if err := t.stage(rows, progress); err != nil {
			return err
		}
		out.Rounded, out.SHA256 = rows.rounded, hex.EncodeToString(rows.digest.Sum(nil))
		if err := t.merge(out); err != nil {
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

// stagedColumns are those of the staging table, in the order of
// [importRows.args].
const stagedColumns = "position, customer_id, gender, age, annual_income, spending_score, profession, work_experience, family_size, created_at"

// stage loads the rows into a temporary table whose columns have the types of
// the customer table.
func (t *tx) stage(rows *importRows, progress func(done, total int)) error {
	end := ""
	if t.store.dialect.name == postgresDialect.name {
		end = "ON COMMIT DROP"
	}
	_, err := t.exec("CREATE TEMPORARY TABLE staging " + end + " AS SELECT 0 AS position, " +
		strings.TrimPrefix(stagedColumns, "position, ") + " FROM customers LIMIT 0")
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
	stmt, err := t.inner.PrepareContext(t.ctx, "COPY staging ("+stagedColumns+") FROM STDIN")
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := stmt.Close(); err == nil {
			err = closeErr
		}
	}()
	args := make([]any, 0, stagedArgs)
	for row := range rows.n {
		if _, err := stmt.ExecContext(t.ctx, rows.args(t, args, row)...); err != nil {
			return err
		}
		if (row+1)%progressRows == 0 {
			progress(row+1, rows.n)
		}
	}
	_, err = stmt.ExecContext(t.ctx) // the end of the data
	return err
}

const stagedArgs = 10

// insertRows loads the rows by statements of many rows each.
func (t *tx) insertRows(rows *importRows, progress func(done, total int)) error {
	const group = 100
	var stmt *sql.Stmt
	for row := 0; row < rows.n; {
		n := min(group, rows.n-row)
		if stmt == nil || n < group {
			values := strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?), ", n), ", ")
			var err error
			if stmt, err = t.inner.PrepareContext(t.ctx, "INSERT INTO staging ("+stagedColumns+") VALUES "+values); err != nil {
				return err
			}
			defer func(s *sql.Stmt) { _ = s.Close() }(stmt)
		}
		args := make([]any, 0, group*stagedArgs)
		for range n {
			args = rows.args(t, args, row)
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
func (t *tx) merge(out *Import) (err error) {
	out.Updated, err = t.exec(`UPDATE customers SET gender = staging.gender, age = staging.age, annual_income = staging.annual_income,
			spending_score = staging.spending_score, profession = staging.profession, work_experience = staging.work_experience,
			family_size = staging.family_size, updated_at = staging.created_at, deleted_at = NULL
		FROM staging WHERE customers.customer_id = staging.customer_id AND (customers.deleted_at IS NOT NULL
			OR customers.gender IS DISTINCT FROM staging.gender OR customers.age IS DISTINCT FROM staging.age
			OR customers.annual_income IS DISTINCT FROM staging.annual_income
			OR customers.spending_score IS DISTINCT FROM staging.spending_score
			OR customers.profession IS DISTINCT FROM staging.profession
			OR customers.work_experience IS DISTINCT FROM staging.work_experience
			OR customers.family_size IS DISTINCT FROM staging.family_size)`)
	if err != nil {
		return err
	}
	out.Inserted, err = t.exec(`INSERT INTO customers (customer_id, gender, age, annual_income, spending_score, profession,
			work_experience, family_size, created_at, updated_at)
		SELECT customer_id, gender, age, annual_income, spending_score, profession, work_experience, family_size, created_at, created_at
		FROM staging WHERE NOT EXISTS (SELECT 1 FROM customers WHERE customers.customer_id = staging.customer_id) ORDER BY position`)
	if err != nil {
		return err
	}
	out.Unchanged = out.Rows - out.Updated - out.Inserted
	_, err = t.exec("DROP TABLE staging")
	return err
}

// importRows are the rows of a table as the database takes them.
type importRows struct {
	table *datasource.Table
	n     int

	id, gender, profession                              datasource.Column
	age, income, spending, workExperience, familyMember datasource.Column

	rounded int64
	digest  hash.Hash
	line    bytes.Buffer
}

func newImportRows(t *datasource.Table) (*importRows, error) {
	r := &importRows{table: t, n: t.Rows(), digest: sha256.New()}
	for name, c := range map[string]*datasource.Column{
		datasource.CustomerID: &r.id, datasource.Gender: &r.gender, datasource.Profession: &r.profession, datasource.Age: &r.age,
		datasource.AnnualIncome: &r.income, datasource.SpendingScore: &r.spending, datasource.WorkExperience: &r.workExperience,
		datasource.FamilySize: &r.familyMember,
	} {
		var err error
		if *c, err = t.Column(name); err != nil {
			return nil, &kinded{ErrInvalid, err}
		}
	}
	for _, c := range r.numbers() {
		if c.Kind() != datasource.Numeric {
			return nil, invalid("the column %s is %s, and must be numeric", c.Name(), c.Kind())
		}
	}
	return r, nil
}

func (r *importRows) numbers() []datasource.Column {
	return []datasource.Column{r.age, r.income, r.spending, r.workExperience, r.familyMember}
}

// check refuses rows that the table of customers cannot hold.
func (r *importRows) check() error {
	first := make(map[string]int, r.n)
	for row := range r.n {
		id := r.id.Cell(row)
		line := r.table.Line(row)
		if before, twice := first[id]; twice {
			return invalid("line %d: the customer ID %q is also that of line %d", line, id, r.table.Line(before))
		}
		first[id] = row
		if err := checkTexts(checked{datasource.CustomerID, id, 1, maxName}, checked{datasource.Gender, r.gender.Cell(row), 0, maxText},
			checked{datasource.Profession, r.profession.Cell(row), 0, maxText}); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		for _, c := range r.numbers() {
			if err := checkNumber(c, row, c.Name() == datasource.AnnualIncome); err != nil {
				return fmt.Errorf("line %d: %w", line, err)
			}
		}
	}
	return nil
}

func checkNumber(c datasource.Column, row int, fraction bool) error {
	v := c.Floats()[row]
	switch {
	case math.IsNaN(v):
		return nil
	case fraction:
		_, err := cents(c.Name(), v)
		return err
	case v != math.Trunc(v) || math.Abs(v) > mostWhole:
		return invalid("%s must be a whole number of at most %d, got %v", c.Name(), mostWhole, v)
	}
	return nil
}

// args appends the values of a row, and adds them to the digest.
func (r *importRows) args(t *tx, to []any, row int) []any {
	r.line.Reset()
	text := func(c datasource.Column) any {
		cell := c.Cell(row)
		r.line.WriteString(cell)
		r.line.WriteByte(0)
		return orNull(cell)
	}
	whole := func(c datasource.Column) any {
		if text(c) == nil {
			return nil
		}
		return int64(c.Floats()[row])
	}
	income := func() any {
		if text(r.income) == nil {
			return nil
		}
		exact := r.income.Floats()[row]
		rounded := math.Round(exact*100) / 100
		if rounded != exact {
			r.rounded++
		}
		return rounded
	}
	to = append(to, int64(row), text(r.id), text(r.gender), whole(r.age), income(), whole(r.spending), text(r.profession),
		whole(r.workExperience), whole(r.familyMember), t.store.dialect.time(t.now))
	r.digest.Write(r.line.Bytes())
	return to
}
