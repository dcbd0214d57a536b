package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// password asks for a new password, twice, on a terminal, and reads it from
// standard input otherwise. It is never an argument, which other users of the
// machine could see.
func (s *session) password() (string, error) {
	ask := s.process.Ask
	if ask == nil {
		return readPassword(s.process.Stdin)
	}
	first, err := ask(s.flags.Context, "New password: ")
	if err != nil {
		return "", err
	}
	again, err := ask(s.flags.Context, "The same again: ")
	if err != nil {
		return "", err
	}
	if first != again {
		return "", &usageError{message: "the two passwords are not the same; nothing was changed"}
	}
	return first, nil
}

// readPassword reads one line.
func readPassword(in io.Reader) (string, error) {
	const most = 4096
	if in == nil {
		return "", &usageError{message: "there is no standard input to read the password from"}
	}
	data, err := io.ReadAll(io.LimitReader(in, most))
	if err != nil {
		return "", fmt.Errorf("read the password from standard input: %w", err)
	}
	line := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	switch {
	case line == "":
		return "", &usageError{message: "standard input holds no password", hint: "Give it as a line on standard input, or run the command on a terminal."}
	case strings.ContainsAny(line, "\r\n"):
		return "", &usageError{message: "standard input holds more than one line; the password is one"}
	}
	return line, nil
}

// askOn returns a function that asks for a text on a terminal without showing it,
// nil when in is no terminal.
func askOn(in *os.File, out io.Writer) func(ctx context.Context, prompt string) (string, error) {
	fd := int(in.Fd())
	if !term.IsTerminal(fd) {
		return nil
	}
	return func(ctx context.Context, prompt string) (string, error) {
		state, err := term.GetState(fd)
		if err != nil {
			return "", err
		}
		if _, err := io.WriteString(out, prompt); err != nil {
			return "", err
		}
		type answer struct {
			text []byte
			err  error
		}
		typed := make(chan answer, 1)
		go func() {
			text, err := term.ReadPassword(fd)
			typed <- answer{text, err}
		}()
		select {
		case a := <-typed:
			_, err := io.WriteString(out, "\n")
			return string(a.text), errors.Join(a.err, err)
		case <-ctx.Done(): // the reader cannot be stopped; the process is about to end
			return "", errors.Join(ctx.Err(), term.Restore(fd, state))
		}
	}
}
