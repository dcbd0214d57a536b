package insights

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cohortlens/cohortlens/datasource"
)

// Roles says which columns play the parts that savings and recommendations
// speak of. An empty name means that the table has no such column.
type Roles struct {
	Spending, Income, Experience, FamilySize string
}

// InferRoles finds the numeric column for each role: the one that
// datasource.CustomerSchema names, if the table has it; else the only one whose
// name speaks of it ("spend"; "income" or "salary"; "experience"; "family" or
// "household", in upper or lower case); else none.
func InferRoles(t *datasource.Table) Roles {
	return Roles{
		Spending:   infer(t, datasource.SpendingScore, "spend"),
		Income:     infer(t, datasource.AnnualIncome, "income", "salary"),
		Experience: infer(t, datasource.WorkExperience, "experience"),
		FamilySize: infer(t, datasource.FamilySize, "family", "household"),
	}
}

func infer(t *datasource.Table, exact string, words ...string) string {
	if _, err := t.NumericColumn(exact); err == nil {
		return exact
	}
	found := ""
	for _, c := range t.Columns() {
		if c.Kind() != datasource.Numeric || !containsAny(strings.ToLower(c.Name()), words) {
			continue
		}
		if found != "" {
			return ""
		}
		found = c.Name()
	}
	return found
}

func containsAny(s string, words []string) bool {
	for _, word := range words {
		if strings.Contains(s, word) {
			return true
		}
	}
	return false
}

// ErrNoRole marks a role that a calculation needs and that no column of the table
// plays; the error is a [*RoleError].
var ErrNoRole = errors.New("no column plays a role that is needed")

// RoleError is an [ErrNoRole].
type RoleError struct {
	// Role is "spending", "income", "experience" or "family size".
	Role string
	// Err says what is wrong with the column that the role names; it is nil
	// when the role names none.
	Err error
}

func (e *RoleError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("no column is known to hold the %s", e.Role)
	}
	return fmt.Sprintf("the column for the %s: %v", e.Role, e.Err)
}

// Unwrap makes errors.Is true for [ErrNoRole] and for the column's own error.
func (e *RoleError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrNoRole}
	}
	return []error{ErrNoRole, e.Err}
}

// roleColumn returns the numeric column that plays a role.
func roleColumn(t *datasource.Table, role, name string) (datasource.Column, error) {
	if name == "" {
		return datasource.Column{}, &RoleError{Role: role}
	}
	c, err := t.NumericColumn(name)
	if err != nil {
		return datasource.Column{}, &RoleError{Role: role, Err: err}
	}
	return c, nil
}
