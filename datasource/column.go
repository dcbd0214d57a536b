package datasource

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Kind says how a column is stored and what an algorithm may do with it.
type Kind uint8

const (
	// Numeric columns hold finite float64 values, NaN where a value is missing.
	Numeric Kind = iota + 1
	// Categorical columns hold one of a set of levels, or nothing.
	Categorical
	// Text columns hold strings as they were read: IDs, names, dates, free
	// text. No algorithm uses them as input. The empty string is missing.
	Text
)

// String returns "numeric", "categorical" or "text".
func (k Kind) String() string {
	switch k {
	case Numeric:
		return "numeric"
	case Categorical:
		return "categorical"
	case Text:
		return "text"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Column is one named, immutable column of a [Table]. The zero Column is empty
// and of no kind.
type Column struct {
	name   string
	kind   Kind
	values []float64 // Numeric
	codes  []int32   // Categorical: index into levels, -1 is missing
	levels []string  // Categorical: sorted, distinct, each in use
	text   texts     // Text
}

// Numbers returns a numeric column with a copy of values; NaN is missing. An
// infinite value is refused by [NewTable].
func Numbers(name string, values []float64) Column {
	return Column{name: name, kind: Numeric, values: slices.Clone(values)}
}

// Categories returns a categorical column; the empty string is missing. Its
// levels are the distinct values in ascending byte order.
func Categories(name string, values []string) Column {
	index := make(map[string]int32)
	var levels []string
	codes := make([]int32, len(values))
	for i, v := range values {
		if v == "" {
			codes[i] = -1
			continue
		}
		code, ok := index[v]
		if !ok {
			code = int32(len(levels))
			index[v] = code
			levels = append(levels, v)
		}
		codes[i] = code
	}
	return coded(name, codes, levels)
}

// Texts returns a text column; the empty string is missing.
func Texts(name string, values []string) Column {
	return Column{name: name, kind: Text, text: gather(len(values), func(i int) string { return values[i] })}
}

// coded takes ownership of codes and levels (distinct, in any order, perhaps
// unused), and establishes the order that every categorical column keeps.
func coded(name string, codes []int32, levels []string) Column {
	used := make([]bool, len(levels))
	for _, c := range codes {
		if c >= 0 {
			used[c] = true
		}
	}
	order := make([]int32, 0, len(levels))
	for i := range levels {
		if used[i] {
			order = append(order, int32(i))
		}
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(levels[a], levels[b]) })
	rank := make([]int32, len(levels))
	sorted := make([]string, len(order))
	for r, i := range order {
		rank[i] = int32(r)
		sorted[r] = levels[i]
	}
	for i, c := range codes {
		if c >= 0 {
			codes[i] = rank[c]
		}
	}
	return Column{name: name, kind: Categorical, codes: codes, levels: sorted}
}

// Name returns the column's name.
func (c Column) Name() string { return c.name }

// Kind returns how the column is stored.
func (c Column) Kind() Kind { return c.kind }

// Len returns the number of rows.
func (c Column) Len() int {
	switch c.kind {
	case Numeric:
		return len(c.values)
	case Categorical:
		return len(c.codes)
	default:
		return c.text.len()
	}
}

// Floats returns the values of a numeric column, NaN where missing, and nil for
// another kind. The slice is the column's own storage: read it, never write it.
func (c Column) Floats() []float64 { return c.values }

// Codes returns for each row of a categorical column the index of its level in
// [Column.Levels], -1 where missing, and nil for another kind. The slice is the
// column's own storage: read it, never write it.
func (c Column) Codes() []int32 { return c.codes }

// Levels returns the distinct values of a categorical column in ascending byte
// order; each occurs in at least one row. The slice is the column's own
// storage: read it, never write it.
func (c Column) Levels() []string { return c.levels }

// Cell returns the value in a row as text, "" where it is missing. Numbers are
// written in the shortest form that reads back to the same value.
func (c Column) Cell(row int) string {
	switch c.kind {
	case Numeric:
		if v := c.values[row]; !math.IsNaN(v) {
			return format(v)
		}
	case Categorical:
		if code := c.codes[row]; code >= 0 {
			return c.levels[code]
		}
	case Text:
		return c.text.at(row)
	}
	return ""
}

// Missing reports whether the row has no value.
func (c Column) Missing(row int) bool {
	switch c.kind {
	case Numeric:
		return math.IsNaN(c.values[row])
	case Categorical:
		return c.codes[row] < 0
	default:
		return c.text.start(row) == c.text.ends[row]
	}
}

// MissingCount returns the number of rows without a value.
func (c Column) MissingCount() int {
	n := 0
	for row := range c.Len() {
		if c.Missing(row) {
			n++
		}
	}
	return n
}

// take returns the column with the given rows, in that order.
func (c Column) take(rows []int) Column {
	out := Column{name: c.name, kind: c.kind}
	switch c.kind {
	case Numeric:
		out.values = make([]float64, len(rows))
		for i, row := range rows {
			out.values[i] = c.values[row]
		}
	case Categorical:
		codes := make([]int32, len(rows))
		for i, row := range rows {
			codes[i] = c.codes[row]
		}
		return coded(c.name, codes, c.levels)
	case Text:
		out.text = gather(len(rows), func(i int) string { return c.text.at(rows[i]) })
	}
	return out
}

// concat joins columns of one name and kind, in order. It holds one copy of the
// result beside its parts and nothing else that grows with the rows.
func concat(parts []Column) Column {
	first := parts[0]
	if len(parts) == 1 {
		return first
	}
	n := 0
	for _, p := range parts {
		n += p.Len()
	}
	out := Column{name: first.name, kind: first.kind}
	switch first.kind {
	case Numeric:
		out.values = make([]float64, 0, n)
		for _, p := range parts {
			out.values = append(out.values, p.values...)
		}
	case Categorical:
		return concatCodes(parts, n)
	case Text:
		out.text = concatTexts(parts, n)
	}
	return out
}

func concatCodes(parts []Column, n int) Column {
	index := make(map[string]int32)
	var levels []string
	codes := make([]int32, 0, n)
	for _, p := range parts {
		to := make([]int32, len(p.levels))
		for i, level := range p.levels {
			code, ok := index[level]
			if !ok {
				code = int32(len(levels))
				index[level] = code
				levels = append(levels, level)
			}
			to[i] = code
		}
		for _, c := range p.codes {
			if c >= 0 {
				c = to[c]
			}
			codes = append(codes, c)
		}
	}
	return coded(parts[0].name, codes, levels)
}

// texts holds strings end to end in one block, so that a million IDs are two
// allocations, nothing for the garbage collector to walk, and reading one of
// them copies nothing.
type texts struct {
	block string
	ends  []int
}

func (t *texts) len() int { return len(t.ends) }

func (t *texts) at(i int) string { return t.block[t.start(i):t.ends[i]] }

func (t *texts) start(i int) int {
	if i == 0 {
		return 0
	}
	return t.ends[i-1]
}

// gather returns n texts, the i-th given by at(i).
func gather(n int, at func(i int) string) texts {
	size := 0
	for i := range n {
		size += len(at(i))
	}
	var block strings.Builder
	block.Grow(size)
	out := texts{ends: make([]int, n)}
	for i := range n {
		block.WriteString(at(i))
		out.ends[i] = block.Len()
	}
	out.block = block.String()
	return out
}

func concatTexts(parts []Column, n int) texts {
	size := 0
	for _, p := range parts {
		size += len(p.text.block)
	}
	var block strings.Builder
	block.Grow(size)
	out := texts{ends: make([]int, 0, n)}
	for _, p := range parts {
		base := block.Len()
		block.WriteString(p.text.block)
		for _, end := range p.text.ends {
			out.ends = append(out.ends, base+end)
		}
	}
	out.block = block.String()
	return out
}

// checkFinite refuses infinities, which no file or database may bring in.
func (c Column) checkFinite() error {
	for row, v := range c.values {
		if math.IsInf(v, 0) {
			return fmt.Errorf("column %s, row %d: %v is not a finite number", quoted(c.name), row+1, v)
		}
	}
	return nil
}
