package store

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/cohortlens/cohortlens"
	"github.com/cohortlens/cohortlens/adapters/store/storetest/pgtest"
	"github.com/cohortlens/cohortlens/datasource"
)

// mount mounts a small file system of memory on a folder.
func mount(t *testing.T, folder, size string) {
	t.Helper()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("only a user who may mount file systems can make a small one: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, 0); err != nil {
			t.Error(err)
		}
	})
}

func TestDiskThatIsFull(t *testing.T) {
	folder := t.TempDir()
	mount(t, folder, "2m")
	fillDisk(t, folder, "sqlite:"+filepath.Join(folder, "x.db"))
}

// TestPostgresDiskThatIsFull keeps the tables on a small file system. (The log of
// the server is elsewhere: without room for it the server itself would end.)
func TestPostgresDiskThatIsFull(t *testing.T) {
	var folder string
	url, remove, err := pgtest.Shared(t).NewTablespace(t.Context(), func(made string) error {
		folder = made
		mount(t, folder, "6m")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := remove(context.Background()); err != nil {
			t.Error(err)
		}
	})
	fillDisk(t, folder, url)
}

// fillDisk writes until there is no room in the folder of a database. What was
// acknowledged stays, the write that found no room leaves nothing, and with room
// again all goes on.
func fillDisk(t *testing.T, folder, url string) {
	t.Helper()
	s, err := Open(t.Context(), url, Options{Create: true, AuditKey: testKey})
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
	stored := 0
	write := func() error {
		_, err := s.AddArtefact(t.Context(), Actor{}, Artefact{CID: fmt.Sprint("c", stored), Type: "x", Metadata: incompressible(20_000)})
		if err == nil {
			stored++
		}
		return err
	}
	for err == nil {
		err = write()
	}
	wantKind(t, "a write without room", err, ErrFull)
	customers, err := datasource.Load(t.Context(), cohortlens.SampleData())
	if err == nil {
		customers, _, err = datasource.Screen(t.Context(), customers, datasource.CustomerSchema(), datasource.Drop)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.ImportCustomers(t.Context(), Actor{}, customers, ImportOptions{})
	wantKind(t, "an import without room", err, ErrFull)
	check := func() {
		t.Helper()
		if all, err := s.Artefacts(t.Context(), "", longestPage); err != nil || len(all) != stored {
			t.Errorf("%d rows are stored, %v; %d were acknowledged", len(all), err, stored)
		}
		if n, err := s.CountCustomers(t.Context()); err != nil || n != 0 {
			t.Errorf("%d customers are stored, %v; the import failed", n, err)
		}
		if v := verify(t, s); !v.Intact {
			t.Errorf("%+v", v)
		}
	}
	check()
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := write(); err != nil {
		t.Fatalf("with room again: %v", err)
	}
	check()
}

// incompressible is a JSON text that a database cannot store in fewer bytes.
func incompressible(n int) []byte {
	text := make([]byte, 0, n/4*3)
	source := rand.NewPCG(1, 2)
	for range n / 32 * 3 {
		text = binary.LittleEndian.AppendUint64(text, source.Uint64())
	}
	return []byte(strconv.Quote(base64.StdEncoding.EncodeToString(text)))
}

func TestFileThatIsReadOnly(t *testing.T) {
	folder := t.TempDir()
	mount(t, folder, "4m")
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
