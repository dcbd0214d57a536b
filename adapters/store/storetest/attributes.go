package storetest

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/datasource/datasourcetest"

	"github.com/cohortlens/cohortlens/adapters/store"
)

// oddNames are names of columns like any other.
var oddNames = []string{`say "hi"`, "'; DROP TABLE customers;--", "$.a", "a.b", "[0]", "名前", "tab\tand\nline", "age", "id", "attributes", `\u0041`, "<b>"}

// with adds columns to a table.
func with(t *testing.T, table *datasource.Table, columns ...datasource.Column) *datasource.Table {
	t.Helper()
	for _, c := range columns {
		var err error
		if table, err = table.With(c); err != nil {
			t.Fatal(err)
		}
	}
	return table
}

func importAll(t *testing.T, s store.Backend, table *datasource.Table, o store.ImportOptions) *store.Import {
	t.Helper()
	out, err := s.ImportCustomers(t.Context(), store.Actor{User: "ann"}, table, o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func wantSource(t *testing.T, s store.Backend, want *datasource.Table) {
	t.Helper()
	got, err := datasource.Load(t.Context(), s.CustomerSource())
	if err != nil {
		t.Fatal(err)
	}
	if d := datasourcetest.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// cells makes a text of each row.
func cells(n int, of func(row int) string) []string {
	out := make([]string, n)
	for row := range out {
		out[row] = of(row)
	}
	return out
}

// wide has attributes of all kinds, also on pages where they are all missing.
func wide(t *testing.T, n int) *datasource.Table {
	scores := make([]float64, n)
	for row := range scores {
		scores[row] = []float64{math.NaN(), 0.1, -1e-300, 1e300, 12345678901234567, 0}[row%6]
	}
	table := with(t, ManyCustomers(t, n),
		datasource.Numbers("Score", scores),
		datasource.Categories("Region", cells(n, func(row int) string { return []string{"", "north", "007", "true", "null"}[row%5] })),
		datasource.Texts("Note", cells(n, func(row int) string { return strings.Repeat(fmt.Sprintf("%d <&> \"é\" \u2028 ", row), row%3) })),
		datasource.Numbers("Late", numbers("Late", n, 7, n-1).Floats()),
		datasource.Texts("Empty", make([]string, n)))
	for _, name := range oddNames {
		table = with(t, table, datasource.Categories(name, cells(n, func(int) string { return name })))
	}
	return table
}

func testAttributesComeBackAsTheyWere(t *testing.T, open Open) {
	s := open()
	table := wide(t, manyRows+7)
	rows := int64(table.Rows())
	first := importAll(t, s, table, store.ImportOptions{})
	wantSource(t, s, table)
	if again := importAll(t, s, table, store.ImportOptions{}); again.Unchanged != rows || again.SHA256 != first.SHA256 {
		t.Errorf("again: got %+v, want all unchanged", again)
	}
	reversed := table.Names()
	slices.Reverse(reversed)
	other, err := table.Select(reversed...)
	if err != nil {
		t.Fatal(err)
	}
	if again := importAll(t, s, other, store.ImportOptions{}); again.Unchanged != rows || again.SHA256 != first.SHA256 {
		t.Errorf("in another order: got %+v, want all unchanged", again)
	}
	if again := importAll(t, s, ManyCustomers(t, int(rows)), store.ImportOptions{}); again.Unchanged != rows {
		t.Errorf("without attributes: got %+v, want all unchanged", again)
	}
	wantSource(t, s, table)
	intact(t, s)
}

// testAttributesJoin imports tables with some of the columns each.
func testAttributesJoin(t *testing.T, open Open) {
	s := open()
	base := ManyCustomers(t, 4)
	id := base.Columns()[0]
	importAll(t, s, base, store.ImportOptions{})
	importAll(t, s, with(t, base, datasource.Categories("Region", []string{"a", "b", "", "a"}), datasource.Numbers("Score", []float64{1, 2, 3, 4})), store.ImportOptions{})
	changed := with(t, base.Take([]int{0, 1}), datasource.Numbers("Score", []float64{math.NaN(), 5}), datasource.Texts("Note", []string{"x", ""}))
	if out := importAll(t, s, changed, store.ImportOptions{}); out.Updated != 2 {
		t.Errorf("got %+v, want two changed", out)
	}
	want := with(t, base, datasource.Categories("Region", []string{"a", "b", "", "a"}),
		datasource.Numbers("Score", []float64{math.NaN(), 5, 3, 4}), datasource.Texts("Note", []string{"x", "", "", ""}))
	wantSource(t, s, want)
	// One who was deleted comes back without what there was before.
	if err := s.DeleteCustomer(t.Context(), store.Actor{}, id.Cell(1)); err != nil {
		t.Fatal(err)
	}
	importAll(t, s, with(t, base.Take([]int{1}), datasource.Numbers("Score", []float64{6})), store.ImportOptions{})
	want = with(t, want, datasource.Categories("Region", []string{"a", "", "", "a"}), datasource.Numbers("Score", []float64{math.NaN(), 6, 3, 4}))
	wantSource(t, s, want)
	intact(t, s)
}

func testAttributesOfOneCustomer(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	c := customer("1")
	c.Attributes = store.Attributes{"Region": "north", "Score": 1.5}
	for _, name := range oddNames {
		c.Attributes[name] = "x" + name
	}
	for _, want := range []bool{true, false} {
		if created, err := s.SaveCustomer(ctx, store.Actor{}, c); err != nil || created != want {
			t.Fatalf("got %v, %v", created, err)
		}
	}
	got, err := s.Customer(ctx, "1")
	if err != nil || !maps.Equal(got.Attributes, c.Attributes) {
		t.Errorf("got %+v, %v", got, err)
	}
	list, err := s.Customers(ctx, 0, 0)
	if err != nil || len(list) != 1 || !maps.Equal(list[0].Attributes, c.Attributes) {
		t.Errorf("got %+v, %v", list, err)
	}
	table, err := datasource.Load(ctx, s.CustomerSource())
	if err != nil || table.Kinds()["Score"] != datasource.Numeric || table.Kinds()["Region"] != datasource.Categorical || len(table.Names()) != 8+len(c.Attributes) {
		t.Errorf("got %v, %v", table, err)
	}
	for name, a := range map[string]store.Attributes{
		"another kind":  {"Score": "high"},
		"own column":    {datasource.Age: 30.0},
		"own ID":        {datasource.CustomerID: "1"},
		"no name":       {"": "x"},
		"empty":         {"Region": ""},
		"NaN":           {"Score": math.NaN()},
		"NUL":           {"Region": "a\x00"},
		"whole number":  {"Score": 1},
		"long name":     {strings.Repeat("x", 513): "x"},
		"too long":      {"Region": strings.Repeat("x", 1<<20)},
		"too many":      manyAttributes(256),
		"not UTF-8":     {"\xff": "x"},
		"long together": {"a": strings.Repeat("x", 600_000), "b": strings.Repeat("x", 600_000)},
	} {
		bad := customer("2")
		bad.Attributes = a
		if _, err := s.SaveCustomer(ctx, store.Actor{}, bad); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: got %v, want store.ErrInvalid", name, err)
		}
	}
	if _, err := s.SaveCustomer(ctx, store.Actor{}, customer("1")); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Customer(ctx, "1"); err != nil || got.Attributes != nil {
		t.Errorf("replaced by one without attributes: got %+v, %v", got, err)
	}
	intact(t, s)
}

func manyAttributes(n int) store.Attributes {
	a := store.Attributes{}
	for i := range n {
		a[fmt.Sprint("a", i)] = "x"
	}
	return a
}

// testKindsStay imports columns whose values look otherwise each time.
func testKindsStay(t *testing.T, open Open) {
	s, base := open(), ManyCustomers(t, 3)
	numeric, categorical, text := datasource.Numbers("x", []float64{1, 2, 30}), datasource.Categories("x", []string{"1", "b", ""}), datasource.Texts("x", []string{"c", "2", "d"})
	empty := datasource.Texts("x", make([]string, 3))
	asked := store.ImportOptions{Kinds: map[string]datasource.Kind{"x": datasource.Categorical}}
	for i, step := range []struct {
		column datasource.Column
		o      store.ImportOptions
		want   datasource.Column
		fault  string
	}{
		{column: empty, want: empty},
		{column: numeric, want: numeric},
		{column: empty, want: datasource.Numbers("x", []float64{math.NaN(), math.NaN(), math.NaN()})},
		{column: categorical, fault: `line 2: the column x holds numbers for the customers who are stored, and "b" here`},
		{column: datasource.Categories("x", []string{"", "007", "8"}), fault: `line 2: the column x holds numbers for the customers who are stored, and "007" here`},
		{column: categorical, o: asked, want: categorical},
		{column: numeric, want: datasource.Categories("x", []string{"1", "2", "30"})},
		{column: text, want: text},
		{column: categorical, want: datasource.Texts("x", []string{"1", "b", ""})},
		{column: numeric, want: datasource.Texts("x", []string{"1", "2", "30"})},
	} {
		_, err := s.ImportCustomers(t.Context(), store.Actor{}, with(t, base, step.column), step.o)
		switch {
		case step.fault != "":
			if !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), step.fault) {
				t.Errorf("step %d: got %v, want %s", i, err, step.fault)
			}
		case err != nil:
			t.Errorf("step %d: %v", i, err)
		default:
			wantSource(t, s, with(t, base, step.want))
		}
	}
}

