package datasource

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Policy says what [Validate] does with rows that break a rule.
type Policy string

const (
	// Drop sets bad rows aside and counts them. It is the default: the empty
	// Policy means Drop.
	Drop Policy = "drop"
	// Fail returns an [*InvalidError] when there is any bad row.
	Fail Policy = "fail"
	// Keep reports bad rows and leaves them in the table.
	Keep Policy = "keep"
)

// ParsePolicy reads a policy's name.
func ParsePolicy(name string) (Policy, error) {
	switch p := Policy(strings.ToLower(strings.TrimSpace(name))); p {
	case Drop, Fail, Keep:
		return p, nil
	case "":
		return Drop, nil
	}
	return "", fmt.Errorf("policy for invalid rows: want drop, fail or keep, got %q", name)
}

// MaxExamples is the number of violations that a [Validation] shows in full.
const MaxExamples = 100

// Validation is what [Validate] found.
type Validation struct {
	// Rows is the number of rows checked, BadRows the number of those that
	// break at least one rule.
	Rows, BadRows int
	// Counts has an entry for each broken rule, in schema order.
	Counts []RuleCount
	// Examples holds the first MaxExamples violations by row.
	Examples []Violation
}

// RuleCount says how many cells break a rule.
type RuleCount struct {
	Column string `json:"column"`
	Rule   string `json:"rule"`
	Count  int    `json:"count"`
}

// Violation is one cell that breaks a rule.
type Violation struct {
	// Row counts from 1; Line is the line of the file (see [Table.Line]).
	Row    int    `json:"row"`
	Line   int    `json:"line"`
	Column string `json:"column"`
	Rule   string `json:"rule"`
	// Value is the cell's text, cut after 60 characters.
	Value string `json:"value"`
	// FirstLine is set for a value that must be unique: the line on which it
	// occurred first.
	FirstLine int `json:"first_line,omitempty"`
}

// String says what is wrong and where, in one sentence.
func (v Violation) String() string {
	if v.FirstLine > 0 {
		return fmt.Sprintf("line %d: %s %q is the same as on line %d", v.Line, v.Column, v.Value, v.FirstLine)
	}
	if v.Value == "" {
		return fmt.Sprintf("line %d: %s is missing", v.Line, v.Column)
	}
	return fmt.Sprintf("line %d: %s is %s, must be %s", v.Line, v.Column, v.Value, v.Rule)
}

// ErrInvalid marks a table with rows that break its schema, under policy [Fail];
// the error is an [*InvalidError].
var ErrInvalid = errors.New("the data breaks its rules")

// InvalidError carries all that [Validate] found.
type InvalidError struct{ Validation Validation }

func (e *InvalidError) Error() string {
	v := e.Validation
	var rules strings.Builder
	for i, c := range v.Counts {
		if i > 0 {
			rules.WriteString("; ")
		}
		fmt.Fprintf(&rules, "%s must be %s: %d", c.Column, c.Rule, c.Count)
	}
	return fmt.Sprintf("%d of %d rows %s a rule (%s); first: %s", v.BadRows, v.Rows, agree(v.BadRows, "breaks", "break"), &rules, v.Examples[0])
}

// Unwrap makes errors.Is(err, ErrInvalid) true.
func (e *InvalidError) Unwrap() error { return ErrInvalid }

// Validate checks every cell of the table against the schema, and returns the
// table as the policy leaves it with all that was found. A field that the table
// lacks, or has in another kind, is an error under every policy. Of rows with
// the same unique value, the first is good. Cost is linear in cells; the end of
// ctx ends it.
func Validate(ctx context.Context, t *Table, s Schema, p Policy) (*Table, Validation, error) {
	p, err := ParsePolicy(string(p))
	if err != nil {
		return nil, Validation{}, err
	}
	if err := s.Check(t); err != nil {
		return nil, Validation{}, err
	}
	check := newRowCheck(t, s)
	kept, err := t.keep(ctx, func(row int) bool { return check.row(row) || p != Drop })
	if err != nil {
		return nil, Validation{}, err
	}
	found := check.result()
	if p == Fail && found.BadRows > 0 {
		return nil, found, &InvalidError{found}
	}
	return kept, found, nil
}

// rowCheck applies all rules of a schema row by row, so that examples come in
// the order of the file.
type rowCheck struct {
	table *Table
	rules []columnRule
	found Validation
}

type columnRule struct {
	column Column
	rule   Rule
	count  int
	seen   *rowSet // for unique: the values of the rows above
}

func newRowCheck(t *Table, s Schema) *rowCheck {
	check := &rowCheck{table: t, found: Validation{Rows: t.rows}}
	for _, f := range s.Fields {
		column := t.columns[t.index[f.Name]]
		for _, rule := range f.Rules {
			r := columnRule{column: column, rule: rule}
			if rule.unique {
				r.seen = newRowSet([]Column{column}, t.rows)
			}
			check.rules = append(check.rules, r)
		}
	}
	return check
}

// row reports whether a row keeps all rules.
func (c *rowCheck) row(row int) bool {
	good := true
	for i := range c.rules {
		r := &c.rules[i]
		first, ok := r.check(row)
		if ok {
			continue
		}
		good = false
		r.count++
		if len(c.found.Examples) < MaxExamples {
			v := Violation{
				Row: row + 1, Line: c.table.Line(row), Column: r.column.name,
				Rule: r.rule.Name, Value: shorten(r.column.Cell(row)),
			}
			if r.rule.unique {
				v.FirstLine = c.table.Line(first)
			}
			c.found.Examples = append(c.found.Examples, v)
		}
	}
	if !good {
		c.found.BadRows++
	}
	return good
}

// check returns for a repeated unique value the row that had it first.
func (r *columnRule) check(row int) (first int, ok bool) {
	if !r.rule.unique {
		return 0, r.rule.Holds(r.column, row)
	}
	if r.column.Missing(row) {
		return 0, true
	}
	return r.seen.add(row)
}

func (c *rowCheck) result() Validation {
	for _, r := range c.rules {
		if r.count > 0 {
			c.found.Counts = append(c.found.Counts, RuleCount{r.column.name, r.rule.Name, r.count})
		}
	}
	return c.found
}

// agree chooses the form that goes with a number.
func agree(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func shorten(s string) string {
	const limit = 60
	if runes := []rune(s); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return s
}
