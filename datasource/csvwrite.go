package datasource

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteCSV writes a table as CSV text (RFC 4180, comma, a line feed at the end of
// each line) that [NewCSVBytes] reads back to the same table, given its kinds.
// Numbers are written in the shortest form that reads back to the same value,
// missing values as empty cells, everything else byte for byte.
//
// Nothing is changed to protect a spreadsheet from cells that start with =, +, -
// or @: an ID must leave as it came. A program that writes files for spreadsheets
// must take care of those cells itself.
func WriteCSV(w io.Writer, t *Table) error {
	out := bufio.NewWriter(w)
	for i, c := range t.columns {
		// A byte order mark is quoted, or else it would be taken for the file's.
		writeCell(out, i, c.name, i == 0 && strings.HasPrefix(c.name, string(byteOrderMark)))
	}
	out.WriteByte('\n')
	for row := range t.rows {
		for i, c := range t.columns {
			cell := c.Cell(row)
			writeCell(out, i, cell, len(t.columns) == 1 && strings.Trim(cell, " \t") == "")
		}
		out.WriteByte('\n')
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}

// writeCell quotes what could be taken for structure, every delimiter that
// a reader may guess included. An error stays in out until Flush.
func writeCell(out *bufio.Writer, column int, cell string, quote bool) {
	if column > 0 {
		out.WriteByte(',')
	}
	if !quote && !strings.ContainsAny(cell, candidates+"\"\r\n") {
		out.WriteString(cell)
		return
	}
	out.WriteByte('"')
	out.WriteString(strings.ReplaceAll(cell, `"`, `""`))
	out.WriteByte('"')
}
