package store

import (
	"context"
	"database/sql"
	"errors"
	"math"

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
}

// customerColumns are the columns of a customer, missing texts as empty ones. A
// numeric of PostgreSQL can be NaN, which is a missing value too.
const customerColumns = `id, customer_id, COALESCE(gender, '') AS gender, age, NULLIF(annual_income, 'NaN') AS annual_income, spending_score,
	COALESCE(profession, '') AS profession, work_experience, family_size`

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
	c := new(Customer)
	err := t.get(c, "SELECT "+customerColumns+" FROM customers WHERE customer_id = ? AND deleted_at IS NULL", id)
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
	err = s.read(ctx, op, func(t *tx) error { return t.customers(&list, afterRow, limit) })
	return list, err
}

func (t *tx) customers(list *[]Customer, afterRow int64, limit int) error {
	return t.list(list, "SELECT "+customerColumns+" FROM customers WHERE deleted_at IS NULL AND id > CAST(? AS bigint) ORDER BY id LIMIT ?", afterRow, limit)
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
// who was deleted. It reports whether the customer is new. Row and times of c are
// ignored; the income is rounded to cents.
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
		_, err = t.exec(`INSERT INTO customers (customer_id, gender, age, annual_income, spending_score, profession,
				work_experience, family_size, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) `+replaceCustomer,
			c.CustomerID, orNull(c.Gender), c.Age, c.AnnualIncome, c.SpendingScore, orNull(c.Profession), c.WorkExperience, c.FamilySize, t.now, t.now)
		if err != nil {
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

// replaceCustomer leaves a customer who is the same as before untouched.
const replaceCustomer = `ON CONFLICT (customer_id) DO UPDATE SET gender = excluded.gender, age = excluded.age,
	annual_income = excluded.annual_income, spending_score = excluded.spending_score, profession = excluded.profession,
	work_experience = excluded.work_experience, family_size = excluded.family_size, updated_at = excluded.updated_at, deleted_at = NULL
	WHERE customers.deleted_at IS NOT NULL OR customers.gender IS DISTINCT FROM excluded.gender
	OR customers.age IS DISTINCT FROM excluded.age OR customers.annual_income IS DISTINCT FROM excluded.annual_income
	OR customers.spending_score IS DISTINCT FROM excluded.spending_score OR customers.profession IS DISTINCT FROM excluded.profession
	OR customers.work_experience IS DISTINCT FROM excluded.work_experience OR customers.family_size IS DISTINCT FROM excluded.family_size`

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
	if c.AnnualIncome == nil {
		return nil
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
