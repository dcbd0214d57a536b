package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"strings"

	"github.com/cohortlens/cohortlens/datasource"
)

// Customer is a row of the customer table. An empty text, and nil, are a missing
// value.
type Customer struct {
	// Row numbers the customers in the order in which they came in.
	Row int64 `json:"-" db:"id"`

	CustomerID     string   `json:"customer_id" db:"customer_id"`
	Gender         string   `json:"gender" db:"gender"`
	Age            *int64   `json:"age" db:"age"`
	AnnualIncome   *float64 `json:"annual_income" db:"annual_income"`
	SpendingScore  *int64   `json:"spending_score" db:"spending_score"`
	Profession     string   `json:"profession" db:"profession"`
	WorkExperience *int64   `json:"work_experience" db:"work_experience"`
	FamilySize     *int64   `json:"family_size" db:"family_size"`

	// Attributes are what the other columns of the customers hold.
	Attributes Attributes `json:"attributes,omitempty" db:"attributes"`
}

// customerColumns are the columns of a customer, missing texts as empty ones. A
// numeric of PostgreSQL can be NaN, which is a missing value too.
const customerColumns = `SELECT id, customer_id, COALESCE(gender, '') AS gender, age, NULLIF(annual_income, 'NaN') AS annual_income, spending_score,
	COALESCE(profession, '') AS profession, work_experience, family_size, `

// customerSelect selects customers, with their attributes where these are asked
// for and the tables have them.
func (t *tx) customerSelect(attributes bool) (string, error) {
	var err error
	if attributes {
		attributes, err = t.hasLayout()
	}
	if attributes {
		return customerColumns + "attributes FROM customers WHERE deleted_at IS NULL", err
	}
	return customerColumns + "NULL AS attributes FROM customers WHERE deleted_at IS NULL", err
}

const customersTable = "customers"

// Customer finds a customer who was not deleted.
func (s *Store) Customer(ctx context.Context, id string) (*Customer, error) {
	const op = "find a customer"
	if err := checkText("the customer ID", id, 1, maxName); err != nil {
		return nil, failed(ctx, op, err)
	}
	var c *Customer
	err := s.read(ctx, op, func(t *tx) (err error) {
		c, err = t.customer(id)
		return err
	})
	return c, err
}

func (t *tx) customer(id string) (*Customer, error) {
	query, err := t.customerSelect(true)
	if err != nil {
		return nil, err
	}
	c := new(Customer)
	err = t.get(c, query+" AND customer_id = ?", id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault(ErrNotFound, "there is no customer %q", id)
	}
	return c, err
}

// Customers lists customers in the order in which they came in, from the one
// after a row on; 0 begins with the first.
func (s *Store) Customers(ctx context.Context, afterRow int64, limit int) ([]Customer, error) {
	const op = "list customers"
	limit, err := pageSize(limit)
	if err != nil {
		return nil, failed(ctx, op, err)
	}
	list := []Customer{}
	err = s.read(ctx, op, func(t *tx) error {
		query, err := t.customerSelect(true)
		if err != nil {
			return err
		}
		return t.customers(&list, query, afterRow, limit)
	})
	return list, err
}

func (t *tx) customers(list *[]Customer, query string, afterRow int64, limit int) error {
	return t.list(list, query+" AND id > CAST(? AS bigint) ORDER BY id LIMIT ?", afterRow, limit)
}

// CountCustomers counts the customers who were not deleted.
func (s *Store) CountCustomers(ctx context.Context) (int64, error) {
	var n int64
	err := s.read(ctx, "count customers", func(t *tx) (err error) {
		n, err = t.countCustomers()
		return err
	})
	return n, err
}

func (t *tx) countCustomers() (n int64, err error) {
	return n, t.get(&n, "SELECT COUNT(*) FROM customers WHERE deleted_at IS NULL")
}

// SaveCustomer inserts a customer, or replaces the one with the same ID, also one
// who was deleted, with all attributes. It reports whether the customer is new. Row
// and times of c are ignored; the income is rounded to cents. An attribute that no
// other customer has becomes a column of the customers: a numeric one for a number,
// a categorical one for a text.
func (s *Store) SaveCustomer(ctx context.Context, who Actor, c Customer) (created bool, err error) {
	const op = "save a customer"
	if err := c.check(); err != nil {
		return false, failed(ctx, op, err)
	}
	err = s.write(ctx, op, func(t *tx) error {
		if _, err := t.lockChain(customersTable); err != nil {
			return err
		}
		before, err := t.customer(c.CustomerID)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		created = before == nil
		if err := t.putCustomer(&c); err != nil {
			return err
		}
		if err := t.checkCustomerLimit(who); err != nil {
			return err
		}
		if created {
			return t.audit(who, change{table: customersTable, record: c.CustomerID, action: "INSERT", new: c})
		}
		return t.audit(who, change{table: customersTable, record: c.CustomerID, action: "UPDATE", old: before, new: c})
	})
	return created && err == nil, err
}

