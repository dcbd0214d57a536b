package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/datasource/datasourcetest"

	"github.com/cohortlens/cohortlens/adapters/store"
)

func ptr[T any](v T) *T { return &v }

func customer(id string) store.Customer {
	return store.Customer{
		CustomerID: id, Gender: "Female", Age: ptr(int64(34)), AnnualIncome: ptr(51234.5), SpendingScore: ptr(int64(61)),
		Profession: "Artist", WorkExperience: ptr(int64(3)), FamilySize: ptr(int64(2)),
	}
}

const (
	// maxName is the length of the longest ID.
	maxName = 128
	// manyRows are more than any implementation should hold in one batch.
	manyRows = 4096
)

// hostileIDs are data like any other.
var hostileIDs = []string{"0012", "../../etc/passwd", "'; DROP TABLE customers;--", "<script>", "名前", "a\tb\n", " ", strings.Repeat("x", maxName)}

func testCustomersLiveAndDie(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	ann := store.Actor{User: "ann"}
	for _, id := range hostileIDs {
		if created, err := s.SaveCustomer(ctx, ann, customer(id)); err != nil || !created {
			t.Fatalf("%q: got %v, %v", id, created, err)
		}
		c, err := s.Customer(ctx, id)
		want := customer(id)
		if err != nil || c.CustomerID != id || *c.Age != *want.Age || *c.AnnualIncome != *want.AnnualIncome || c.Profession != want.Profession {
			t.Errorf("got %+v, %v", c, err)
		}
	}
	sparse := store.Customer{CustomerID: "0012", AnnualIncome: ptr(10.125)}
	if created, err := s.SaveCustomer(ctx, ann, sparse); err != nil || created {
		t.Errorf("a known customer: got %v, %v", created, err)
	}
	if c, err := s.Customer(ctx, "0012"); err != nil || c.Gender != "" || c.Age != nil || *c.AnnualIncome != 10.13 {
		t.Errorf("got %+v, %v", c, err)
	}
	if err := s.DeleteCustomer(ctx, ann, "0012"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Customer(ctx, "0012"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a deleted customer is found: %v", err)
	}
	if err := s.DeleteCustomer(ctx, ann, "0012"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a customer was deleted twice: %v", err)
	}
	if n, err := s.CountCustomers(ctx); err != nil || n != int64(len(hostileIDs)-1) {
		t.Errorf("got %d, %v", n, err)
	}
	if created, err := s.SaveCustomer(ctx, ann, customer("0012")); err != nil || !created {
		t.Errorf("a deleted customer comes back: got %v, %v", created, err)
	}
	list, err := s.Customers(ctx, 0, 3)
	if err != nil || len(list) != 3 || list[0].CustomerID != "0012" {
		t.Fatalf("got %+v, %v", list, err)
	}
	rest, err := s.Customers(ctx, list[2].Row, 0)
	if err != nil || len(rest) != len(hostileIDs)-3 || rest[0].CustomerID != hostileIDs[3] {
		t.Errorf("got %+v, %v", rest, err)
	}
	wantLog(t, s, store.AuditFilter{Table: "customers", RecordID: "0012"}, "INSERT", "DELETE", "UPDATE", "INSERT")
	intact(t, s)
}

func testCustomersThatCannotBeStored(t *testing.T, open Open) {
	s := open()
	for name, change := range map[string]func(*store.Customer){
		"no ID":      func(c *store.Customer) { c.CustomerID = "" },
		"long ID":    func(c *store.Customer) { c.CustomerID = strings.Repeat("ü", maxName+1) },
		"NUL":        func(c *store.Customer) { c.Gender = "a\x00" },
		"not UTF-8":  func(c *store.Customer) { c.Profession = "\xff" },
		"large age":  func(c *store.Customer) { c.Age = ptr(int64(math.MaxInt32 + 1)) },
		"income":     func(c *store.Customer) { c.AnnualIncome = ptr(1e10) },
		"NaN income": func(c *store.Customer) { c.AnnualIncome = ptr(math.NaN()) },
	} {
		c := customer("1")
		change(&c)
		if _, err := s.SaveCustomer(t.Context(), store.Actor{}, c); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: got %v, want store.ErrInvalid", name, err)
		}
	}
	wantLog(t, s, store.AuditFilter{})
}

// ManyCustomers makes a table of n customers, of which some values are missing.
func ManyCustomers(t testing.TB, n int) *datasource.Table {
	t.Helper()
	ids, genders, professions := make([]string, n), make([]string, n), make([]string, n)
	ages, incomes, scores := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		ids[i], genders[i], professions[i] = fmt.Sprintf("%07d", (i*7919)%n), []string{"Male", "Female"}[i%2], []string{"Artist", "Doctor", ""}[i%3]
		ages[i], incomes[i], scores[i] = float64(18+i%80), float64(20000+i)+0.25, float64(i%101)
		if i%10 == 9 {
			ages[i] = math.NaN()
		}
	}
	table, err := datasource.NewTable(datasource.Texts(datasource.CustomerID, ids), datasource.Categories(datasource.Gender, genders),
		datasource.Numbers(datasource.Age, ages), datasource.Numbers(datasource.AnnualIncome, incomes), datasource.Numbers(datasource.SpendingScore, scores),
		datasource.Categories(datasource.Profession, professions), datasource.Numbers(datasource.WorkExperience, scores), datasource.Numbers(datasource.FamilySize, scores))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func testImportComesBackAsItWas(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	want := ManyCustomers(t, 2*manyRows+1)
	last := 0
	out, err := s.ImportCustomers(ctx, store.Actor{User: "ann"}, want, store.ImportOptions{Progress: func(done, _ int) { last = done }})
	if err != nil || *out != (store.Import{Rows: int64(want.Rows()), Inserted: int64(want.Rows()), SHA256: out.SHA256}) || last == 0 {
		t.Fatalf("got %+v, %v; progress %d", out, err, last)
	}
	got, err := datasource.Load(ctx, s.CustomerSource())
	if err != nil {
		t.Fatal(err)
	}
	if d := datasourcetest.Diff(want, got); d != "" {
		t.Error(d)
	}
	again, err := s.ImportCustomers(ctx, store.Actor{}, want, store.ImportOptions{})
	if err != nil || again.Unchanged != int64(want.Rows()) || again.SHA256 != out.SHA256 {
		t.Errorf("again: got %+v, %v", again, err)
	}
	changed, err := want.With(datasource.Numbers(datasource.Age, make([]float64, want.Rows())))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteCustomer(ctx, store.Actor{}, "0000000"); err != nil {
		t.Fatal(err)
	}
	third, err := s.ImportCustomers(ctx, store.Actor{}, changed.Take([]int{0, 1, 2}), store.ImportOptions{})
	if err != nil || third.Updated != 3 || third.SHA256 == out.SHA256 {
		t.Errorf("changed: got %+v, %v", third, err)
	}
	if n, err := s.CountCustomers(ctx); err != nil || n != int64(want.Rows()) {
		t.Errorf("got %d customers, %v", n, err)
	}
}

