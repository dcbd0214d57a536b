package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/adapters/config"
	"github.com/cohortlens/cohortlens/adapters/service"
	"github.com/cohortlens/cohortlens/adapters/store"
)

// Exit codes.
const (
	ExitOK          = 0
	ExitInternal    = 1
	ExitUsage       = 2
	ExitDrift       = 3
	ExitInterrupted = 130
)

// Process is what a command sees of the process that it runs in.
type Process struct {
	// Args are the arguments, without the program's name.
	Args []string
	// Dir is the working directory, Environ the environment as os.Environ has
	// it.
	Dir     string
	Environ []string

	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Terminal says that Stderr is a terminal, so that progress can be shown.
	Terminal bool
	// Ask asks a person for a text and does not show it; nil when standard input
	// is no terminal.
	Ask func(ctx context.Context, prompt string) (string, error)
	// Actor is who the audit log says did what the command does.
	Actor string
	// Now is the time printed in reports.
	Now time.Time
}

// System returns the process as the operating system has it. The time is that of
// SOURCE_DATE_EPOCH (seconds since 1970) if it is set, so that reports can be
// made again byte by byte.
func System() Process {
	dir, _ := os.Getwd() // without it, paths are shown in full
	now := time.Now()
	if epoch, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
		now = time.Unix(epoch, 0).UTC()
	}
	return Process{
		Args: os.Args[1:], Dir: dir, Environ: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Terminal: term.IsTerminal(int(os.Stderr.Fd())), Ask: askOn(os.Stdin, os.Stderr),
		Actor: account(), Now: now,
	}
}

// account names the account of the operating system that the process runs under.
func account() string {
	u, err := user.Current()
	if err != nil {
		return "cli"
	}
	return "cli:" + u.Username
}

// Main runs one command and returns the exit code.
func Main(ctx context.Context, p Process) (code int) {
	defer func() {
		if fault := recover(); fault != nil {
			p.complain("internal error: "+fmt.Sprint(fault), "")
			code = ExitInternal
		}
	}()
	args, err := arrange(p.Args)
	if err == nil {
		err = newApp(p).RunContext(ctx, append([]string{"cohortlens"}, args...))
	}
	if err == nil {
		return ExitOK
	}
	code = exitCode(err)
	if code == ExitInterrupted {
		p.complain("interrupted", "")
	} else {
		p.complain(err.Error(), hintOf(err))
	}
	return code
}

// complain prints an error on one line and a hint below it. There is no place
// left to say that this failed.
func (p Process) complain(message, hint string) {
	text := "cohortlens: " + oneLine(message) + "\n"
	if hint != "" {
		text += hint + "\n"
	}
	_, _ = io.WriteString(p.Stderr, text)
}

// usageError is a fault of the command line itself.
type usageError struct{ message, hint string }

func (e *usageError) Error() string { return e.message }

// errDrift says that --fail-on-drift was given and that there is drift.
var errDrift = errors.New("the customers have drifted (--fail-on-drift)")

func exitCode(err error) int {
	var (
		usage *usageError
		input *service.InputError
		file  *config.Error
	)
	switch {
	case errors.Is(err, context.Canceled):
		return ExitInterrupted
	case errors.As(err, &usage), errors.As(err, &input), errors.As(err, &file):
		return ExitUsage
	case errors.Is(err, errDrift):
		return ExitDrift
	}
	return ExitInternal
}

// hintOf returns what to print below an error.
func hintOf(err error) string {
	var (
		usage *usageError
		input *service.InputError
		file  *config.Error
	)
	switch {
	case errors.As(err, &usage):
		return usage.hint
	case errors.As(err, &file):
		return file.Excerpt
	case errors.Is(err, cohortlens.ErrNoTarget):
		return "Name it with --target COLUMN."
	case errors.As(err, &input):
		return input.Hint
	}
	for _, h := range storeHints {
		if errors.Is(err, h.kind) {
			return h.hint
		}
	}
	return ""
}

// storeHints say what to do about faults of a database that are none of the input.
var storeHints = []struct {
	kind error
	hint string
}{
	{store.ErrUncertain, "Look whether it is stored before you try again."},
	{store.ErrFull, "Nothing was stored. Make room on the disk of the database, and try again."},
	{store.ErrUnavailable, "Check that the database runs, that nothing else holds it, and the host and the port in its URL; then try again."},
}

// oneLine keeps a text on its line, and from the terminal what would act on it or
// deceive the reader: control characters, and marks that hide text or turn it
// around. They are shown by their codes.
func oneLine(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n', r == '\t':
			b.WriteByte(' ')
		case strconv.IsGraphic(r):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		}
	}
	return b.String()
}
