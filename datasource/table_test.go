package datasource_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/datasource/datasourcetest"
)

func small(t testing.TB) *datasource.Table {
	return newTable(t,
		datasource.Texts("id", []string{"a", "", "ccc", "dd"}),
		datasource.Numbers("n", []float64{1.5, math.NaN(), -3, 0}),
		datasource.Categories("c", []string{"y", "x", "", "y"}))
}

func TestColumnAccess(t *testing.T) {
	table := small(t)
	if got, want := show(table), "id|n|c / a|1.5|y / <>|<>|x / ccc|-3|<> / dd|0|y"; got != want {
		t.Errorf("want %q, got %q", want, got)
	}
	c, err := table.CategoricalColumn("c")
	if err != nil || !slices.Equal(c.Levels(), []string{"x", "y"}) || !slices.Equal(c.Codes(), []int32{1, 0, -1, 1}) {
		t.Errorf("levels %v, codes %v, %v", c.Levels(), c.Codes(), err)
	}
	for _, c := range table.Columns() {
		if c.Len() != 4 || c.MissingCount() != 1 {
			t.Errorf("%s: %d rows, %d missing", c.Name(), c.Len(), c.MissingCount())
		}
	}
	if _, err := table.NumericColumn("c"); !errors.Is(err, datasource.ErrKind) {
		t.Errorf("want ErrKind, got %v", err)
	}
	var missing *datasource.ColumnError
	if _, err := table.Column("N"); !errors.As(err, &missing) || missing.Nearest != "n" || !errors.Is(err, datasource.ErrNoColumn) {
		t.Errorf("want a suggestion, got %v", err)
	}
	if _, err := table.Column("zzzzzz"); !strings.Contains(err.Error(), `the columns are "id", "n", "c"`) {
		t.Errorf("want the list of columns, got %v", err)
	}
}

func TestColumnsCopyTheirInput(t *testing.T) {
	numbers, words := []float64{1, 2}, []string{"a", "b"}
	table := newTable(t, datasource.Numbers("n", numbers), datasource.Categories("c", words), datasource.Texts("t", words))
	numbers[0], words[0] = 9, "z"
	if got := show(table); got != "n|c|t / 1|a|a / 2|b|b" {
		t.Errorf("the table changed with its input: %q", got)
	}
}

func TestNewTableRefuses(t *testing.T) {
	one := datasource.Numbers("a", []float64{1})
	tests := map[string][]datasource.Column{
		"at least one column": nil,
		"have the same name":  {one, one},
		"has no name":         {datasource.Numbers("", []float64{1})},
		"has 2 rows":          {one, datasource.Numbers("b", []float64{1, 2})},
		"row 2: +Inf":         {datasource.Numbers("a", []float64{1, math.Inf(1)})},
		"row 1: -Inf":         {datasource.Numbers("a", []float64{math.Inf(-1)})},
		"has no name or kind": {{}},
	}
	for words, columns := range tests {
		table, err := datasource.NewTable(columns...)
		if table != nil || err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(words, " or kind")) {
			t.Errorf("want %q, got %v, %v", words, table, err)
		}
	}
}

func TestSelectTakeWith(t *testing.T) {
	table, err := load(t, "a,b,c\n1,x,2\n\n3,y,4\n\n\n5,x,6\n", datasource.CSVConfig{})
	if err != nil {
		t.Fatal(err)
	}
	selected, err := table.Select("c", "a")
	if err != nil || show(selected) != "c|a / 2|1 / 4|3 / 6|5" || selected.Line(2) != 7 {
		t.Errorf("Select: %v, %v", selected, err)
	}
	if _, err := table.Select("c", "c"); err == nil {
		t.Error("Select takes a column twice")
	}
	taken := table.Take([]int{2, 0, 2})
	if show(taken) != "a|b|c / 5|x|6 / 1|x|2 / 5|x|6" || taken.Line(0) != 7 || taken.Line(1) != 2 || taken.Line(2) != 7 {
		t.Errorf("Take: %q", show(taken))
	}
	if c, _ := taken.Column("b"); !slices.Equal(c.Levels(), []string{"x"}) {
		t.Errorf("Take keeps unused levels: %v", c.Levels())
	}
	with, err := table.With(datasource.Numbers("b", []float64{7, 8, 9}))
	if err != nil || show(with) != "a|b|c / 1|7|2 / 3|8|4 / 5|9|6" || with.Line(1) != 4 {
		t.Errorf("With: %v, %v", with, err)
	}
	with, err = table.With(datasource.Texts("d", []string{"p", "q", "r"}))
	if err != nil || show(with) != "a|b|c|d / 1|x|2|p / 3|y|4|q / 5|x|6|r" {
		t.Errorf("With: %v, %v", with, err)
	}
	if _, err := table.With(datasource.Numbers("b", nil)); err == nil {
		t.Error("With takes a column of another length")
	}
	if show(table) != "a|b|c / 1|x|2 / 3|y|4 / 5|x|6" {
		t.Errorf("the table changed: %q", show(table))
	}
}