// testImportRounds gives incomes that the column cannot hold exactly.
func testImportRounds(t *testing.T, open Open) {
	s := open()
	table, err := ManyCustomers(t, 3).With(datasource.Numbers(datasource.AnnualIncome, []float64{10.125, 10.12, math.NaN()}))
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.ImportCustomers(t.Context(), store.Actor{}, table, store.ImportOptions{})
	if err != nil || out.Rounded != 1 {
		t.Errorf("got %+v, %v", out, err)
	}
	list, err := s.Customers(t.Context(), 0, 0)
	if err != nil || *list[0].AnnualIncome != 10.13 || *list[1].AnnualIncome != 10.12 || list[2].AnnualIncome != nil {
		t.Errorf("got %+v, %v", list, err)
	}
	again, err := s.ImportCustomers(t.Context(), store.Actor{}, table, store.ImportOptions{})
	if err != nil || again.Unchanged != 3 {
		t.Errorf("again: got %+v, %v", again, err)
	}
}

func testImportIsAllOrNothing(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	good := ManyCustomers(t, 50)
	for name, test := range map[string]struct {
		column datasource.Column
		want   string
	}{
		"twice":      {datasource.Texts(datasource.CustomerID, append(make([]string, 0), ids(50, "7", 3, 40)...)), `line 41: the customer ID "7" is also that of line 4`},
		"no ID":      {datasource.Texts(datasource.CustomerID, ids(50, "", 20)), "line 21: CustomerID must have 1 to 128 characters, got 0"},
		"half":       {numbers(datasource.Age, 50, 33.5, 12), "line 13: Age must be a whole number"},
		"too much":   {numbers(datasource.AnnualIncome, 50, 1e11, 49), "line 50: Annual Income ($) must be a number of at most 9999999999.99"},
		"other kind": {datasource.Texts(datasource.FamilySize, make([]string, 50)), "the column Family Size is text"},
	} {
		bad, err := good.With(test.column)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.ImportCustomers(ctx, store.Actor{}, bad, store.ImportOptions{})
		if !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
	short, err := good.Select(datasource.CustomerID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ImportCustomers(ctx, store.Actor{}, short, store.ImportOptions{}); !errors.Is(err, store.ErrInvalid) || !errors.Is(err, datasource.ErrNoColumn) {
		t.Errorf("without columns: got %v", err)
	}
	ended, cancel := context.WithCancel(ctx)
	defer cancel()
	large := ManyCustomers(t, 20_000)
	_, err = s.ImportCustomers(ended, store.Actor{}, large, store.ImportOptions{Progress: func(int, int) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ends: got %v", err)
	}
	if n, err := s.CountCustomers(ctx); err != nil || n != 0 {
		t.Errorf("got %d customers, %v; want none", n, err)
	}
	wantLog(t, s, store.AuditFilter{})
}

// ids are distinct, but for one that stands in the given rows.
func ids(n int, same string, rows ...int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("c%d", i)
		if slices.Contains(rows, i) {
			out[i] = same
		}
	}
	return out
}

func numbers(name string, n int, odd float64, row int) datasource.Column {
	values := make([]float64, n)
	values[row] = odd
	return datasource.Numbers(name, values)
}

func testSourceStopsAndSeesOneState(t *testing.T, open Open) {
	s, ctx := open(), t.Context()
	source := s.CustomerSource()
	empty, err := datasource.Load(ctx, source)
	if err != nil || empty.Rows() != 0 || datasource.CustomerSchema().Check(empty) != nil {
		t.Fatalf("no customers: got %v, %v", empty, err)
	}
	table := ManyCustomers(t, manyRows+10)
	if _, err := s.ImportCustomers(ctx, store.Actor{}, table, store.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	for range 4 { // more often than there are connections
		for _, err := range source.Batches(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	rows := 0
	for batch, err := range source.Batches(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if rows == 0 { // while the read is under way
			if err := s.DeleteCustomer(ctx, store.Actor{}, table.Columns()[0].Cell(manyRows+5)); err != nil {
				t.Fatal(err)
			}
		}
		rows += batch.Rows()
	}
	if rows != table.Rows() {
		t.Errorf("got %d rows, want the %d that there were when the read began", rows, table.Rows())
	}
	ended, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, err := range source.Batches(ended) {
		cancel()
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	interrupted, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, err := range source.Batches(interrupted) {
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		break // as a caller does who notices the end first
	}
}
