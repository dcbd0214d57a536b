package datasource

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Schema says what a table should look like: its columns, their kinds and the
// rules that each cell must keep. Columns that a table has beyond its schema
// are allowed.
type Schema struct {
	// ID names the column that identifies a row, "" for none.
	ID     string
	Fields []Field
}

// Field describes one column.
type Field struct {
	Name  string
	Kind  Kind
	Rules []Rule
}

// Rule is a condition on the cells of one column. All rules but [Present] hold
// for a missing value.
type Rule struct {
	// Name completes the sentence "the value must be ...", such as
	// "between 18 and 100".
	Name string
	// Holds reports whether the cell in a row keeps the rule.
	Holds func(c Column, row int) bool

	unique bool
}

// Present requires a value.
func Present() Rule {
	return Rule{Name: "present", Holds: func(c Column, row int) bool { return !c.Missing(row) }}
}

// Unique requires that no two rows have the same value.
func Unique() Rule { return Rule{Name: "unique", unique: true} }

// Whole requires a whole number.
func Whole() Rule {
	return number("a whole number", func(v float64) bool { return v == math.Trunc(v) })
}

// Between requires a number from low to high, both included.
func Between(low, high float64) Rule {
	return number(fmt.Sprintf("between %s and %s", format(low), format(high)),
		func(v float64) bool { return v >= low && v <= high })
}

// AtLeast requires a number not below low.
func AtLeast(low float64) Rule {
	return number("at least "+format(low), func(v float64) bool { return v >= low })
}

// MoreThan requires a number above low.
func MoreThan(low float64) Rule {
	return number("more than "+format(low), func(v float64) bool { return v > low })
}

// AtMostRunes requires a text of at most n characters.
func AtMostRunes(n int) Rule {
	return Rule{
		Name:  fmt.Sprintf("at most %d characters long", n),
		Holds: func(c Column, row int) bool { return utf8.RuneCountInString(c.Cell(row)) <= n },
	}
}

func number(name string, holds func(v float64) bool) Rule {
	return Rule{Name: name, Holds: func(c Column, row int) bool {
		return c.kind != Numeric || c.Missing(row) || holds(c.values[row])
	}}
}

// format writes a number in the shortest form that reads back to the same value,
// with an exponent only where the number would be very long without.
func format(v float64) string {
	if size := math.Abs(v); size >= 1e21 || size < 1e-6 && size > 0 {
		return strconv.FormatFloat(v, 'e', -1, 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// The columns of [CustomerSchema].
const (
	CustomerID     = "CustomerID"
	Gender         = "Gender"
	Age            = "Age"
	AnnualIncome   = "Annual Income ($)"
	SpendingScore  = "Spending Score (1-100)"
	Profession     = "Profession"
	WorkExperience = "Work Experience"
	FamilySize     = "Family Size"
)

// CustomerSchema is the default schema: the customer table of the CohortLens
// backend.
func CustomerSchema() Schema {
	return Schema{ID: CustomerID, Fields: []Field{
		IDField(CustomerID),
		{Gender, Categorical, []Rule{Present()}},
		{Age, Numeric, []Rule{Present(), Whole(), Between(18, 100)}},
		{AnnualIncome, Numeric, []Rule{Present(), MoreThan(0)}},
		{SpendingScore, Numeric, []Rule{Present(), Whole(), Between(0, 100)}},
		{Profession, Categorical, []Rule{Present()}},
		{WorkExperience, Numeric, []Rule{Present(), Whole(), AtLeast(0)}},
		{FamilySize, Numeric, []Rule{Present(), Whole(), MoreThan(0)}},
	}}
}

// IDField describes a column that identifies rows: present, unique and at most
// 128 characters long.
func IDField(name string) Field {
	return Field{name, Text, []Rule{Present(), Unique(), AtMostRunes(128)}}
}

// Kinds returns the kind of each field by name.
func (s Schema) Kinds() map[string]Kind {
	kinds := make(map[string]Kind, len(s.Fields))
	for _, f := range s.Fields {
		kinds[f.Name] = f.Kind
	}
	return kinds
}

// Names returns the names of the fields of one kind, in order.
func (s Schema) Names(kind Kind) []string {
	var names []string
	for _, f := range s.Fields {
		if f.Kind == kind {
			names = append(names, f.Name)
		}
	}
	return names
}

// Only returns the schema with only the named fields, in its own order.
func (s Schema) Only(names ...string) Schema {
	out := Schema{}
	for _, f := range s.Fields {
		if slices.Contains(names, f.Name) {
			out.Fields = append(out.Fields, f)
		}
	}
	if slices.Contains(names, s.ID) {
		out.ID = s.ID
	}
	return out
}

// Fits reports whether a table with these column names is meant to follow the
// schema: at least half of the fields are there by their exact names. What is
// then still missing is an error, and not a sign of another kind of table.
func (s Schema) Fits(names []string) bool {
	have := make(map[string]bool, len(names))
	for _, n := range names {
		have[n] = true
	}
	found := 0
	for _, f := range s.Fields {
		if have[f.Name] {
			found++
		}
	}
	return len(s.Fields) > 0 && 2*found >= len(s.Fields)
}

// Check returns an error unless the table has every field of the schema, in its
// kind.
func (s Schema) Check(t *Table) error {
	for _, f := range s.Fields {
		if _, err := t.columnOf(f.Name, f.Kind); err != nil {
			return err
		}
	}
	return nil
}
