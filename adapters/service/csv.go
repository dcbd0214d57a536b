package service

import (
	"bytes"
	"io"
	"strings"

	"github.com/cohortlens/cohortlens/datasource"
)

// csvBatches writes tables of the same columns as one CSV file.
type csvBatches struct {
	w         io.Writer
	excelSafe bool
	started   bool
}

func (c *csvBatches) write(t *datasource.Table) error {
	if c.excelSafe {
		safe, err := withoutFormulas(t)
		if err != nil {
			return asInput(err)
		}
		t = safe
	}
	w := c.w
	if c.started {
		var header bytes.Buffer
		if err := datasource.WriteCSV(&header, t.Take(nil)); err != nil {
			return err
		}
		w = &skipper{c.w, header.Len()}
	}
	c.started = true
	return datasource.WriteCSV(w, t)
}

// skipper leaves out the first bytes of what is written to it.
type skipper struct {
	w    io.Writer
	skip int
}

func (s *skipper) Write(p []byte) (int, error) {
	skipped := min(s.skip, len(p))
	s.skip -= skipped
	n, err := s.w.Write(p[skipped:])
	return skipped + n, err
}

// withoutFormulas writes an apostrophe before every text and every column name
// that a spreadsheet would take for a formula. Numbers are left as they are. It
// fails when two names then are the same.
func withoutFormulas(t *datasource.Table) (*datasource.Table, error) {
	list := t.Columns()
	for i, c := range list {
		list[i] = safeColumn(c)
	}
	return datasource.NewTable(list...)
}

func safeColumn(c datasource.Column) datasource.Column {
	if c.Kind() == datasource.Numeric {
		return datasource.Numbers(safeText(c.Name()), c.Floats())
	}
	cells := make([]string, c.Len())
	for row := range cells {
		cells[row] = safeText(c.Cell(row))
	}
	return datasource.Texts(safeText(c.Name()), cells)
}

// safeText keeps a spreadsheet from evaluating a text.
func safeText(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
