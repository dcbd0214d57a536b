package config

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/joho/godotenv"
)

// readDotenv keeps what the file holds out of its errors: a line that cannot be
// read may well be a secret.
func (s Sources) readDotenv(name string) (variables, error) {
	v := variables{file: s.display(name)}
	data, err := s.ReadFile(name)
	if absent(err) {
		return v, nil
	}
	if err != nil {
		return v, &Error{File: v.file, Message: "cannot be read: " + reason(err)}
	}
	if len(data) > maxFile {
		return v, &Error{File: v.file, Message: fmt.Sprintf("the file is larger than %d bytes", maxFile)}
	}
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	if err := v.locate(text); err != nil {
		return v, err
	}
	if v.text, err = godotenv.Unmarshal(text); err != nil {
		return v, &Error{File: v.file, Message: "a line cannot be read; " + lineForm}
	}
	return v, nil
}

const lineForm = "each must be NAME=value, a comment or blank, and NAME of letters, digits and _"

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)

// locate finds the line of each variable, and the first line that is none. The
// reader of values knows no lines, and takes names with spaces or without any
// letter.
func (v *variables) locate(text string) error {
	v.lines = map[string]int{}
	for line := 1; text != ""; {
		name, size, problem := statement(text)
		if problem != "" {
			return &Error{File: v.file, Line: line, Column: 1, Message: problem}
		}
		if name != "" {
			v.lines[name] = line
		}
		line += strings.Count(text[:size], "\n")
		text = text[size:]
	}
	return nil
}

// statement returns the name of the variable that a text starts with, "" for a
// line without one, and the size of its lines: a value in quotes may have more
// than one.
func statement(text string) (name string, size int, problem string) {
	first, _, _ := strings.Cut(text, "\n")
	size = min(len(first)+1, len(text))
	if first = strings.TrimSpace(first); first == "" || first[0] == '#' {
		return "", size, ""
	}
	name, value, found := cutAssignment(first)
	if !found || !variableName.MatchString(name) {
		return "", 0, "the line cannot be read; " + lineForm
	}
	if value == "" || value[0] != '"' && value[0] != '\'' {
		return name, size, ""
	}
	start := strings.IndexByte(text, value[0])
	end := start + quotedSize(text[start:])
	if end < start {
		return "", 0, "the quote does not close"
	}
	rest, _, _ := strings.Cut(text[end:], "\n")
	size = min(end+len(rest)+1, len(text))
	if rest = strings.TrimSpace(rest); rest != "" && rest[0] != '#' {
		return "", 0, "there is text after the closing quote"
	}
	return name, size, ""
}

// cutAssignment splits NAME=value, or NAME: value.
func cutAssignment(s string) (name, value string, found bool) {
	at := strings.IndexAny(s, "=:")
	if at < 0 {
		return "", "", false
	}
	name = s[:at]
	if bare, export := strings.CutPrefix(name, "export"); export && strings.TrimSpace(bare) != bare {
		name = bare
	}
	return strings.TrimSpace(name), strings.TrimSpace(s[at+1:]), true
}

// quotedSize returns the size of the quoted text at the start of s, -1 when its
// quote does not close. A quote after a backslash does not close it.
func quotedSize(s string) int {
	for i := 1; i < len(s); i++ {
		if s[i] == s[0] && s[i-1] != '\\' {
			return i + 1
		}
	}
	return -1
}
