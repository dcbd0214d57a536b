package datasource

import (
	"fmt"
	"hash/maphash"
	"math"
)

// InferSchema describes a table for which no schema was made. Its ID is the first
// text column that has the name of an ID (id, customer_id, CustomerID ...) and
// hardly a value twice, with the rules of [IDField]. All other columns are fields
// without rules, in their kinds. Cost is linear in rows.
func InferSchema(t *Table) Schema {
	var s Schema
	for _, c := range t.columns {
		if s.ID == "" && identifies(c) {
			s.ID = c.name
			s.Fields = append(s.Fields, IDField(c.name))
			continue
		}
		s.Fields = append(s.Fields, Field{Name: c.name, Kind: c.kind})
	}
	return s
}

func identifies(c Column) bool {
	if c.kind != Text || !namesID(c.name) {
		return false
	}
	o := observation{isID: true, seed: maphash.MakeSeed()}
	for row := range c.Len() {
		o.see([]byte(c.text.at(row)), false)
	}
	return o.distinct()
}

// Unused is a column that no analysis can use.
type Unused struct {
	Column string
	// Reason completes the sentence "the column is left out, because ...".
	Reason string
}

// Unusable lists the columns that say nothing about a row or cannot be computed
// with: those without any value, those with one value only, text, and, where the
// schema has no ID, numbers that count the rows, such as 1, 2, 3: at least 20 whole
// ones, of which nine in ten are greater than the one before and as many differ, and
// that leave out at most one in five. The ID of the schema is not among them. Cost
// is linear in cells.
func Unusable(t *Table, s Schema) []Unused {
	var list []Unused
	for _, c := range t.columns {
		if c.name == s.ID {
			continue
		}
		reason := unusable(c)
		if reason == "" && s.ID == "" && c.kind == Numeric && countsRows(c) {
			reason = "it looks like a running number, since its values count up and hardly any comes twice; name it as the ID column, or as numerical to compute with it"
		}
		if reason != "" {
			list = append(list, Unused{c.name, reason})
		}
	}
	return list
}

func unusable(c Column) string {
	first := -1
	for row := range c.Len() {
		switch {
		case c.Missing(row):
		case first < 0:
			first = row
		case !sameCell(c, first, row):
			if c.kind == Text {
				return "it holds text with too many different values to be categories"
			}
			return ""
		}
	}
	if first < 0 {
		return "all its values are missing"
	}
	return fmt.Sprintf("all its values are the same: %s", quoted(c.Cell(first)))
}

// fewestCounted is the number of rows from which numbers can be seen to count.
const fewestCounted = 20

// countsRows reports whether a numeric column is a running number: in at least
// nine of ten rows a whole number greater than the one before, at most one in five
// numbers left out, and at least nine in ten of them different.
func countsRows(c Column) bool {
	n := c.Len()
	if n < fewestCounted || !rises(c.values) {
		return false
	}
	set, distinct := newRowSet([]Column{c}, n), 0
	for row := range n {
		if _, added := set.add(row); added {
			distinct++
		}
	}
	return 10*distinct >= 9*n
}

func rises(values []float64) bool {
	low, high := math.Inf(1), math.Inf(-1)
	steps, before := 0, math.Inf(-1)
	for _, v := range values {
		if math.IsNaN(v) {
			continue
		}
		if v != math.Trunc(v) {
			return false
		}
		if v > before {
			steps++
		}
		low, high, before = min(low, v), max(high, v), v
	}
	n := float64(len(values))
	return float64(10*steps) >= 9*n && high-low+1 <= 1.25*n
}

// sameCell compares two cells that are not missing.
func sameCell(c Column, a, b int) bool {
	switch c.kind {
	case Numeric:
		return c.values[a] == c.values[b]
	case Categorical:
		return c.codes[a] == c.codes[b]
	}
	return c.text.at(a) == c.text.at(b)
}
