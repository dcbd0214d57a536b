package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/adapters/config"
	"github.com/cohortlens/cohortlens/adapters/service"
)

const twoGroups = "ID,Age,Income\n01,20,1000\n02,21,1100\n03,22,1050\n04,60,9000\n05,61,9100\n06,62,9050\n"

// run runs one command in a process of its own making.
func run(ctx context.Context, t *testing.T, change func(*Process), args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	p := Process{Args: args, Dir: t.TempDir(), Stdin: strings.NewReader(twoGroups), Stdout: &out, Stderr: &errs}
	if change != nil {
		change(&p)
	}
	code = Main(ctx, p)
	return code, out.String(), errs.String()
}

func TestExitCodes(t *testing.T) {
	for _, test := range []struct {
		err  error
		want int
		hint string
	}{
		{&usageError{"wrong", "Do this."}, ExitUsage, "Do this."},
		{&service.InputError{Err: errors.New("wrong"), Hint: "Do that."}, ExitUsage, "Do that."},
		{&service.InputError{Err: cohortlens.ErrNoTarget}, ExitUsage, "Name it with --target COLUMN."},
		{&config.Error{Message: "wrong", Excerpt: "1 | x"}, ExitUsage, "1 | x"},
		{fmt.Errorf("reading: %w", context.Canceled), ExitInterrupted, ""},
		{errDrift, ExitDrift, ""},
		{errors.New("disk full"), ExitInternal, ""},
	} {
		if got := exitCode(test.err); got != test.want {
			t.Errorf("%v: exit code %d, want %d", test.err, got, test.want)
		}
		if got := hintOf(test.err); got != test.hint {
			t.Errorf("%v: hint %q, want %q", test.err, got, test.hint)
		}
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	reader, writer := io.Pipe() // nobody ever writes
	defer func() { _ = writer.Close() }()
	cancel()
	code, stdout, stderr := run(ctx, t, func(p *Process) { p.Stdin = reader }, "segment", "-")
	if code != ExitInterrupted || stdout != "" || stderr != "cohortlens: interrupted\n" {
		t.Errorf("got %d, %q, %q", code, stdout, stderr)
	}
}

// broken is a standard output that is gone.
type broken struct{ panics bool }

func (b broken) Write([]byte) (int, error) {
	if b.panics {
		panic("line 1\nline 2")
	}
	return 0, errors.New("broken pipe")
}

func TestFaultsAreInternal(t *testing.T) {
	for _, test := range []struct {
		out  broken
		want string
	}{{broken{}, "cohortlens: broken pipe\n"}, {broken{true}, "cohortlens: internal error: line 1 line 2\n"}} {
		code, _, stderr := run(context.Background(), t, func(p *Process) { p.Stdout = test.out }, "version", "--json")
		if code != ExitInternal || stderr != test.want {
			t.Errorf("got %d, %q; want %d, %q", code, stderr, ExitInternal, test.want)
		}
	}
}

func TestProgressOnATerminalOnly(t *testing.T) {
	for _, test := range []struct {
		terminal bool
		args     []string
		want     bool
	}{
		{true, []string{"segment", "-", "--k", "2"}, true},
		{true, []string{"segment", "-", "--k", "2", "--json"}, false},
		{false, []string{"segment", "-", "--k", "2"}, false},
	} {
		code, stdout, stderr := run(context.Background(), t, func(p *Process) { p.Terminal = test.terminal }, test.args...)
		if code != ExitOK || stdout == "" || strings.Contains(stderr, "segment") != test.want {
			t.Errorf("terminal %v, %q: exit code %d, progress %q, want progress: %v", test.terminal, test.args, code, stderr, test.want)
		}
	}
}

func TestErrorsShowNoControlCharacters(t *testing.T) {
	name := "no\x1b[31m\nfile\u202evsc\u2066\u200b\u200f\u009b\u2028.csv"
	code, _, stderr := run(context.Background(), t, nil, "segment", name)
	want := `cohortlens: there is no file no\x1b[31m file\u202evsc\u2066\u200b\u200f\u009b\u2028.csv` + "\n"
	if code != ExitUsage || stderr != want {
		t.Errorf("got %d, %q, want %q", code, stderr, want)
	}
}

func TestHelpForEveryCommand(t *testing.T) {
	for _, c := range commands {
		code, stdout, stderr := run(context.Background(), t, nil, "help", c.name)
		if code != ExitOK || stderr != "" {
			t.Errorf("%s: exit code %d, %q", c.name, code, stderr)
		}
		for _, f := range c.flags {
			if !strings.Contains(stdout, " --"+f.name) {
				t.Errorf("the help for %s lacks --%s", c.name, f.name)
			}
		}
	}
}

func TestWorkersChangeNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(path, []byte(twoGroups), 0o600); err != nil {
		t.Fatal(err)
	}
	_, want, _ := run(context.Background(), t, nil, "segment", path, "--json", "--workers", "1")
	code, got, stderr := run(context.Background(), t, nil, "segment", path, "--json", "--workers", "7")
	if code != ExitOK || got != want || want == "" {
		t.Errorf("got %d, %q, %q; want %q", code, got, stderr, want)
	}
}
