package testkit_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/cohortlens/cohortlens/internal/testkit"
)

func TestRootHoldsTheLibrary(t *testing.T) {
	for _, name := range []string{"go.mod", "go.work", "datasource"} {
		if _, err := os.Stat(filepath.Join(testkit.Root(t), name)); err != nil {
			t.Error(err)
		}
	}
}

func TestSharedFileSkipsWhatIsAbsent(t *testing.T) {
	t.Setenv(testkit.RequireAll, "")
	skipped := false
	t.Run("absent", func(t *testing.T) {
		defer func() { skipped = t.Skipped() }()
		testkit.SharedFile(t, "no such folder", "no such file")
	})
	if !skipped {
		t.Error("a test whose data is absent was not skipped")
	}
}
