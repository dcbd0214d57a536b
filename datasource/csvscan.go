package datasource

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Classes of bytes. Everything that ends or forbids a cell is above highByte.
const (
	plainByte = iota
	highByte  // part of a character beyond ASCII
	delimiterByte
	quoteByte
	newlineByte
	returnByte
	controlByte
)

type byteClasses [256]byte

func classesFor(delimiter byte) *byteClasses {
	var c byteClasses
	for b := range c {
		switch {
		case b >= utf8.RuneSelf:
			c[b] = highByte
		case b < ' ' || b == 0x7f:
			c[b] = controlByte
		}
	}
	c['\t'] = plainByte
	c['"'] = quoteByte
	c['\n'] = newlineByte
	c['\r'] = returnByte
	c[delimiter] = delimiterByte
	return &c
}

// scanner cuts a block of CSV text, which starts at the start of a row, into
// cells. It follows RFC 4180 strictly. Doubled quotes are undone in place.
type scanner struct {
	classes *byteClasses
	limits  Limits
	// partial says that the block may end within a row, which is then no error.
	partial bool

	data []byte
	pos  int
	line int // at pos
	out  *records
}

// scan appends all rows of the data to out, until the first error. Rows before
// the error are in out and are good.
func (s *scanner) scan() *CSVError {
	for s.skipBlank() {
		if s.plainRow() {
			continue
		}
		if err := s.row(); err != nil {
			return err
		}
	}
	return nil
}

// plainRow reads a row of ASCII cells without quotes, which is what most rows
// are. It leaves any other row, and any fault, to row.
func (s *scanner) plainRow() bool {
	data, cells, width := s.data, s.out.cells, len(s.out.names)
	start, n := s.pos, 1
	for at := start; at < len(data); at++ {
		class := s.classes[data[at]]
		if class == plainByte {
			continue
		}
		if at-start > s.limits.MaxFieldBytes || n > width {
			return false
		}
		next := at + 1
		if class == returnByte && next < len(data) && data[next] == '\n' {
			class = newlineByte
			next++
		}
		cells = append(cells, span{uint32(start), uint32(at)})
		switch class {
		case delimiterByte:
			start = next
			n++
		case newlineByte:
			if n != width {
				return false
			}
			s.out.cells, s.pos = cells, next
			s.out.lines.add(s.out.rows, s.line)
			s.out.rows++
			s.line++
			return true
		default:
			return false
		}
	}
	return false
}

// skipBlank goes to the next row that is not blank, if there is one.
func (s *scanner) skipBlank() bool {
	at := s.pos
	for at < len(s.data) {
		switch c := s.data[at]; {
		case c == '\n':
			s.line++
			at++
			s.pos = at
		case c == ' ' || s.classes[c] == returnByte || c == '\t' && s.classes[c] == plainByte:
			at++
		default:
			return true
		}
	}
	return false
}

// row reads one row. The names of out say how many cells it must have; there are
// none before the header is read.
func (s *scanner) row() *CSVError {
	line, width, first := s.line, len(s.out.names), len(s.out.cells)
	for n := 0; ; n++ {
		if n == width && width > 0 || n == s.limits.MaxColumns {
			return s.tooLong(line, first)
		}
		end, err := s.cell(line, n)
		if err != nil {
			s.out.cells = s.out.cells[:first]
			return err
		}
		if !end {
			continue
		}
		if s.partial && s.pos == len(s.data) {
			s.out.cells = s.out.cells[:first]
			return nil
		}
		if n+1 < width {
			s.out.cells = s.out.cells[:first]
			return &CSVError{Line: line, Reason: fmt.Sprintf("the row has %d %s, the header has %d", n+1, agree(n+1, "cell", "cells"), width)}
		}
		s.out.lines.add(s.out.rows, line)
		s.out.rows++
		return nil
	}
}

func (s *scanner) tooLong(line, first int) *CSVError {
	s.out.cells = s.out.cells[:first]
	if width := len(s.out.names); width > 0 {
		return &CSVError{
			Line: line, Reason: fmt.Sprintf("the row has more cells than the header, which has %d", width),
			Hint: "a cell that holds the delimiter must be in double quotes",
		}
	}
	return &CSVError{Line: line, Reason: fmt.Sprintf("more than %d columns", s.limits.MaxColumns), Err: ErrTooLarge}
}

// cell reads one cell and what ends it; end reports the end of the row.
func (s *scanner) cell(line, column int) (end bool, err *CSVError) {
	data, start, at := s.data, s.pos, s.pos
	if at < len(data) && data[at] == '"' {
		return s.quotedCell(line, column)
	}
	var seen byte
	for at < len(data) {
		class := s.classes[data[at]]
		if class > highByte {
			break
		}
		seen |= class
		at++
	}
	s.pos = at
	s.out.cells = append(s.out.cells, span{uint32(start), uint32(at)})
	if at-start > s.limits.MaxFieldBytes {
		return false, s.fieldTooLong(line, column, false)
	}
	if seen == highByte {
		if err := s.checkText(data[start:at], line, column); err != nil {
			return false, err
		}
	}
	return s.separator(line, column)
}

