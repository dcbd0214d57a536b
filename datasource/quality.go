package datasource

import (
	"context"
	"errors"
	"fmt"
)

// Quality is the account of a table on its way into the analysis: no row
// disappears uncounted. Rows = Kept + SetAside + MissingRows + DuplicateRows.
type Quality struct {
	Rows int `json:"rows"`
	Kept int `json:"kept"`
	// Policy is what was done with rows that break a rule. BadRows counts
	// them; SetAside counts those that were dropped for it.
	Policy   Policy `json:"policy"`
	BadRows  int    `json:"bad_rows"`
	SetAside int    `json:"set_aside"`
	// MissingRows and DuplicateRows are those that Clean dropped.
	MissingRows   int           `json:"missing_rows"`
	DuplicateRows int           `json:"duplicate_rows"`
	Missing       []ColumnCount `json:"missing"`
	Violations    []RuleCount   `json:"violations"`
	Examples      []Violation   `json:"examples"`
	// Notes says in words what else a reader should know about the data.
	Notes []string `json:"notes"`
}

// Prepare validates a table by its schema and cleans it with regard to the named
// columns, those of the schema when none is named. Without an ID, two equal rows
// may be two customers, so repeated rows stay, with a note. It fails when no row
// is left.
func Prepare(ctx context.Context, t *Table, s Schema, p Policy, columns ...string) (*Table, Quality, error) {
	p, err := ParsePolicy(string(p))
	if err != nil {
		return nil, Quality{}, err
	}
	valid, found, err := Validate(ctx, t, s, p)
	if err != nil {
		return nil, Quality{}, err
	}
	if len(columns) == 0 {
		for _, f := range s.Fields {
			columns = append(columns, f.Name)
		}
	}
	complete, dropped, err := dropMissing(ctx, valid, columns)
	if err != nil {
		return nil, Quality{}, err
	}
	clean, err := dropDuplicates(ctx, complete)
	if err != nil {
		return nil, Quality{}, err
	}
	duplicates := complete.rows - clean.rows
	notes := []string{}
	if s.ID == "" && duplicates > 0 {
		notes = append(notes, fmt.Sprintf("No column identifies a customer, so rows that are the same in every column count each as a customer of its own: %d %s an earlier one.", duplicates, agree(duplicates, "row repeats", "rows repeat")))
		clean, duplicates = complete, 0
	}
	q := account(t, valid, found, p)
	q.Kept, q.MissingRows, q.DuplicateRows = clean.Rows(), dropped.MissingRows, duplicates
	q.Missing, q.Notes = orEmpty(dropped.Missing), notes
	if t.Rows() == 0 {
		return nil, q, errors.New("no usable row: the table has columns and no rows")
	}
	if clean.Rows() == 0 {
		return nil, q, fmt.Errorf("no usable row: of %d %s, %d %s a rule and %d %s a value", q.Rows, agree(q.Rows, "row", "rows"),
			q.SetAside, agree(q.SetAside, "breaks", "break"), q.MissingRows, agree(q.MissingRows, "lacks", "lack"))
	}
	return clean, q, nil
}

// Screen validates a table by its schema and gives the account of it: what
// [Prepare] does before it cleans, for rows that may lack values and may repeat.
// It fails when no row is left.
func Screen(ctx context.Context, t *Table, s Schema, p Policy) (*Table, Quality, error) {
	p, err := ParsePolicy(string(p))
	if err != nil {
		return nil, Quality{}, err
	}
	valid, found, err := Validate(ctx, t, s, p)
	if err != nil {
		return nil, Quality{}, err
	}
	q := account(t, valid, found, p)
	switch {
	case t.Rows() == 0:
		return nil, q, errors.New("no usable row: the table has columns and no rows")
	case valid.Rows() == 0:
		return nil, q, fmt.Errorf("no usable row: every row breaks a rule; first: %s", found.Examples[0])
	}
	return valid, q, nil
}

// account is that of a table of which validation left the valid rows.
func account(t, valid *Table, found Validation, p Policy) Quality {
	return Quality{
		Rows: t.Rows(), Kept: valid.Rows(), Policy: p,
		BadRows: found.BadRows, SetAside: t.Rows() - valid.Rows(),
		Missing: []ColumnCount{}, Violations: orEmpty(found.Counts), Examples: orEmpty(found.Examples), Notes: []string{},
	}
}

// orEmpty keeps null out of JSON.
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