// Loading batches of any size gives the table that was cut up.
func TestLoadJoinsBatches(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 50 {
		data := make([]byte, rng.IntN(120))
		for i := range data {
			data[i] = byte(rng.UintN(256))
		}
		want := fuzzTable(t, data)
		got, err := datasource.Load(t.Context(), datasourcetest.InBatches(want, 1+rng.IntN(10)))
		if err != nil {
			t.Fatal(err)
		}
		if d := datasourcetest.Diff(want, got); d != "" {
			t.Fatal(d)
		}
		for row := range got.Rows() {
			if got.Line(row) != row+1 {
				t.Fatalf("row %d: line %d", row+1, got.Line(row))
			}
		}
	}
}

func TestClean(t *testing.T) {
	nan := math.NaN()
	negativeZero := math.Copysign(0, -1)
	table := newTable(t,
		datasource.Numbers("n", []float64{0, negativeZero, nan, nan, 1, 1, 1, 0}),
		datasource.Categories("c", []string{"x", "x", "x", "x", "", "y", "y", "x"}),
		datasource.Texts("t", []string{"p", "p", "p", "p", "p", "ab", "a", "p"}))
	clean, dropped, err := datasource.Clean(t.Context(), table)
	if err != nil || show(clean) != "n|c|t / 0|x|p / 1|y|ab / 1|y|a" {
		t.Errorf("got %q, %v", show(clean), err)
	}
	wantMissing := []datasource.ColumnCount{{Column: "n", Count: 2}, {Column: "c", Count: 1}}
	if dropped.MissingRows != 3 || dropped.DuplicateRows != 2 || !slices.Equal(dropped.Missing, wantMissing) {
		t.Errorf("got %+v", dropped)
	}
	clean, dropped, err = datasource.Clean(t.Context(), table, "c")
	if err != nil || clean.Rows() != 4 || dropped.MissingRows != 1 || dropped.DuplicateRows != 3 {
		t.Errorf("by c: %q, %+v, %v", show(clean), dropped, err)
	}
	if again, dropped, err := datasource.Clean(t.Context(), clean, "c"); again != clean || dropped.DuplicateRows != 0 || err != nil {
		t.Errorf("a clean table is not returned as it is: %+v, %v", dropped, err)
	}
	if _, _, err := datasource.Clean(t.Context(), table, "C", "d"); !errors.Is(err, datasource.ErrNoColumn) {
		t.Errorf("want ErrNoColumn, got %v", err)
	}
}

// The oracle for duplicates joins the cells of a row to one string.
func TestCleanEqualsPlainCount(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 100 {
		data := make([]byte, 3*rng.IntN(200))
		for i := range data {
			data[i] = byte(rng.UintN(12))
		}
		table := fuzzTable(t, data)
		seen, missing, duplicates := map[string]bool{}, 0, 0
		for _, row := range strings.Split(show(table), " / ")[1:] {
			switch {
			case strings.Contains(row, "<>"):
				missing++
			case seen[row]:
				duplicates++
			}
			seen[row] = true
		}
		_, dropped, err := datasource.Clean(t.Context(), table)
		if err != nil || dropped.MissingRows != missing || dropped.DuplicateRows != duplicates {
			t.Fatalf("want %d missing and %d duplicates, got %+v, %v", missing, duplicates, dropped, err)
		}
	}
}

