package cohortlens_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/internal/testkit"
)

const module = "github.com/cohortlens/cohortlens"

// arrows says, for each room of the library, which other rooms it may import
// besides internal. Nothing else may be added without a reason in
// docs/decisions.md.
var arrows = map[string][]string{
	"":           {"datasource", "datasource/sample", "segment", "predict", "explain", "insights", "report"},
	"datasource": {},
	"segment":    {"datasource"},
	"predict":    {"datasource"},
	"explain":    {"datasource"},
	"insights":   {"datasource"},
	"report":     {"datasource", "segment", "predict", "explain", "insights"},
	"internal":   {},

	"datasource/sample":          {"datasource"},
	"datasource/sample/generate": {},
	"datasource/datasourcetest":  {"datasource"},
}

// allowed lists the modules that the library may import, and those that they
// bring in their turn.
var allowed = []string{
	"gonum.org/v1/gonum",
	"github.com/go-gota/gota",
	"github.com/sajari/regression",
	"github.com/wcharczuk/go-chart/v2",
	"github.com/golang/freetype", // by go-chart
	"golang.org/x/",
}

type listed struct {
	ImportPath string
	Standard   bool
	Module     *struct{ Path string }
	Imports    []string
}

// list runs go list and decodes its answer.
func list(t *testing.T, args ...string) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json=ImportPath,Standard,Module,Imports"}, args...)...)
	cmd.Dir = testkit.Root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %v", strings.Join(args, " "), err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// room returns the room of a package, or false for one of another module.
func room(path string) (string, bool) {
	if path == module {
		return "", true
	}
	rest, ok := strings.CutPrefix(path, module+"/")
	if strings.HasPrefix(rest, "internal/") {
		rest = "internal"
	}
	return rest, ok
}

func TestArrows(t *testing.T) {
	for _, p := range list(t, "./...") {
		from, _ := room(p.ImportPath)
		may, known := arrows[from]
		if !known {
			t.Errorf("%s is a room that the table of arrows does not know", p.ImportPath)
			continue
		}
		for _, path := range p.Imports {
			to, ours := room(path)
			if ours && to != "internal" && !slices.Contains(may, to) {
				t.Errorf("%s imports %s: there is no such arrow", p.ImportPath, path)
			}
		}
	}
}

func TestAdaptersAndExamplesUseOnlyPublicPackages(t *testing.T) {
	packages := list(t, "./adapters/...", "./examples/...")
	if len(packages) == 0 {
		t.Fatal("no adapters and no examples were found")
	}
	for _, p := range packages {
		for _, path := range p.Imports {
			if strings.HasPrefix(path, module+"/internal/") {
				t.Errorf("%s imports %s", p.ImportPath, path)
			}
		}
		if strings.HasPrefix(p.ImportPath, module+"/examples") && slices.ContainsFunc(p.Imports, func(path string) bool {
			return strings.HasPrefix(path, module+"/adapters")
		}) {
			t.Errorf("%s uses an adapter: examples show the library", p.ImportPath)
		}
	}
}

func TestLibraryDependsOnAllowedModulesOnly(t *testing.T) {
	for _, p := range list(t, "-deps", "./...") {
		if p.Standard || p.Module == nil || p.Module.Path == module {
			continue
		}
		if !slices.ContainsFunc(allowed, func(a string) bool {
			return p.Module.Path == a || strings.HasSuffix(a, "/") && strings.HasPrefix(p.Module.Path, a)
		}) {
			t.Errorf("%s comes from module %s, which is not on the list", p.ImportPath, p.Module.Path)
		}
	}
}