// members is another kind of table than that of customers.
func members(t *testing.T, ids ...string) *datasource.Table {
	t.Helper()
	n := len(ids)
	table, err := datasource.NewTable(datasource.Texts("Member", ids), datasource.Numbers("Visits", make([]float64, n)),
		datasource.Categories(datasource.Age, cells(n, func(int) string { return "18-25" })))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func testOtherTables(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	asMembers := store.ImportOptions{ID: "Member", AnyColumns: true}
	table := members(t, "m1", "m2", "m3")
	if _, err := s.ImportCustomers(ctx, store.Actor{}, table, store.ImportOptions{ID: "Member"}); !errors.Is(err, datasource.ErrNoColumn) {
		t.Errorf("as the customer table: got %v", err)
	}
	if _, err := s.ImportCustomers(ctx, store.Actor{}, table, store.ImportOptions{ID: "Membre", AnyColumns: true}); !errors.Is(err, datasource.ErrNoColumn) {
		t.Errorf("without its ID: got %v", err)
	}
	importAll(t, s, table, asMembers)
	wantSource(t, s, table)
	if c, err := s.Customer(ctx, "m2"); err != nil || c.Age != nil || !maps.Equal(c.Attributes, store.Attributes{"Visits": 0.0, datasource.Age: "18-25"}) {
		t.Errorf("got %+v, %v", c, err)
	}
	for name, test := range map[string]struct {
		table *datasource.Table
		o     store.ImportOptions
		want  string
	}{
		"customers":  {with(t, ManyCustomers(t, 2), datasource.Texts("Member", []string{"x", "y"})), asMembers, "the customers who are stored do not have the columns of the customer table"},
		"another ID": {ManyCustomers(t, 2), store.ImportOptions{}, `identified by the column "Member", and these by "CustomerID"`},
		"twice":      {members(t, "x", "y", "x"), asMembers, `line 3: the customer ID "x" is also that of line 1`},
	} {
		if _, err := s.ImportCustomers(ctx, store.Actor{}, test.table, test.o); !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
	wantSource(t, s, table)
	for _, id := range []string{"m1", "m2", "m3"} {
		if err := s.DeleteCustomer(ctx, store.Actor{}, id); err != nil {
			t.Fatal(err)
		}
	}
	customers := ManyCustomers(t, 2)
	importAll(t, s, customers, store.ImportOptions{})
	wantSource(t, s, customers)
	if _, err := s.ImportCustomers(ctx, store.Actor{}, members(t, "m1"), asMembers); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("members among customers: got %v", err)
	}
	lacking, err := customers.Select(datasource.CustomerID, datasource.Gender)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ImportCustomers(ctx, store.Actor{}, lacking, store.ImportOptions{AnyColumns: true}); !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), "lack some") {
		t.Errorf("customers who lack columns: got %v", err)
	}
	intact(t, s)
}

