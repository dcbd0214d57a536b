package datasource

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrNoColumn marks a column that a table does not have; the error is a
	// [*ColumnError].
	ErrNoColumn = errors.New("no such column")
	// ErrKind marks a column of another kind than is needed; the error is a
	// [*KindError].
	ErrKind = errors.New("wrong kind of column")
	// ErrCell marks a cell that cannot be what its column needs; the error is a
	// [*CellError].
	ErrCell = errors.New("bad cell")
	// ErrConsumed marks a source that can be read only once and was.
	ErrConsumed = errors.New("the source can be read only once")
)

// ColumnError is an [ErrNoColumn]: it carries the name that was asked for and
// the nearest name that exists, if one is near.
type ColumnError struct {
	Name, Nearest string
	// Have lists the columns that exist.
	Have []string
}

// NewColumnError returns the error for a column that is not among have.
func NewColumnError(name string, have []string) *ColumnError {
	nearest, _ := Nearest(name, have)
	return &ColumnError{Name: name, Nearest: nearest, Have: have}
}

func (e *ColumnError) Error() string {
	if e.Nearest != "" {
		return fmt.Sprintf("no column %s; did you mean %s?", quoted(e.Name), quoted(e.Nearest))
	}
	const show = 12
	have := e.Have
	more := ""
	if len(have) > show {
		more = fmt.Sprintf(" and %d more", len(have)-show)
		have = have[:show]
	}
	shown := make([]string, len(have))
	for i, h := range have {
		shown[i] = quoted(h)
	}
	return fmt.Sprintf("no column %s; the columns are %s%s", quoted(e.Name), strings.Join(shown, ", "), more)
}

// Unwrap makes errors.Is(err, ErrNoColumn) true.
func (e *ColumnError) Unwrap() error { return ErrNoColumn }

// KindError is an [ErrKind].
type KindError struct {
	Column    string
	Want, Got Kind
}

func (e *KindError) Error() string {
	return fmt.Sprintf("column %s is %s: a %s column is needed", quoted(e.Column), e.Got, e.Want)
}

// Unwrap makes errors.Is(err, ErrKind) true.
func (e *KindError) Unwrap() error { return ErrKind }

// CellError is an [ErrCell]: a cell of a table or of a query's result.
type CellError struct {
	// Row counts from 1.
	Row    int
	Column string
	// Reason says what is wrong, Hint how to repair it, or nothing.
	Reason, Hint string
}

func (e *CellError) Error() string {
	text := fmt.Sprintf("row %d, column %s: %s", e.Row, quoted(e.Column), e.Reason)
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// Unwrap makes errors.Is(err, ErrCell) true.
func (e *CellError) Unwrap() error { return ErrCell }
