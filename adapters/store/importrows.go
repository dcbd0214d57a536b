package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"math"
	"slices"
	"strings"

	"github.com/cohortlens/cohortlens/datasource"
)

// importRows are the rows of a table as the database takes them.
type importRows struct {
	table  *datasource.Table
	n      int
	layout layout

	// The columns of the customer table: none but the ID where the table lacks
	// some.
	id, gender, profession                              datasource.Column
	age, income, spending, workExperience, familyMember datasource.Column

	attributes []importAttribute

	rounded int64
	digest  hash.Hash
	line    bytes.Buffer
}

// importAttribute is a column whose values become attributes.
type importAttribute struct {
	datasource.Column
	// key is the name with the colon, as JSON has it; levels are those of the
	// column as JSON.
	key    []byte
	levels [][]byte
}

func newImportRows(t *datasource.Table, l layout) (*importRows, error) {
	r := &importRows{table: t, n: t.Rows(), layout: l, digest: sha256.New()}
	own := map[string]*datasource.Column{
		l.id(): &r.id, datasource.Gender: &r.gender, datasource.Profession: &r.profession, datasource.Age: &r.age,
		datasource.AnnualIncome: &r.income, datasource.SpendingScore: &r.spending, datasource.WorkExperience: &r.workExperience,
		datasource.FamilySize: &r.familyMember,
	}
	for _, known := range l {
		if known.Attribute {
			continue
		}
		c, err := t.Column(known.Name)
		if err != nil {
			return nil, err
		}
		if known.Kind == datasource.Numeric.String() && c.Kind() != datasource.Numeric {
			return nil, invalid("the column %s is %s, and must be numeric", c.Name(), c.Kind())
		}
		*own[known.Name] = c
	}
	return r, nil
}

// columns are those of the staging table, in the order of [importRows.args].
func (r *importRows) columns() []string {
	list := append([]string{"position", "customer_id"}, strings.Split(customerValues, ", ")...)
	list = append(list, "created_at")
	if r.attributes != nil {
		list = append(list, "attributes")
	}
	return list
}

// numbers are the numeric columns of the customer table.
func (r *importRows) numbers() []datasource.Column {
	return slices.DeleteFunc([]datasource.Column{r.age, r.income, r.spending, r.workExperience, r.familyMember},
		func(c datasource.Column) bool { return c.Kind() != datasource.Numeric })
}

// check refuses rows that the table of customers cannot hold.
func (r *importRows) check(ctx context.Context) error {
	if err := r.checkIDs(ctx); err != nil {
		return err
	}
	texts := []datasource.Column{r.gender, r.profession}
	for _, known := range r.layout.attributes() {
		c, err := r.table.Column(known.Name)
		if err != nil {
			return err
		}
		texts = append(texts, c)
	}
	for _, c := range texts {
		if err := r.checkTexts(ctx, c); err != nil {
			return err
		}
	}
	for _, c := range r.numbers() {
		check := func(row int) error { return checkNumber(c, row, c.Name() == datasource.AnnualIncome) }
		if err := r.each(ctx, check); err != nil {
			return err
		}
	}
	return nil
}

// each checks all rows, and names the line of the first one that fails.
func (r *importRows) each(ctx context.Context, check func(row int) error) error {
	for row := range r.n {
		if row%progressRows == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := check(row); err != nil {
			return r.at(row, err)
		}
	}
	return nil
}

func (r *importRows) at(row int, err error) error {
	return fmt.Errorf("line %d: %w", r.table.Line(row), err)
}

func (r *importRows) checkIDs(ctx context.Context) error {
	first := make(map[string]int, r.n)
	return r.each(ctx, func(row int) error {
		id := r.id.Cell(row)
		if before, twice := first[id]; twice {
			return invalid("the customer ID %q is also that of line %d", id, r.table.Line(before))
		}
		first[id] = row
		return checkText(r.id.Name(), id, 1, maxName)
	})
}

