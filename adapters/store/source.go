package store

import (
	"context"
	"iter"
	"math"

	"github.com/cohortlens/cohortlens/datasource"
)

// sourcePage is how many customers a batch has.
const sourcePage = 4096

// CustomerSource is the table of customers as a source for the library, in the
// order in which they came in and with the columns of
// [datasource.CustomerSchema]. Deleted customers are not in it.
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
			for row := int64(0); ; {
				page := make([]Customer, 0, sourcePage)
				if err := t.customers(&page, row, sourcePage); err != nil {
					return err
				}
				if len(page) == 0 && row > 0 {
					return nil
				}
				table, err := customerTable(page)
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

// customerTable makes the library's table of customers.
func customerTable(list []Customer) (*datasource.Table, error) {
	text := func(of func(*Customer) string) []string {
		cells := make([]string, len(list))
		for i := range list {
			cells[i] = of(&list[i])
		}
		return cells
	}
	number := func(of func(*Customer) *int64) []float64 {
		values := make([]float64, len(list))
		for i := range list {
			values[i] = math.NaN()
			if v := of(&list[i]); v != nil {
				values[i] = float64(*v)
			}
		}
		return values
	}
	incomes := make([]float64, len(list))
	for i, c := range list {
		incomes[i] = math.NaN()
		if c.AnnualIncome != nil {
			incomes[i] = *c.AnnualIncome
		}
	}
	return datasource.NewTable(
		datasource.Texts(datasource.CustomerID, text(func(c *Customer) string { return c.CustomerID })),
		datasource.Categories(datasource.Gender, text(func(c *Customer) string { return c.Gender })),
		datasource.Numbers(datasource.Age, number(func(c *Customer) *int64 { return c.Age })),
		datasource.Numbers(datasource.AnnualIncome, incomes),
		datasource.Numbers(datasource.SpendingScore, number(func(c *Customer) *int64 { return c.SpendingScore })),
		datasource.Categories(datasource.Profession, text(func(c *Customer) string { return c.Profession })),
		datasource.Numbers(datasource.WorkExperience, number(func(c *Customer) *int64 { return c.WorkExperience })),
		datasource.Numbers(datasource.FamilySize, number(func(c *Customer) *int64 { return c.FamilySize })),
	)
}
