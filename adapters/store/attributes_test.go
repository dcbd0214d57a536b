package store

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
)

// TestAttributesThatOthersStore reads what somebody has written by SQL.
func TestAttributesThatOthersStore(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url, Options{})
		c := Customer{CustomerID: "1", Attributes: Attributes{"Score": 1.5, "Region": "north", "Size": "7"}}
		if _, err := s.SaveCustomer(t.Context(), Actor{}, c); err != nil {
			t.Fatal(err)
		}
		tamper(t, s, `UPDATE customers SET attributes = '{"Score": true, "Region": null, "Size": 7, "List": [1, "a"], "Off": false, "Void": "", "No": {"a": 1}}'`)
		want := Attributes{"Score": 1.0, "Size": 7.0, "List": `[1,"a"]`, "Off": 0.0, "No": `{"a":1}`}
		if got, err := s.Customer(t.Context(), "1"); err != nil || !maps.Equal(got.Attributes, want) {
			t.Errorf("got %+v, %v", got, err)
		}
		table, err := datasource.Load(t.Context(), s.CustomerSource())
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{"Score": "1", "Region": "", "Size": "7"} {
			if column, err := table.Column(name); err != nil || column.Cell(0) != want {
				t.Errorf("%s: got %q, %v, want %q", name, column.Cell(0), err, want)
			}
		}
		for stored, want := range map[string]string{`{"Score": "high"}`: `the customer "1": "high" is stored in the numeric column Score`, `[1]`: "no JSON object", `{"Score": 1e999}`: "no JSON object"} {
			tamper(t, s, "UPDATE customers SET attributes = '"+stored+"'")
			if _, err := datasource.Load(t.Context(), s.CustomerSource()); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v", stored, err)
			}
		}
	})
}

// TestPythonWritesBesideAttributes lets the Python backend, which knows nothing of
// attributes, read and write an adopted table.
func TestPythonWritesBesideAttributes(t *testing.T) {
	onPython(t, func(t *testing.T, s *Store) {
		table, err := datasource.Load(t.Context(), s.CustomerSource())
		if err != nil {
			t.Fatal(err)
		}
		if table, err = table.With(datasource.Categories("Region", []string{"north", "south"})); err != nil {
			t.Fatal(err)
		}
		if out, err := s.ImportCustomers(t.Context(), Actor{}, table, ImportOptions{}); err != nil || out.Updated != 2 {
			t.Fatalf("got %+v, %v", out, err)
		}
		tamper(t, s, "UPDATE customers SET age = 20 WHERE customer_id = '1'")
		tamper(t, s, "INSERT INTO customers (customer_id, gender, age, created_at, updated_at) VALUES ('77', 'Male', 33, '2025-03-01 10:00:00', '2025-03-01 10:00:00')")
		got, err := datasource.Load(t.Context(), s.CustomerSource())
		if err != nil {
			t.Fatal(err)
		}
		region, _ := got.Column("Region")
		age, _ := got.Column(datasource.Age)
		if got.Rows() != 3 || region.Cell(0) != "north" || age.Cell(0) != "20" || region.Cell(2) != "" || age.Cell(2) != "33" {
			t.Errorf("got %d rows, %q and %q", got.Rows(), region.Cell(0), age.Cell(0))
		}
	})
}
