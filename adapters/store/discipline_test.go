package store

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestOnlyTransactionsReachTheDatabase keeps a rule of the package: statements run
// on a transaction and not on a pool, since the PostgreSQL driver repeats what is
// outside of one.
func TestOnlyTransactionsReachTheDatabase(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if method, on, ok := databaseCall(call); ok {
				switch on {
				case "inner", "stmt":
					looked++
				default:
					t.Errorf("%s: %s on %s, which is no transaction", set.Position(call.Pos()), method, on)
				}
			}
			return true
		})
	}
	if looked < 5 {
		t.Errorf("only %d statements were found: the test looks at the wrong thing", looked)
	}
}

// TestOnlyTheStoreReachesADatabase keeps drivers out of the other packages, where
// nothing would see to the rule above.
func TestOnlyTheStoreReachesADatabase(t *testing.T) {
	looked := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		inStore := strings.HasPrefix(path, filepath.Join("..", "store"))
		if err != nil || inStore || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		looked++
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			for _, driver := range []string{"database/sql", "jmoiron/sqlx", "lib/pq", "modernc.org/sqlite"} {
				if strings.Contains(i.Path.Value, driver) {
					t.Errorf("%s imports %s", path, i.Path.Value)
				}
			}
		}
		return nil
	})
	if err != nil || looked < 5 {
		t.Errorf("%d files were looked at, %v", looked, err)
	}
}

// databaseCall recognises a call that runs a statement, and what it runs on. What
// Get, Query and the like do without a context, maps and URLs do too.
func databaseCall(call *ast.CallExpr) (method, on string, ok bool) {
	selector, isMethod := call.Fun.(*ast.SelectorExpr)
	if !isMethod {
		return "", "", false
	}
	method = selector.Sel.Name
	for _, prefix := range []string{"Exec", "NamedExec", "MustExec", "Query", "NamedQuery", "Get", "Select", "Prepare"} {
		known := strings.HasPrefix(method, prefix+"Context") || strings.HasPrefix(method, prefix+"xContext") || strings.HasPrefix(method, prefix+"Row")
		plain := method == prefix || method == prefix+"x"
		if !known && (!plain || len(call.Args) == 0 || prefix == "Get") {
			continue
		}
		switch x := selector.X.(type) {
		case *ast.Ident:
			on = x.Name
		case *ast.SelectorExpr:
			on = x.Sel.Name
		}
		return method, on, true
	}
	return "", "", false
}
