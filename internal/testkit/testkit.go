// Package testkit holds what the tests of several packages share.
package testkit

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// RequireAll is the environment variable that, set to 1, turns a test that would
// be skipped for want of data into a failure.
const RequireAll = "COHORTLENS_REQUIRE_ALL"

// SharedFile returns the path of a file in the folder "shared" beside the
// repository, such as SharedFile(t, "data", "shop_customers.csv"). It skips the
// test when the file is not there, or fails it when [RequireAll] is set.
func SharedFile(t testing.TB, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{filepath.Dir(Root(t)), "shared"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv(RequireAll) == "1" {
			t.Fatalf("real data is not here: %s", path)
		}
		t.Skipf("real data is not here: %s", path)
	}
	return path
}

// Root returns the folder of the repository: the nearest one upwards that has a
// go.work file.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		_, err := os.Stat(filepath.Join(dir, "go.work"))
		if err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if !errors.Is(err, fs.ErrNotExist) || up == dir {
			t.Fatalf("no go.work above the working directory: %v", err)
		}
		dir = up
	}
}
