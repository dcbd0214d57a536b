package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Error is a configuration that cannot be used. Its text is one line.
type Error struct {
	// File is the file that is wrong, "" when a flag or the environment is.
	File string
	// Line and Column count from 1; Line is 0 when the file as a whole, or no
	// file, is wrong.
	Line, Column int
	// Message says what is wrong: the key, what is allowed, what was found.
	Message string
	// Excerpt shows the line of the file with a mark below the column, on two
	// lines; it is empty when Line is 0, and for .env, which holds secrets.
	Excerpt string
}

func (e *Error) Error() string {
	switch {
	case e.File == "":
		return e.Message
	case e.Line == 0:
		return e.File + ": " + e.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// excerpt shows one line of a file and marks a column of it.
func excerpt(data []byte, line, column int) string {
	lines := strings.Split(string(data), "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	text := []rune(strings.TrimRight(lines[line-1], "\r"))
	const most = 100
	if len(text) > most {
		text = text[:most]
	}
	column = max(1, min(column, len(text)+1))
	number := fmt.Sprintf("%4d | ", line)
	blank := strings.Repeat(" ", len(number)-2) + "| "
	return number + printable(string(text)) + "\n" + blank + strings.Repeat(" ", column-1) + "^"
}

// printable keeps out of a terminal what cannot be seen in a file, such as
// control characters and marks that turn text around. There is one character for
// each, so that columns stay where they are.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case !strconv.IsGraphic(r):
			return '?'
		}
		return r
	}, s)
}
