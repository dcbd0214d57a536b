package cli

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// typist answers each question with the next of the texts.
func typist(texts ...string) func(context.Context, string) (string, error) {
	return func(ctx context.Context, _ string) (string, error) {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		text := texts[0]
		texts = texts[1:]
		return text, nil
	}
}

func TestPasswordsAreAskedForTwice(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "x.db")
	if code, _, stderr := run(t.Context(), t, nil, "db", "migrate", "--database", url); code != ExitOK {
		t.Fatal(stderr)
	}
	for _, test := range []struct {
		name   string
		texts  []string
		code   int
		stderr string
	}{
		{"ann", []string{"long enough", "long enough"}, ExitOK, ""},
		{"bob", []string{"long enough", "long enuogh"}, ExitUsage, "the two passwords are not the same"},
		{"cleo", []string{"", ""}, ExitUsage, "the password must have 8 to 1024 bytes, got 0"},
	} {
		code, _, stderr := run(t.Context(), t, func(p *Process) { p.Ask = typist(test.texts...) }, "user", "add", test.name, "--database", url)
		if code != test.code || !strings.Contains(stderr, test.stderr) || strings.Contains(stderr, "long") {
			t.Errorf("%s: got %d, %q", test.name, code, stderr)
		}
	}
	if _, stdout, _ := run(t.Context(), t, nil, "user", "list", "--database", url, "--json"); !strings.Contains(stdout, `"count":1`) {
		t.Errorf("got %s", stdout)
	}
}

func TestInterruptedWhileTyping(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ask := func(ctx context.Context, _ string) (string, error) {
		cancel()
		<-ctx.Done()
		return "", ctx.Err()
	}
	code, _, stderr := run(ctx, t, func(p *Process) { p.Ask = ask }, "user", "passwd", "ann")
	if code != ExitInterrupted || stderr != "cohortlens: interrupted\n" {
		t.Errorf("got %d, %q", code, stderr)
	}
}

func TestReadPassword(t *testing.T) {
	for in, want := range map[string]string{
		"a b c\n": "a b c", "pass": "pass", "crlf\r\n": "crlf", " spaces \n": " spaces ", "": "", "\n": "", "two\nlines\n": "",
	} {
		got, err := readPassword(strings.NewReader(in))
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v", in, got, err)
		}
	}
	if _, err := readPassword(nil); err == nil {
		t.Error("a password was read from nothing")
	}
}

// TestTamperingHasAnExitCode changes an entry behind the program's back.
func TestTamperingHasAnExitCode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	url := "sqlite:" + path
	for _, args := range [][]string{{"db", "migrate"}, {"user", "add", "ann"}, {"audit", "verify"}} {
		change := func(p *Process) { p.Stdin = strings.NewReader("long enough\n") }
		if code, _, stderr := run(t.Context(), t, change, append(args, "--database", url)...); code != ExitOK {
			t.Fatal(stderr)
		}
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), "UPDATE audit_log SET new_values = replace(new_values, 'analyst', 'admin')")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	for _, format := range [][]string{nil, {"--json"}} {
		code, stdout, stderr := run(t.Context(), t, nil, append([]string{"audit", "verify", "--database", url}, format...)...)
		if code != ExitUsage || !strings.Contains(stdout, "entry 1 was changed") || !strings.Contains(stderr, "is not as it was written: 1 problem was found") {
			t.Errorf("got %d, %q, %q", code, stdout, stderr)
		}
	}
}
