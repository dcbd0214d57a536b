package examples

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestExpectedOutput runs each program and compares what it prints.
func TestExpectedOutput(t *testing.T) {
	files, err := filepath.Glob("*/expected_output.txt")
	if err != nil {
		t.Fatal(err)
	}
	programs, err := filepath.Glob("*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 || len(files) != len(programs) {
		t.Fatalf("%d programs have %d files of expected output", len(programs), len(files))
	}
	for _, file := range files {
		name := filepath.Dir(file)
		t.Run(name, func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			run := exec.Command("go", "run", "./"+name)
			run.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
			got, err := run.Output()
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}
