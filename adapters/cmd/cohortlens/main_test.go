package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"cohortlens": main})
}

// TestScripts runs the program as a user does.
//
// Beside the commands of testscript, scripts have:
//
//	fails CODE cohortlens ARGS...   the exit code, one line of error, no result
//	keys FILE PATH NAME...          the exact keys of a JSON object, "?NAME" may lack
//	value FILE PATH JSON            a JSON value
//	ids FILE ID...                  the first cells of a CSV file below its header
//	bytes FILE TEXT                 write TEXT with Go's escapes
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("DATA", realData(t))
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name == "data" {
				return realData(t) != "", nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"fails": fails, "keys": keys, "value": value, "ids": ids, "bytes": writeBytes, "same": same,
		},
	})
}

// realData returns the folder of the data sets that are not part of the
// repository, "" where it is absent.
func realData(t *testing.T) string {
	dir, err := filepath.Abs(filepath.Join("..", "..", "..", "..", "shared", "data"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	if os.Getenv("COHORTLENS_REQUIRE_ALL") == "1" {
		t.Fatalf("real data is not here: %s", dir)
	}
	return ""
}

func fails(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: fails CODE COMMAND ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		ts.Fatalf("no exit code but %v", err)
	}
	if exit.ExitCode() != want {
		ts.Fatalf("exit code %d, want %d", exit.ExitCode(), want)
	}
	stderr := ts.ReadFile("stderr")
	if lines := strings.Count(stderr, "\n"); !strings.HasPrefix(stderr, "cohortlens: ") || lines < 1 || lines > 3 {
		ts.Fatalf("want one line of error and two of hints at most, got %d lines", lines)
	}
	for _, word := range []string{"goroutine", "panic", "runtime error", ".go:"} {
		if strings.Contains(stderr, word) {
			ts.Fatalf("the error shows the program's insides: %s", word)
		}
	}
	if stdout := ts.ReadFile("stdout"); stdout != "" {
		ts.Fatalf("there is output beside the error: %q", stdout)
	}
}

// at reads the one JSON document of a file and follows a path such as
// .segments.0.
func at(ts *testscript.TestScript, file, path string) any {
	text := ts.ReadFile(file)
	if !strings.HasSuffix(text, "\n") || strings.Count(text, "\n") != 1 {
		ts.Fatalf("%s is not one line", file)
	}
	var node any
	ts.Check(json.Unmarshal([]byte(text), &node))
	for _, step := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' }) {
		switch n := node.(type) {
		case map[string]any:
			var ok bool
			if node, ok = n[step]; !ok {
				ts.Fatalf("%s: there is no %q", path, step)
			}
		case []any:
			i, err := strconv.Atoi(step)
			ts.Check(err)
			if i >= len(n) {
				ts.Fatalf("%s: there are only %d elements", path, len(n))
			}
			node = n[i]
		default:
			ts.Fatalf("%s: %q is not in %v", path, step, node)
		}
	}
	return node
}

func keys(ts *testscript.TestScript, _ bool, args []string) {
	object, ok := at(ts, args[0], args[1]).(map[string]any)
	if !ok {
		ts.Fatalf("%s is not an object", args[1])
	}
	var known []string
	for _, name := range args[2:] {
		name, optional := strings.CutPrefix(name, "?")
		known = append(known, name)
		if _, has := object[name]; !has && !optional {
			ts.Fatalf("%s lacks %q", args[1], name)
		}
	}
	for name := range object {
		if !slices.Contains(known, name) {
			ts.Fatalf("%s has %q, which nobody knows", args[1], name)
		}
	}
}

func value(ts *testscript.TestScript, neg bool, args []string) {
	got, err := json.Marshal(at(ts, args[0], args[1]))
	ts.Check(err)
	if same := string(got) == args[2]; same == neg {
		ts.Fatalf("%s is %s", args[1], got)
	}
}

// same compares parts of two documents.
func same(ts *testscript.TestScript, _ bool, args []string) {
	for _, path := range args[2:] {
		a, err := json.Marshal(at(ts, args[0], path))
		ts.Check(err)
		b, err := json.Marshal(at(ts, args[1], path))
		ts.Check(err)
		if string(a) != string(b) {
			ts.Fatalf("%s: %s has %s, %s has %s", path, args[0], a, args[1], b)
		}
	}
}

func ids(ts *testscript.TestScript, _ bool, args []string) {
	var got []string
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		id, _, _ := strings.Cut(line, ",")
		got = append(got, id)
	}
	if want := args[1:]; len(got) == 0 || !slices.Equal(got[1:], want) {
		ts.Fatalf("%s is of customers %q, want %q", args[0], got, want)
	}
}

func writeBytes(ts *testscript.TestScript, _ bool, args []string) {
	text, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}
