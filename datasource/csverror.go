package datasource

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

var (
	// ErrCSV marks everything that is wrong with a CSV file; the error is a
	// [*CSVError].
	ErrCSV = errors.New("bad CSV file")
	// ErrTooLarge marks a file beyond one of its [Limits]; the error is a
	// [*CSVError].
	ErrTooLarge = errors.New("the file is beyond its limits")
)

// CSVError says what is wrong with a CSV file, and where. It is an [ErrCSV].
type CSVError struct {
	// Name is the file's name as it was given.
	Name string
	// Line is the physical line of the file, counted from 1, or 0 when the
	// file as a whole is at fault. A cell that spans lines is reported at the
	// line on which its row starts, an unclosed quote at the line on which it
	// opens.
	Line int
	// Column is the name of the column, "" when no single one is at fault.
	Column string
	// Reason says what is wrong, Hint how to repair it, or nothing.
	Reason, Hint string
	// Err is a further error that this one is, such as [ErrTooLarge] or
	// fs.ErrNotExist, or nil.
	Err error
}

// Error gives one line without control characters, usually of 100 to 200 bytes
// and never of more than 1,500, whatever the file holds.
func (e *CSVError) Error() string {
	var b strings.Builder
	b.WriteString(printable(e.Name, 100))
	if e.Line > 0 {
		fmt.Fprintf(&b, ", line %d", e.Line)
	}
	if e.Column != "" {
		fmt.Fprintf(&b, ", column %s", quoted(e.Column))
	}
	b.WriteString(": " + e.Reason)
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

// Unwrap makes errors.Is true for [ErrCSV] and for Err.
func (e *CSVError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrCSV}
	}
	return []error{ErrCSV, e.Err}
}

// quoted shows text from a file in an error: short, in quotes, every character
// that is not printable escaped.
func quoted(text string) string { return strconv.Quote(shorten(text)) }

// printable is like quoted, without the quotes.
func printable(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		text = "…" + string(runes[len(runes)-limit:])
	}
	q := strconv.Quote(text)
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}