// separator reads what follows a cell: a delimiter, the end of the line or of
// the data.
func (s *scanner) separator(line, column int) (end bool, err *CSVError) {
	if s.pos == len(s.data) {
		return true, nil
	}
	c := s.data[s.pos]
	switch s.classes[c] {
	case delimiterByte:
		s.pos++
		return false, nil
	case newlineByte:
		s.pos++
		s.line++
		return true, nil
	case returnByte:
		if s.pos+1 == len(s.data) {
			s.pos++
			return true, nil
		}
		if s.data[s.pos+1] == '\n' {
			s.pos += 2
			s.line++
			return true, nil
		}
		return false, s.fault(line, column, "a carriage return that no line feed follows",
			"save the file with LF or CRLF at the end of lines")
	case quoteByte:
		return false, s.fault(line, column, "a double quote inside a cell that does not start with one",
			`put the whole cell in double quotes, from its first character on, and double each quote inside it`)
	}
	return false, s.control(c, line, column)
}

func (s *scanner) control(c byte, line, column int) *CSVError {
	if c == 0 {
		return s.fault(line, column, "a NUL character", "the file may be UTF-16 or not text at all: save it as UTF-8 text")
	}
	return s.fault(line, column, fmt.Sprintf("the control character 0x%02x", c), "remove it; the file must be UTF-8 text")
}

// quotedCell reads a cell that starts with a quote at pos.
func (s *scanner) quotedCell(line, column int) (end bool, err *CSVError) {
	data, opened := s.data, s.line
	start := s.pos + 1
	at, write := start, start
	var seen byte
	for {
		if at == len(data) {
			return s.unclosed(opened, column)
		}
		c := data[at]
		class := s.classes[c]
		if class == quoteByte {
			if at+1 == len(data) || data[at+1] != '"' {
				break
			}
			at++
		}
		switch class {
		case controlByte:
			return false, s.control(c, s.line, column)
		case newlineByte:
			s.line++
		case highByte:
			seen = highByte
		}
		if write-start == s.limits.MaxFieldBytes {
			return false, s.fieldTooLong(opened, column, true)
		}
		if write != at {
			data[write] = c
		}
		write++
		at++
	}
	s.pos = at + 1
	s.out.cells = append(s.out.cells, span{uint32(start), uint32(write)})
	if seen == highByte {
		if err := s.checkText(data[start:write], line, column); err != nil {
			return false, err
		}
	}
	if s.pos < len(data) && s.classes[data[s.pos]] <= highByte || s.pos < len(data) && data[s.pos] == '"' {
		return false, s.fault(s.line, column, "text after the closing quote of a cell", "double each quote inside a quoted cell")
	}
	return s.separator(s.line, column)
}

func (s *scanner) unclosed(opened, column int) (end bool, err *CSVError) {
	if s.partial {
		s.pos = len(s.data)
		s.out.cells = append(s.out.cells, span{})
		return true, nil
	}
	return false, s.fault(opened, column, "a quote opens here and is never closed", "close it, or double it if it is part of the text")
}

func (s *scanner) fieldTooLong(line, column int, quoted bool) *CSVError {
	err := s.fault(line, column, fmt.Sprintf("a cell of more than %d bytes", s.limits.MaxFieldBytes), "")
	if quoted {
		err.Hint = "its closing quote may be missing"
	}
	err.Err = ErrTooLarge
	return err
}

// checkText refuses what is not UTF-8, and control characters beyond ASCII; those
// of ASCII are judged where cells are cut, since tabs and quoted line breaks are text.
func (s *scanner) checkText(cell []byte, line, column int) *CSVError {
	for len(cell) > 0 {
		r, size := utf8.DecodeRune(cell)
		if r == utf8.RuneError && size == 1 {
			return s.fault(line, column, fmt.Sprintf("the byte 0x%02x is not UTF-8", cell[0]), "save the file as UTF-8")
		}
		if r >= utf8.RuneSelf && unicode.IsControl(r) {
			return s.fault(line, column, fmt.Sprintf("the control character %U", r), "remove it, or save the file as UTF-8 if it should be a letter")
		}
		cell = cell[size:]
	}
	return nil
}

func (s *scanner) fault(line, column int, reason, hint string) *CSVError {
	err := &CSVError{Line: line, Reason: reason, Hint: hint}
	if column < len(s.out.names) {
		err.Column = s.out.names[column]
	}
	return err
}
