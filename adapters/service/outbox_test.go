package service

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// tree lists all files and folders below dir.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if rel, _ := filepath.Rel(dir, path); rel != "." {
			paths = append(paths, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// stage fills an outbox with a file in a new folder and a file of a folder.
func stage(t *testing.T, o *outbox, dir string) {
	t.Helper()
	if err := o.write(filepath.Join(dir, "a", "b", "page"), text("page")); err != nil {
		t.Fatal(err)
	}
	temp, err := o.folder(filepath.Join(dir, "a", "figures"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(temp, "one.png"), []byte("png"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := o.take([]string{filepath.Join(temp, "one.png")}, filepath.Join(dir, "a", "figures")); err != nil {
		t.Fatal(err)
	}
}

func TestCommitMovesEverything(t *testing.T) {
	dir := t.TempDir()
	var o outbox
	stage(t, &o, dir)
	if _, err := os.Stat(filepath.Join(dir, "a", "b", "page")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is there before commit: %v", err)
	}
	if err := o.commit(context.Background()); err != nil {
		t.Fatal(err)
	}
	o.discard()
	want := []string{"a", "a/b", "a/b/page", "a/figures", "a/figures/one.png"}
	if got := tree(t, dir); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if info, err := os.Stat(filepath.Join(dir, "a", "b", "page")); err != nil || info.Mode().Perm()&0o044 != 0o044 {
		t.Errorf("others cannot read the file: %v, %v", info.Mode(), err)
	}
}

func TestDiscardLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	var o outbox
	stage(t, &o, dir)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := o.commit(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("commit after the end of its context: got %v", err)
	}
	o.discard()
	if got := tree(t, dir); len(got) != 0 {
		t.Errorf("left behind: %q", got)
	}
}

func TestDiscardKeepsWhatWasThere(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []string{"a/b", "a/figures"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	old := filepath.Join(dir, "a", "b", "page")
	if err := os.WriteFile(old, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := tree(t, dir)
	var o outbox
	stage(t, &o, dir)
	o.discard()
	if got := tree(t, dir); !slices.Equal(got, before) {
		t.Errorf("got %q, want %q", got, before)
	}
	if b, err := os.ReadFile(old); err != nil || string(b) != "old" {
		t.Errorf("the old file holds %q, %v", b, err)
	}
}

func TestFillPassesErrors(t *testing.T) {
	dir := t.TempDir()
	fault := errors.New("disk on fire")
	var o outbox
	err := o.write(filepath.Join(dir, "x"), func(io.Writer) error { return fault })
	o.discard()
	if !errors.Is(err, fault) {
		t.Errorf("got %v, want %v", err, fault)
	}
	if got := tree(t, dir); len(got) != 0 {
		t.Errorf("left behind: %q", got)
	}
}
