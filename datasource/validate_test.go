package datasource_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cohortlens/cohortlens/datasource"
	"github.com/cohortlens/cohortlens/internal/testkit"
)

func newTable(t testing.TB, columns ...datasource.Column) *datasource.Table {
	t.Helper()
	table, err := datasource.NewTable(columns...)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// fuzzTable makes three bytes a row: id, number and category, each often missing
// or repeated.
func fuzzTable(t *testing.T, data []byte) *datasource.Table {
	var ids, categories []string
	var numbers []float64
	for len(data) >= 3 {
		id, n, c := data[0], data[1], data[2]
		data = data[3:]
		ids = append(ids, strings.Repeat(string('a'+rune(id%26)), int(id)%5*40))
		value := float64(int8(n)) / 4
		if n%11 == 0 {
			value = math.NaN()
		}
		numbers = append(numbers, value)
		categories = append(categories, []string{"", "x", "long", "é"}[c%4])
	}
	return newTable(t, datasource.Texts("id", ids), datasource.Numbers("n", numbers), datasource.Categories("c", categories))
}

// recount counts violations of FuzzSchema's rules the plain way.
func recount(t *testing.T, table *datasource.Table) (counts map[string]int, bad int) {
	columns := table.Columns()
	counts = map[string]int{}
	ids, numbers := map[string]bool{}, map[float64]bool{}
	for row := range table.Rows() {
		before := 0
		for _, n := range counts {
			before += n
		}
		id, v, c := columns[0].Cell(row), columns[1].Floats()[row], columns[2].Cell(row)
		count := func(rule string, broken bool) {
			if broken {
				counts[rule]++
			}
		}
		count("id present", id == "")
		count("id unique", id != "" && ids[id])
		count("id at most 128 characters long", utf8.RuneCountInString(id) > 128)
		count("n present", math.IsNaN(v))
		count("n a whole number", v-math.Floor(v) > 0)
		count("n between -2 and 10", v < -2 || v > 10)
		count("n more than -1", v <= -1)
		count("n at least 0", v < 0)
		count("n unique", numbers[v])
		count("c present", c == "")
		count("c at most 1 characters long", utf8.RuneCountInString(c) > 1)
		ids[id] = true
		if !math.IsNaN(v) {
			numbers[v] = true
		}
		after := 0
		for _, n := range counts {
			after += n
		}
		if after > before {
			bad++
		}
	}
	return counts, bad
}

func loadShop(t *testing.T) *datasource.Table {
	t.Helper()
	path := testkit.SharedFile(t, "data", "shop_customers.csv")
	table, err := datasource.Load(t.Context(), datasource.NewCSVFile(path, datasource.CSVConfig{Schema: datasource.CustomerSchema()}))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// The numbers of rows are those of reference/make_reference.py (pandas 1.5.3,
// dropna().drop_duplicates() with and without the rules), the counts per rule a
// plain count in the test.
func TestPrepareShopCustomers(t *testing.T) {
	table := loadShop(t)
	for policy, want := range map[datasource.Policy][3]int{
		datasource.Drop: {1636, 364, 0}, datasource.Keep: {1965, 0, 35},
	} {
		clean, q, err := datasource.Prepare(t.Context(), table, datasource.CustomerSchema(), policy)
		if err != nil {
			t.Fatal(err)
		}
		if got := [3]int{q.Kept, q.SetAside, q.MissingRows}; got != want || clean.Rows() != want[0] {
			t.Errorf("%s: want %v, got %v", policy, want, got)
		}
		age, _ := table.Column(datasource.Age)
		income, _ := table.Column(datasource.AnnualIncome)
		profession, _ := table.Column(datasource.Profession)
		var young, poor, jobless int
		for row := range table.Rows() {
			if a := age.Floats()[row]; a < 18 || a > 100 {
				young++
			}
			if income.Floats()[row] <= 0 {
				poor++
			}
			if profession.Missing(row) {
				jobless++
			}
		}
		wantCounts := []datasource.RuleCount{
			{Column: datasource.Age, Rule: "between 18 and 100", Count: young},
			{Column: datasource.AnnualIncome, Rule: "more than 0", Count: poor},
			{Column: datasource.Profession, Rule: "present", Count: jobless},
		}
		if !slices.Equal(q.Violations, wantCounts) {
			t.Errorf("%s: want %v, got %v", policy, wantCounts, q.Violations)
		}
	}
}

func TestValidateExamples(t *testing.T) {
	const text = "CustomerID,Gender,Age,Annual Income ($),Spending Score (1-100),Profession,Work Experience,Family Size\n" +
		"1,Male,17,5,5,x,1,1\n\n2,,20,0,5.5,x,1,1\n1,Male,20,5,5,x,1,1\n"
	table, err := load(t, text, datasource.CSVConfig{Schema: datasource.CustomerSchema()})
	if err != nil {
		t.Fatal(err)
	}
	_, found, err := datasource.Validate(t.Context(), table, datasource.CustomerSchema(), datasource.Fail)
	var invalid *datasource.InvalidError
	if !errors.Is(err, datasource.ErrInvalid) || !errors.As(err, &invalid) || invalid.Validation.BadRows != 3 {
		t.Fatalf("want an InvalidError of 3 rows, got %v", err)
	}
	var got []string
	for _, v := range found.Examples {
		got = append(got, v.String())
	}
	want := []string{
		"line 2: Age is 17, must be between 18 and 100",
		"line 4: Gender is missing",
		"line 4: Annual Income ($) is 0, must be more than 0",
		"line 4: Spending Score (1-100) is 5.5, must be a whole number",
		`line 5: CustomerID "1" is the same as on line 2`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("want %q, got %q", want, got)
	}
	if !strings.Contains(err.Error(), "3 of 3 rows break a rule") {
		t.Errorf("message: %v", err)
	}
	_, _, err = datasource.Validate(t.Context(), table.Take([]int{0}), datasource.CustomerSchema(), datasource.Fail)
	if err == nil || !strings.Contains(err.Error(), "1 of 1 rows breaks a rule") {
		t.Errorf("message: %v", err)
	}
}

func TestValidateKeepsOneHundredExamples(t *testing.T) {
	table := newTable(t, datasource.Numbers("n", make([]float64, 250)))
	schema := datasource.Schema{Fields: []datasource.Field{{Name: "n", Kind: datasource.Numeric, Rules: []datasource.Rule{datasource.MoreThan(0)}}}}
	kept, found, err := datasource.Validate(t.Context(), table, schema, datasource.Keep)
	if err != nil || kept != table || len(found.Examples) != datasource.MaxExamples || found.Counts[0].Count != 250 || found.BadRows != 250 {
		t.Errorf("got %d examples, %v, %v", len(found.Examples), found.Counts, err)
	}
}

func TestValidateNeedsItsColumns(t *testing.T) {
	table := newTable(t, datasource.Numbers("age", []float64{1}), datasource.Numbers("CustomerID", []float64{1}))
	for _, policy := range []datasource.Policy{datasource.Drop, datasource.Fail, datasource.Keep} {
		_, _, err := datasource.Validate(t.Context(), table, datasource.CustomerSchema(), policy)
		if !errors.Is(err, datasource.ErrKind) {
			t.Errorf("%s: want ErrKind, got %v", policy, err)
		}
	}
	schema := datasource.Schema{Fields: []datasource.Field{{Name: "Age", Kind: datasource.Numeric}}}
	_, _, err := datasource.Validate(t.Context(), table, schema, "")
	if !errors.Is(err, datasource.ErrNoColumn) || !strings.Contains(err.Error(), `did you mean "age"?`) {
		t.Errorf("want ErrNoColumn with a suggestion, got %v", err)
	}
}

func TestParsePolicy(t *testing.T) {
	padded := " Keep"
	for name, want := range map[string]datasource.Policy{"": datasource.Drop, padded: datasource.Keep, "FAIL": datasource.Fail} {
		if got, err := datasource.ParsePolicy(name); got != want || err != nil {
			t.Errorf("%q: want %s, got %s, %v", name, want, got, err)
		}
	}
	_, err := datasource.ParsePolicy("ignore")
	if err == nil || !strings.Contains(err.Error(), `"ignore"`) {
		t.Errorf("got %v", err)
	}
	_, _, err = datasource.Validate(t.Context(), newTable(t, datasource.Numbers("n", nil)), datasource.Schema{}, "ignore")
	if err == nil {
		t.Error("Validate takes any policy")
	}
}

func TestPrepareRefusesToReturnNothing(t *testing.T) {
	table := newTable(t, datasource.Numbers("n", []float64{math.NaN(), math.NaN()}))
	schema := datasource.Schema{Fields: []datasource.Field{{Name: "n", Kind: datasource.Numeric}}}
	clean, q, err := datasource.Prepare(t.Context(), table, schema, datasource.Drop)
	if clean != nil || err == nil || q.MissingRows != 2 || !strings.Contains(err.Error(), "of 2 rows, 0 break a rule and 2 lack a value") {
		t.Errorf("got %v, %+v, %v", clean, q, err)
	}
	_, _, err = datasource.Prepare(t.Context(), table.Take([]int{0}), schema, datasource.Drop)
	if err == nil || !strings.Contains(err.Error(), "of 1 row, 0 break a rule and 1 lacks a value") {
		t.Errorf("got %v", err)
	}
}

func TestScreenKeepsWhatIsMissingAndRepeated(t *testing.T) {
	nan := math.NaN()
	table := newTable(t, datasource.Numbers("x", []float64{1, nan, 1, -1}))
	schema := datasource.Schema{Fields: []datasource.Field{{Name: "x", Kind: datasource.Numeric, Rules: []datasource.Rule{datasource.AtLeast(0)}}}}
	got, q, err := datasource.Screen(t.Context(), table, schema, "")
	if err != nil || got.Rows() != 3 || q.Rows != 4 || q.Kept != 3 || q.SetAside != 1 || q.Policy != datasource.Drop {
		t.Errorf("got %d rows, %+v, %v", got.Rows(), q, err)
	}
	if _, q, err = datasource.Screen(t.Context(), table, schema, datasource.Keep); err != nil || q.Kept != 4 || q.BadRows != 1 || q.SetAside != 0 {
		t.Errorf("keep: %+v, %v", q, err)
	}
	bad := newTable(t, datasource.Numbers("x", []float64{-1}))
	if _, _, err = datasource.Screen(t.Context(), bad, schema, ""); err == nil || !strings.Contains(err.Error(), "every row breaks a rule; first: line") {
		t.Errorf("no row left: %v", err)
	}
	none := newTable(t, datasource.Numbers("x", nil))
	if _, _, err = datasource.Screen(t.Context(), none, schema, ""); err == nil || !strings.Contains(err.Error(), "no rows") {
		t.Errorf("no rows: %v", err)
	}
}

func TestQualityHasNoNull(t *testing.T) {
	table := newTable(t, datasource.Numbers("n", []float64{1, 2}))
	_, q, err := datasource.Prepare(t.Context(), table, datasource.InferSchema(table), datasource.Drop)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(q)
	if err != nil || strings.Contains(string(text), "null") {
		t.Errorf("%s, %v", text, err)
	}
}

func TestCustomerSchemaRules(t *testing.T) {
	good := "1,Male,18,0.01,0,x,0,1"
	for row, rule := range map[string]string{
		good: "", "1,Male,100,1,100,x,0,1": "",
		strings.Repeat("é", 128) + good[1:]: "", strings.Repeat("é", 129) + good[1:]: "at most 128 characters long",
		"  " + good[1:]: "present", "1,,18,1,0,x,0,1": "present", "1,m,18,1,0,,0,1": "present",
		"1,m,101,1,0,x,0,1": "between 18 and 100", "1,m,18.5,1,0,x,0,1": "a whole number", "1,m,,1,0,x,0,1": "present",
		"1,m,18,0,0,x,0,1": "more than 0", "1,m,18,1,101,x,0,1": "between 0 and 100", "1,m,18,1,-1,x,0,1": "between 0 and 100",
		"1,m,18,1,0,x,-1,1": "at least 0", "1,m,18,1,0,x,0,0": "more than 0", "1,m,18,1,0,x,0,1.5": "a whole number",
	} {
		header := "CustomerID,Gender,Age,Annual Income ($),Spending Score (1-100),Profession,Work Experience,Family Size\n"
		table, err := load(t, header+row+"\n", datasource.CSVConfig{Schema: datasource.CustomerSchema()})
		if err != nil {
			t.Fatal(err)
		}
		_, found, err := datasource.Validate(t.Context(), table, datasource.CustomerSchema(), datasource.Keep)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, c := range found.Counts {
			got += c.Rule
		}
		if got != rule {
			t.Errorf("%s: want %q, got %q", row, rule, got)
		}
	}
}

func ExampleViolation_String() {
	v := datasource.Violation{Line: 7, Column: "Age", Rule: "between 18 and 100", Value: "3"}
	fmt.Println(v)
	// Output: line 7: Age is 3, must be between 18 and 100
}

// Two customers may give the same three answers; only an ID can tell that a row is
// there twice.
func TestPrepareKeepsEqualRowsWithoutAnID(t *testing.T) {
	table, err := datasource.NewTable(
		datasource.Texts("id", []string{"a", "b", "a", "c"}),
		datasource.Numbers("answer", []float64{1, 1, 1, 2}),
	)
	if err != nil {
		t.Fatal(err)
	}
	fields := []datasource.Field{{Name: "id", Kind: datasource.Text}, {Name: "answer", Kind: datasource.Numeric}}
	kept, q, err := datasource.Prepare(t.Context(), table, datasource.Schema{Fields: fields}, datasource.Keep)
	if err != nil || kept.Rows() != 4 || q.DuplicateRows != 0 || len(q.Notes) != 1 || !strings.Contains(q.Notes[0], ": 1 row repeats an earlier one.") {
		t.Errorf("without an ID: %v, %d rows kept, %d repeated, notes %q", err, kept.Rows(), q.DuplicateRows, q.Notes)
	}
	kept, q, err = datasource.Prepare(t.Context(), table, datasource.Schema{ID: "id", Fields: fields}, datasource.Keep)
	if err != nil || kept.Rows() != 3 || q.DuplicateRows != 1 || len(q.Notes) != 0 {
		t.Errorf("with an ID: %v, %d rows kept, %d repeated, notes %q", err, kept.Rows(), q.DuplicateRows, q.Notes)
	}
}