func TestNearest(t *testing.T) {
	columns := []string{"CustomerID", "Gender", "Age", "Annual Income ($)", "Spending Score (1-100)", "b"}
	for word, want := range map[string]string{
		"age": "Age", "Agee": "Age", "Gedner": "Gender", "customer id": "CustomerID", "Income": "Annual Income ($)",
		"spending score (1-10)": "Spending Score (1-100)", "height": "", "": "", "x": "", strings.Repeat("a", 300): "",
		"B": "b", "c": "", "b1": "b",
	} {
		if got, ok := datasource.Nearest(word, columns); got != want || ok != (want != "") {
			t.Errorf("%.20q: want %q, got %q, %v", word, want, got, ok)
		}
	}
}

func TestSchemaFits(t *testing.T) {
	s := datasource.CustomerSchema()
	for want, names := range map[bool][]string{
		true: {"Age", "Gender", "CustomerID", "Profession"}, false: {"Age", "Gender", "CustomerID", "profession", "x"},
	} {
		if s.Fits(names) != want {
			t.Errorf("%v: want %v", names, want)
		}
	}
	if (datasource.Schema{}).Fits(nil) || (datasource.Schema{}).Fits([]string{"a"}) {
		t.Error("the zero schema fits")
	}
}

// Errors shorten and escape names, which may come from a file.
func TestErrorsShortenNames(t *testing.T) {
	long := strings.Repeat("x", 1<<16) + "\n\x00"
	numbers, levels := datasource.Numbers(long, []float64{1}), datasource.Categories(long, []string{"a"})
	_, twice := datasource.NewTable(numbers, levels)
	_, uneven := datasource.NewTable(numbers, datasource.Numbers("n", nil))
	_, infinite := datasource.NewTable(datasource.Numbers(long, []float64{math.Inf(1)}))
	_, kind := newTable(t, levels).NumericColumn(long)
	_, missing := newTable(t, levels).Column(long + "y")
	for _, err := range []error{twice, uneven, infinite, kind, missing} {
		if err == nil || len(err.Error()) > 300 || strings.ContainsAny(err.Error(), "\n\x00") {
			t.Errorf("got %.400v, want a short error", err)
		}
	}
}

// A context that ends at any moment ends the passes over rows with its error.
func TestPassesEndWithTheirContext(t *testing.T) {
	ids := make([]string, 20_000)
	numbers := make([]float64, len(ids))
	for row := range ids {
		ids[row], numbers[row] = fmt.Sprint(row/2), float64(row%7)
	}
	numbers[3] = math.NaN()
	table := newTable(t, datasource.Texts("id", ids), datasource.Numbers("n", numbers))
	schema := datasource.Schema{ID: "id", Fields: []datasource.Field{
		datasource.IDField("id"), {Name: "n", Kind: datasource.Numeric, Rules: []datasource.Rule{datasource.AtLeast(1)}},
	}}
	passes := map[string]func(context.Context) (*datasource.Table, error){
		"Validate": func(ctx context.Context) (*datasource.Table, error) {
			kept, _, err := datasource.Validate(ctx, table, schema, datasource.Drop)
			return kept, err
		},
		"Clean": func(ctx context.Context) (*datasource.Table, error) {
			kept, _, err := datasource.Clean(ctx, table)
			return kept, err
		},
		"Prepare": func(ctx context.Context) (*datasource.Table, error) {
			kept, _, err := datasource.Prepare(ctx, table, schema, datasource.Drop)
			return kept, err
		},
		"Screen": func(ctx context.Context) (*datasource.Table, error) {
			kept, _, err := datasource.Screen(ctx, table, schema, datasource.Drop)
			return kept, err
		},
	}
	for name, pass := range passes {
		looks := 0
		for ; ; looks++ {
			kept, err := pass(&endingContext{Context: t.Context(), looks: looks})
			if err == nil {
				break
			}
			if kept != nil || !errors.Is(err, context.Canceled) {
				t.Fatalf("%s ended after %d looks at its context: got %v, %v", name, looks, kept, err)
			}
		}
		if looks < 3 {
			t.Errorf("%s looked at its context %d times in %d rows", name, looks, table.Rows())
		}
	}
}

// endingContext ends after so many looks at it.
type endingContext struct {
	context.Context
	looks int
}

func (c *endingContext) Err() error {
	if c.looks--; c.looks < 0 {
		return context.Canceled
	}
	return nil
}