// checkTexts refuses texts of a column that cannot be stored. The size of all
// attributes together is looked at later, see [importRows.object].
func (r *importRows) checkTexts(ctx context.Context, c datasource.Column) error {
	for code, level := range c.Levels() {
		if err := checkText(c.Name(), level, 1, maxText); err != nil {
			return r.at(slices.Index(c.Codes(), int32(code)), err)
		}
	}
	if c.Kind() != datasource.Text {
		return nil
	}
	return r.each(ctx, func(row int) error { return checkText(c.Name(), c.Cell(row), 0, maxText) })
}

func checkNumber(c datasource.Column, row int, fraction bool) error {
	v := c.Floats()[row]
	switch {
	case math.IsNaN(v):
		return nil
	case fraction:
		_, err := cents(c.Name(), v)
		return err
	case v != math.Trunc(v) || math.Abs(v) > mostWhole:
		return invalid("%s must be a whole number of at most %d, got %v", c.Name(), mostWhole, v)
	}
	return nil
}

// prepareAttributes makes ready what all rows of an attribute have in common. What
// is a number here and something else for the customers of the layout becomes a
// text.
func (r *importRows) prepareAttributes(all layout) error {
	for _, known := range r.layout.attributes() {
		c, err := r.table.Column(known.Name)
		if err != nil {
			return err
		}
		if kind := all[all.find(known.Name)].kind(); kind != datasource.Numeric && c.Kind() == datasource.Numeric {
			as, err := r.table.Convert(map[string]datasource.Kind{known.Name: kind})
			if err != nil {
				return err
			}
			if c, err = as.Column(known.Name); err != nil {
				return err
			}
		}
		a := importAttribute{Column: c, key: append(quote(known.Name), ':')}
		for _, level := range c.Levels() {
			a.levels = append(a.levels, quote(level))
		}
		r.attributes = append(r.attributes, a)
	}
	slices.SortFunc(r.attributes, func(a, b importAttribute) int { return strings.Compare(a.Name(), b.Name()) })
	return nil
}

// quote returns a text as JSON has it.
func quote(text string) []byte {
	quoted, _ := json.Marshal(text) // a string always has one
	return quoted
}

// appendTo appends the value of a row as JSON.
func (a *importAttribute) appendTo(b []byte, row int) []byte {
	b = append(b, a.key...)
	switch {
	case a.Missing(row):
		return append(b, "null"...)
	case a.Kind() == datasource.Numeric:
		return append(b, a.Cell(row)...)
	case a.Kind() == datasource.Categorical:
		return append(b, a.levels[a.Codes()[row]]...)
	}
	return append(b, quote(a.Cell(row))...)
}

// object is the JSON of the attributes of a row.
func (r *importRows) object(row int) (string, error) {
	b := append(make([]byte, 0, 64*len(r.attributes)), '{')
	for i := range r.attributes {
		if i > 0 {
			b = append(b, ',')
		}
		b = r.attributes[i].appendTo(b, row)
	}
	if len(b) >= maxText {
		return "", r.at(row, invalid("the %d columns that become attributes must have at most %d bytes together, got %d", len(r.attributes), maxText, len(b)+1))
	}
	return string(append(b, '}')), nil
}

// args appends the values of a row, and adds them to the digest.
func (r *importRows) args(t *tx, to []any, row int) ([]any, error) {
	r.line.Reset()
	text := func(c datasource.Column) any {
		cell := c.Cell(row)
		r.line.WriteString(cell)
		r.line.WriteByte(0)
		return orNull(cell)
	}
	whole := func(c datasource.Column) any {
		if text(c) == nil {
			return nil
		}
		return int64(c.Floats()[row])
	}
	income := func() any {
		if text(r.income) == nil {
			return nil
		}
		exact := r.income.Floats()[row]
		rounded := math.Round(exact*100) / 100
		if rounded != exact {
			r.rounded++
		}
		return rounded
	}
	to = append(to, int64(row), text(r.id), text(r.gender), whole(r.age), income(), whole(r.spending), text(r.profession),
		whole(r.workExperience), whole(r.familyMember), t.store.dialect.time(t.now))
	if r.attributes != nil {
		object, err := r.object(row)
		if err != nil {
			return nil, err
		}
		r.line.WriteString(object)
		to = append(to, object)
	}
	r.digest.Write(r.line.Bytes())
	return to, nil
}
