package testkit

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ModelFiles checks the golden model files of a package, in testdata/models: each
// beside a text that says what it means. The files of a version are written once
// and stay, and what they say must be understood for ever.
type ModelFiles[M any] struct {
	// Version is that of the files written now.
	Version int
	// Make makes the model of each name.
	Make map[string]func(testing.TB) M
	Save func(testing.TB, M) []byte
	Load func([]byte) (M, error)
	// Summary says what a model means, in all digits.
	Summary func(testing.TB, M) string
}

const modelFolder = "testdata/models"

// Check reads every file. With write, the missing files of this version are made
// first.
func (f ModelFiles[M]) Check(t testing.TB, write bool) {
	t.Helper()
	if write {
		f.writeMissing(t)
	}
	files, err := filepath.Glob(filepath.Join(modelFolder, "*.json"))
	if err != nil || len(files) < len(f.Make) {
		t.Fatalf("%d model files, %v; want at least %d", len(files), err, len(f.Make))
	}
	for _, file := range files {
		f.check(t, file)
	}
}

func (f ModelFiles[M]) check(t testing.TB, file string) {
	t.Helper()
	raw, want := readFile(t, file), readFile(t, strings.TrimSuffix(file, ".json")+".txt")
	m, err := f.Load(raw)
	if err != nil {
		t.Errorf("%s: %v", file, err)
		return
	}
	current := strings.HasPrefix(filepath.Base(file), fmt.Sprintf("v%d_", f.Version))
	if current && !bytes.Equal(f.Save(t, m), raw) {
		t.Errorf("%s: saving it again gives another file: raise the version when the format changes", file)
	}
	if got := f.Summary(t, m); got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
	}
}

// CheckDamage wants an error for every cut and every changed byte of the models'
// files.
func (f ModelFiles[M]) CheckDamage(t testing.TB) {
	t.Helper()
	for name, model := range f.Make {
		file := f.Save(t, model(t))
		for n := range file {
			if _, err := f.Load(file[:n]); err == nil {
				t.Fatalf("%s cut after %d of %d bytes: no error", name, n, len(file))
			}
			damaged := bytes.Clone(file)
			damaged[n] ^= 1 << (n % 8)
			if _, err := f.Load(damaged); err == nil {
				t.Fatalf("%s with byte %d turned from %q to %q: no error", name, n, file[n], damaged[n])
			}
		}
	}
}

// AddModelFiles has a fuzz test start from the golden model files.
func AddModelFiles(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join(modelFolder, "*.json"))
	if err != nil || len(files) == 0 {
		f.Fatalf("%d model files, %v", len(files), err)
	}
	for _, file := range files {
		f.Add(readFile(f, file))
	}
}

func (f ModelFiles[M]) writeMissing(t testing.TB) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(f.Make)) {
		path := filepath.Join(modelFolder, fmt.Sprintf("v%d_%s", f.Version, name))
		if _, err := os.Stat(path + ".json"); err == nil {
			continue
		}
		m := f.Make[name](t)
		for suffix, content := range map[string][]byte{".json": f.Save(t, m), ".txt": []byte(f.Summary(t, m))} {
			if err := os.WriteFile(path+suffix, content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
