package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// mount mounts a small file system of memory and returns its folder.
func mount(t *testing.T, size string) string {
	t.Helper()
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("only a user who may mount file systems can make a small one: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, 0); err != nil {
			t.Error(err)
		}
	})
	return folder
}

// TestDiskThatIsFull fills a file system. What was acknowledged stays, the write
// that found no room leaves nothing, and with room again all goes on.
func TestDiskThatIsFull(t *testing.T) {
	folder := mount(t, "2m")
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(folder, "x.db"), Options{Create: true, AuditKey: testKey})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	ballast := filepath.Join(folder, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	metadata := []byte(`"` + strings.Repeat("x", 20_000) + `"`)
	stored := 0
	for err == nil {
		_, err = s.AddArtefact(t.Context(), Actor{}, Artefact{CID: "c" + strings.Repeat("x", stored), Type: "x", Metadata: metadata})
		if err == nil {
			stored++
		}
	}
	wantKind(t, "a write without room", err, ErrFull)
	check := func() {
		t.Helper()
		if all, err := s.Artefacts(t.Context(), "", 0); err != nil || len(all) != stored {
			t.Errorf("%d rows are stored, %v; %d were acknowledged", len(all), err, stored)
		}
		if v := verify(t, s); !v.Intact {
			t.Errorf("%+v", v)
		}
	}
	check()
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddArtefact(t.Context(), Actor{}, Artefact{CID: "more", Type: "x", Metadata: metadata}); err != nil {
		t.Fatalf("with room again: %v", err)
	}
	stored++
	check()
}

func TestFileThatIsReadOnly(t *testing.T) {
	folder := mount(t, "4m")
	url := "sqlite:" + filepath.Join(folder, "x.db")
	s, err := Open(t.Context(), url, Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(write1(t.Context(), s), s.Close()); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("", folder, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("the file system cannot be made read-only: %v", err)
	}
	s, err = Open(t.Context(), url, Options{})
	if err == nil {
		err = errors.Join(write1(t.Context(), s), s.Close())
	}
	wantKind(t, "a write", err, ErrReadOnly)
	_, err = Open(t.Context(), "sqlite:"+filepath.Join(folder, "new.db"), Options{Create: true})
	wantKind(t, "a new file", err, ErrReadOnly)
}
