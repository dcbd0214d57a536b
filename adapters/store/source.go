package store

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/cohortlens/cohortlens/datasource"
)

// sourcePage is how many customers a batch has.
const sourcePage = 4096

// CustomerSource is the table of customers as a source for the library, in the
// order in which they came in. It has the ID, the other columns of
// [datasource.CustomerSchema] if the customers have them, and one for each
// attribute, in the kind that was decided when it was stored. Deleted customers
// are not in it.
//
// All batches of one read are of one state of the database, however long the
// caller takes; one batch is in memory at a time. Until the read ends it holds a
// connection.
func (s *Store) CustomerSource() datasource.Source { return customerSource{s} }

type customerSource struct{ store *Store }

// Batches implements [datasource.Source].
func (c customerSource) Batches(ctx context.Context) iter.Seq2[*datasource.Table, error] {
	return func(yield func(*datasource.Table, error) bool) {
		stopped := false // a caller who has left must not be called again, whatever else went wrong
		err := c.store.scan(ctx, "read customers", func(t *tx) error {
			columns, query, err := t.beginPages()
			if err != nil {
				return err
			}
			for row := int64(0); ; {
				page := make([]Customer, 0, sourcePage)
				if err := t.customers(&page, query, row, sourcePage); err != nil {
					return err
				}
				if len(page) == 0 && row > 0 {
					return nil
				}
				table, err := columns.table(page)
				if err != nil {
					return err
				}
				if stopped = !yield(table, nil); stopped || len(page) < sourcePage {
					return nil
				}
				row = page[len(page)-1].Row
			}
		})
		if err != nil && !stopped {
			yield(nil, err)
		}
	}
}

// beginPages returns the columns of the customers, and the query for a page.
func (t *tx) beginPages() (layout, string, error) {
	if t.store.dialect.name == postgresDialect.name {
		// A server that has no statistics yet, as after a first import, would sort
		// all customers anew for each page.
		if _, err := t.exec("SET LOCAL enable_sort = off"); err != nil {
			return nil, "", err
		}
	}
	columns, err := t.layout()
	if err != nil {
		return nil, "", err
	}
	query, err := t.customerSelect(len(columns.attributes()) > 0)
	return columns, query, err
}

// table makes the library's table of customers.
func (l layout) table(list []Customer) (*datasource.Table, error) {
	columns := make([]datasource.Column, len(l))
	for i, c := range l {
		var err error
		if columns[i], err = c.of(list); err != nil {
			return nil, err
		}
	}
	return datasource.NewTable(columns...)
}

func (c customerColumn) of(list []Customer) (datasource.Column, error) {
	switch {
	case c.Attribute && c.kind() == datasource.Numeric:
		return c.numbers(list, func(of *Customer) (float64, error) { return of.Attributes.number(c.Name) })
	case c.kind() == datasource.Numeric:
		return c.numbers(list, func(of *Customer) (float64, error) { return of.number(c.Name), nil })
	}
	cells := make([]string, len(list))
	for i := range list {
		cells[i] = list[i].text(c)
	}
	if c.kind() == datasource.Categorical {
		return datasource.Categories(c.Name, cells), nil
	}
	return datasource.Texts(c.Name, cells), nil
}

func (c customerColumn) numbers(list []Customer, of func(*Customer) (float64, error)) (datasource.Column, error) {
	values := make([]float64, len(list))
	for i := range list {
		var err error
		if values[i], err = of(&list[i]); err != nil {
			return datasource.Column{}, fmt.Errorf("the customer %q: %w", list[i].CustomerID, err)
		}
	}
	return datasource.Numbers(c.Name, values), nil
}

// number returns the value of a numeric column of the customer table, NaN where it
// is missing.
func (c *Customer) number(name string) float64 {
	switch name {
	case datasource.Age:
		return orNaN(c.Age)
	case datasource.AnnualIncome:
		return orNaN(c.AnnualIncome)
	case datasource.SpendingScore:
		return orNaN(c.SpendingScore)
	case datasource.WorkExperience:
		return orNaN(c.WorkExperience)
	}
	return orNaN(c.FamilySize)
}

func orNaN[T int64 | float64](v *T) float64 {
	if v == nil {
		return math.NaN()
	}
	return float64(*v)
}

// text returns the value of a column that is not numeric.
func (c *Customer) text(of customerColumn) string {
	switch {
	case of.Attribute:
		return c.Attributes.text(of.Name)
	case of.Kind == idKind:
		return c.CustomerID
	case of.Name == datasource.Gender:
		return c.Gender
	}
	return c.Profession
}