func (t *tx) putCustomer(c *Customer) error {
	attributes, err := c.Attributes.json()
	if err == nil {
		err = t.admit(c.Attributes)
	}
	if err != nil {
		return err
	}
	_, err = t.exec("INSERT INTO customers (customer_id, "+customerValues+", attributes, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "+replaceCustomer(),
		c.CustomerID, orNull(c.Gender), c.Age, c.AnnualIncome, c.SpendingScore, orNull(c.Profession), c.WorkExperience, c.FamilySize, orNull(attributes), t.now, t.now)
	return err
}

// customerValues are the columns of a customer that a table of customers gives.
const customerValues = "gender, age, annual_income, spending_score, profession, work_experience, family_size"

// replacing returns the assignments by which a row of another table takes the
// place of a customer, and the condition that it is not the same already.
func replacing(by, updatedAt string) (assignments, differs string) {
	assignments = "updated_at = " + updatedAt + ", deleted_at = NULL"
	differs = "customers.deleted_at IS NOT NULL"
	for column := range strings.SplitSeq(customerValues, ", ") {
		assignments += ", " + column + " = " + by + "." + column
		differs += " OR customers." + column + " IS DISTINCT FROM " + by + "." + column
	}
	return assignments, differs
}

// replaceCustomer leaves a customer who is the same as before untouched.
func replaceCustomer() string {
	assignments, differs := replacing("excluded", "excluded.updated_at")
	return "ON CONFLICT (customer_id) DO UPDATE SET " + assignments + ", attributes = excluded.attributes WHERE " + differs +
		" OR customers.attributes IS DISTINCT FROM excluded.attributes"
}

// DeleteCustomer marks a customer as deleted. The row stays.
func (s *Store) DeleteCustomer(ctx context.Context, who Actor, id string) error {
	const op = "delete a customer"
	if err := checkText("the customer ID", id, 1, maxName); err != nil {
		return failed(ctx, op, err)
	}
	return s.write(ctx, op, func(t *tx) error {
		if _, err := t.lockChain(customersTable); err != nil {
			return err
		}
		before, err := t.customer(id)
		if err != nil {
			return err
		}
		if _, err := t.exec("UPDATE customers SET deleted_at = ?, updated_at = ? WHERE id = ?", t.now, t.now, before.Row); err != nil {
			return err
		}
		return t.audit(who, change{table: customersTable, record: id, action: "DELETE", old: before})
	})
}

// checkCustomerLimit fails when there are more customers than the plan of the
// actor allows. The lock on the chain of customers is held: no other transaction
// adds any.
func (t *tx) checkCustomerLimit(who Actor) error {
	plan, err := t.currentPlan(who.Tenant)
	if err != nil || plan.MaxCustomers < 0 {
		return err
	}
	n, err := t.countCustomers()
	if err == nil && n > plan.MaxCustomers {
		err = &LimitError{What: "customers", Limit: plan.MaxCustomers, Wanted: n}
	}
	return err
}

const (
	// mostIncome is what numeric(12,2) holds.
	mostIncome = 9_999_999_999.99
	mostWhole  = math.MaxInt32
)

// check refuses what the columns cannot hold, and rounds the income.
func (c *Customer) check() error {
	if err := checkTexts(checked{"the customer ID", c.CustomerID, 1, maxName},
		checked{"the gender", c.Gender, 0, maxText}, checked{"the profession", c.Profession, 0, maxText}); err != nil {
		return err
	}
	for name, v := range map[string]*int64{
		datasource.Age: c.Age, datasource.SpendingScore: c.SpendingScore, datasource.WorkExperience: c.WorkExperience, datasource.FamilySize: c.FamilySize,
	} {
		if v != nil && (*v > mostWhole || *v < -mostWhole) {
			return invalid("%s must be a whole number of at most %d, got %d", name, mostWhole, *v)
		}
	}
	if err := c.Attributes.check(); err != nil || c.AnnualIncome == nil {
		return err
	}
	income, err := cents(datasource.AnnualIncome, *c.AnnualIncome)
	c.AnnualIncome = &income
	return err
}

// cents rounds an amount as numeric(12,2) does, halves away from zero.
func cents(name string, v float64) (float64, error) {
	if math.IsNaN(v) || math.Abs(v) > mostIncome {
		return 0, invalid("%s must be a number of at most %.2f, got %v", name, mostIncome, v)
	}
	return math.Round(v*100) / 100, nil
}
