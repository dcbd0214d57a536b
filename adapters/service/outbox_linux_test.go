package service

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// occupied has two old files, a stale one and a folder that is in the way of a
// third move, and an outbox that knows nothing of that folder yet.
func occupied(t *testing.T) (string, *outbox) {
	t.Helper()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"old", "stale"} {
		if err := os.WriteFile(at(name), []byte("old "+name), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	o := &outbox{}
	for _, name := range []string{"old", "new", "last"} {
		if err := o.write(at(name), text("new "+name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir, o
}

func TestCommitUndoesItself(t *testing.T) {
	dir, o := occupied(t)
	if err := o.retire(filepath.Join(dir, "stale")); err != nil {
		t.Fatal(err)
	}
	o.moves[2], o.moves[3] = o.moves[3], o.moves[2] // the move that fails comes last
	if err := os.Mkdir(filepath.Join(dir, "last"), 0o750); err != nil {
		t.Fatal(err)
	}
	var input *InputError
	if err := o.commit(context.Background()); !errors.As(err, &input) || !strings.Contains(err.Error(), "last") {
		t.Errorf("got %v", err)
	}
	o.discard()
	if got := strings.Join(tree(t, dir), " "); got != "last old stale" {
		t.Errorf("there is %s", got)
	}
	for _, name := range []string{"old", "stale"} {
		if got := content(t, filepath.Join(dir, name)); got != "old "+name {
			t.Errorf("%s holds %q", name, got)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "old")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("old has mode %v, %v", info.Mode(), err)
	}
}

func TestCommitReplacesKeepsModesAndRetires(t *testing.T) {
	dir, o := occupied(t)
	for _, name := range []string{"stale", "absent"} {
		if err := o.retire(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.commit(context.Background()); err != nil {
		t.Fatal(err)
	}
	o.discard()
	if got := strings.Join(tree(t, dir), " "); got != "last new old" {
		t.Errorf("there is %s", got)
	}
	if got := content(t, filepath.Join(dir, "old")); got != "new old" {
		t.Errorf("old holds %q", got)
	}
	if info, err := os.Stat(filepath.Join(dir, "old")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("old has mode %v, %v", info.Mode(), err)
	}
}

// A full device ends the commit before anything else is in its place.
func TestFullDeviceFailsAndStays(t *testing.T) {
	dir := t.TempDir()
	full := filepath.Join(dir, "full")
	const deviceFull = 1<<8 | 7
	if err := syscall.Mknod(full, syscall.S_IFCHR|0o666, deviceFull); err != nil {
		t.Skipf("only root can make a device for this test: %v", err)
	}
	var o outbox
	defer o.discard()
	for _, name := range []string{"page", "full"} {
		if err := o.write(filepath.Join(dir, name), text("text")); err != nil {
			t.Fatal(err)
		}
	}
	err := o.commit(context.Background())
	if errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EPERM) {
		t.Skipf("devices do not work in %s: %v", dir, err)
	}
	var input *InputError
	if !errors.As(err, &input) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v", err)
	}
	o.discard()
	if got := strings.Join(tree(t, dir), " "); got != "full" {
		t.Errorf("there is %s", got)
	}
	if info, err := os.Stat(full); err != nil || info.Mode().Type()&fs.ModeCharDevice == 0 {
		t.Errorf("the device is gone: %v, %v", info, err)
	}
}

// A pipe that nobody reads is waited for until the context ends.
func TestPipeWithoutReader(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	var o outbox
	defer o.discard()
	if err := o.write(pipe, text("text")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	if err := o.commit(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestNoFileIntoDiskOrSocket(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]uint32{"socket": syscall.S_IFSOCK, "block device": syscall.S_IFBLK} {
		path := filepath.Join(dir, "x")
		if err := syscall.Mknod(path, mode|0o600, 1<<16); err != nil {
			t.Logf("cannot make a %s: %v", name, err)
			continue
		}
		var o outbox
		err := o.write(path, text("text"))
		o.discard()
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}
