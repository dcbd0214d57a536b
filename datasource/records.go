package datasource

import (
	"math"
	"strings"
)

// records are consecutive rows of text cells: spans of one block of bytes. Every
// source that reads text fills records, and one code makes columns of them.
type records struct {
	data  []byte
	cells []span // row by row, len(names) a row
	names []string
	rows  int
	lines lineIndex
}

type span struct{ start, end uint32 }

func (r *records) cell(row, column int) []byte {
	s := r.cells[row*len(r.names)+column]
	return r.data[s.start:s.end]
}

// badCell is a cell that is not a number in a column of numbers.
type badCell struct {
	row, column int
	text        string
}

// table makes a table of the rows from low to high-1. The first bad cell, by
// row and then by column, is returned instead if there is one.
func (r *records) table(kinds []Kind, low, high int) (*Table, *badCell) {
	t := &Table{columns: make([]Column, len(r.names)), index: make(map[string]int, len(r.names)), rows: high - low}
	var bad *badCell
	for i, name := range r.names {
		t.index[name] = i
		c := Column{name: name, kind: kinds[i]}
		switch c.kind {
		case Numeric:
			row := 0
			if c.values, row = r.numbers(i, low, high); row >= 0 && (bad == nil || row < bad.row) {
				bad = &badCell{row, i, string(r.cell(row, i))}
			}
		case Categorical:
			c = r.categories(i, low, high)
		default:
			c.text = r.texts(i, low, high)
		}
		t.columns[i] = c
	}
	if bad != nil {
		return nil, bad
	}
	for row := range t.rows {
		t.lines.add(row, r.lines.at(low+row))
	}
	return t, nil
}

// numbers returns the values of a column, and the first row that holds no number
// or -1.
func (r *records) numbers(column, low, high int) (values []float64, bad int) {
	values = make([]float64, high-low)
	for i := range values {
		cell := r.cell(low+i, column)
		if v, ok := wholeNumber(cell); ok {
			values[i] = v
			continue
		}
		cell = trimBlanks(cell)
		if len(cell) == 0 {
			values[i] = math.NaN()
			continue
		}
		v, ok := parseNumber(cell)
		if !ok {
			return nil, low + i
		}
		values[i] = v
	}
	return values, -1
}

func (r *records) categories(column, low, high int) Column {
	index := make(map[string]int32)
	var levels []string
	// recent has, by length and last byte, a level that was met lately: most
	// columns have a handful, which it finds without hashing.
	var recent [64]int32
	codes := make([]int32, high-low)
	for i := range codes {
		cell := trimBlanks(r.cell(low+i, column))
		if len(cell) == 0 {
			codes[i] = -1
			continue
		}
		slot := &recent[(len(cell)*7+int(cell[len(cell)-1]))%len(recent)]
		if int(*slot) < len(levels) && levels[*slot] == string(cell) {
			codes[i] = *slot
			continue
		}
		code, ok := index[string(cell)]
		if !ok {
			code = int32(len(levels))
			levels = append(levels, string(cell))
			index[levels[code]] = code
		}
		codes[i], *slot = code, code
	}
	return coded(r.names[column], codes, levels)
}

func (r *records) texts(column, low, high int) texts {
	size := 0
	for row := low; row < high; row++ {
		s := r.cells[row*len(r.names)+column]
		size += int(s.end - s.start)
	}
	var block strings.Builder
	block.Grow(size)
	out := texts{ends: make([]int, high-low)}
	for i := range out.ends {
		if cell := r.cell(low+i, column); len(trimBlanks(cell)) > 0 {
			block.Write(cell)
		}
		out.ends[i] = block.Len()
	}
	out.block = block.String()
	return out
}
