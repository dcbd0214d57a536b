package store

import (
	"go/ast"
	"go/parser"
	"go/token"
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
				case "pool", "direct", "db", "DB", "conn":
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

// databaseCall recognises a call that runs a statement, and what it runs on.
func databaseCall(call *ast.CallExpr) (method, on string, ok bool) {
	selector, isMethod := call.Fun.(*ast.SelectorExpr)
	if !isMethod {
		return "", "", false
	}
	method = selector.Sel.Name
	for _, prefix := range []string{"Exec", "NamedExec", "MustExec", "Query", "NamedQuery", "Get", "Select", "Prepare"} {
		if method != prefix && method != prefix+"x" && !strings.HasPrefix(method, prefix+"Context") && !strings.HasPrefix(method, prefix+"Row") {
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