func testAttributesThatCannotBeStored(t *testing.T, open Open) {
	s, base := open(), ManyCustomers(t, 2)
	long := strings.Repeat("x", 1<<19)
	for name, test := range map[string]struct {
		columns []datasource.Column
		want    string
	}{
		"NUL":       {[]datasource.Column{datasource.Texts("x", []string{"", "a\x00"})}, "line 2: x holds a NUL character"},
		"category":  {[]datasource.Column{datasource.Categories("x", []string{"", "\xff"})}, "line 2: x is not UTF-8 text"},
		"name":      {[]datasource.Column{datasource.Texts("\x00", []string{"", ""})}, "the name of a column holds a NUL character"},
		"long name": {[]datasource.Column{datasource.Texts(strings.Repeat("ü", 513), []string{"", ""})}, "the name of a column must have 1 to 512 characters, got 513"},
		"together":  {[]datasource.Column{datasource.Texts("x", []string{"", long}), datasource.Texts("y", []string{"", long})}, "line 2: the 2 columns that become attributes must have at most 1048576 bytes together"},
		"many":      {emptyColumns(249), "customers can have 256 columns, and these would be 257"},
	} {
		_, err := s.ImportCustomers(t.Context(), store.Actor{}, with(t, base, test.columns...), store.ImportOptions{})
		if !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
	if n, err := s.CountCustomers(t.Context()); err != nil || n != 0 {
		t.Errorf("got %d customers, %v", n, err)
	}
	most := with(t, base, emptyColumns(248)...)
	importAll(t, s, most, store.ImportOptions{})
	wantSource(t, s, most)
}

func emptyColumns(n int) []datasource.Column {
	list := make([]datasource.Column, n)
	for i := range list {
		list[i] = datasource.Texts(fmt.Sprint("column ", i), make([]string, 2))
	}
	return list
}
