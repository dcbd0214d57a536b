package store

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/cohortlens/cohortlens/datasource"
)

// layout is the columns of the table that the customers make, in order. As long
// as nothing else was stored it is that of [datasource.CustomerSchema], and the
// table customer_columns is empty, as for rows of the Python backend.
type layout []customerColumn

type customerColumn struct {
	Name string `db:"name"`
	// Kind is one of those below.
	Kind string `db:"kind"`
	// Attribute says that the values are attributes, and have no column of their
	// own in the table customers.
	Attribute bool `db:"attribute"`
}

const (
	idKind = "id"
	// unknownKind is that of a column without any value.
	unknownKind = "unknown"
)

// kind is what the column is for the library.
func (c customerColumn) kind() datasource.Kind {
	for _, k := range []datasource.Kind{datasource.Numeric, datasource.Categorical} {
		if c.Kind == k.String() {
			return k
		}
	}
	return datasource.Text
}

// customerLayout is that of the customer table, with an ID of some name.
func customerLayout(id string) layout {
	l := layout{{Name: id, Kind: idKind}}
	for _, f := range datasource.CustomerSchema().Fields {
		if f.Name != datasource.CustomerID && f.Name != id {
			l = append(l, customerColumn{Name: f.Name, Kind: f.Kind.String()})
		}
	}
	return l
}

// newLayout is that of a table: the columns of the customer table, and attributes
// after them. A table that lacks some of these columns, and may, has nothing but
// attributes.
func newLayout(t *datasource.Table, o ImportOptions) (layout, error) {
	l := customerLayout(cmp.Or(o.ID, datasource.CustomerID))
	for _, c := range l {
		if _, err := t.Column(c.Name); err != nil {
			if !o.AnyColumns || c.Kind == idKind {
				return nil, &kinded{ErrInvalid, err}
			}
			l = l[:1]
			break
		}
	}
	for _, c := range t.Columns() {
		if slices.ContainsFunc(l, func(known customerColumn) bool { return known.Name == c.Name() }) {
			continue
		}
		if err := checkText("the name of a column", c.Name(), 1, maxColumn); err != nil {
			return nil, err
		}
		kind := c.Kind().String()
		if c.MissingCount() == c.Len() {
			kind = unknownKind
		}
		l = append(l, customerColumn{c.Name(), kind, true})
	}
	return l, l.check()
}

func (l layout) check() error {
	if len(l) > mostColumns {
		return invalid("customers can have %d columns, and these would be %d", mostColumns, len(l))
	}
	return nil
}

// find returns the place of a column, -1 when there is none.
func (l layout) find(name string) int {
	return slices.IndexFunc(l, func(c customerColumn) bool { return c.Name == name })
}

func (l layout) attributes() []customerColumn {
	return slices.DeleteFunc(slices.Clone(l), func(c customerColumn) bool { return !c.Attribute })
}

// id is the name of the column that identifies customers.
func (l layout) id() string {
	at := slices.IndexFunc(l, func(c customerColumn) bool { return c.Kind == idKind })
	if at < 0 {
		return datasource.CustomerID
	}
	return l[at].Name
}

// with returns the columns of customers who are stored and of others who join
// them. Kinds are those of the first, unless the values need a wider one: text
// for categories of which there are too many, and, only where that is asked for,
// another one for numbers.
func (l layout) with(joining layout, t *datasource.Table, asked map[string]datasource.Kind) (layout, error) {
	if err := l.admits(joining); err != nil {
		return nil, err
	}
	all := slices.Clone(l)
	for _, c := range joining {
		at := all.find(c.Name)
		switch {
		case at < 0:
			all = append(all, c)
			continue
		case !c.Attribute || c.Kind == unknownKind:
			continue
		}
		known := &all[at]
		if _, ok := asked[c.Name]; !ok && known.kind() == datasource.Numeric && c.kind() != datasource.Numeric {
			return nil, notNumeric(t, c.Name)
		}
		if known.Kind == unknownKind || c.kind() > known.kind() {
			known.Kind = c.Kind
		}
	}
	return all, all.check()
}

// admits refuses customers of another kind of table.
func (l layout) admits(joining layout) error {
	if want, got := l.id(), joining.id(); want != got {
		return invalid("the customers who are stored are identified by the column %q, and these by %q", want, got)
	}
	own := func(c customerColumn) bool { return c.Kind != idKind && !c.Attribute }
	switch had, has := slices.ContainsFunc(l, own), slices.ContainsFunc(joining, own); {
	case had && !has:
		return invalid("the customers who are stored have the columns of the customer table, and these lack some of them; store them in another database")
	case has && !had:
		return invalid("the customers who are stored do not have the columns of the customer table, and these have; store them in another database")
	}
	return nil
}

// notNumeric names the first cell that is in the way of a numeric column: one that
// is no number, or a code such as 007 if all look like numbers.
func notNumeric(t *datasource.Table, name string) error {
	c, err := t.Column(name)
	if err != nil {
		return err
	}
	first := -1
	for row := range c.Len() {
		if c.Missing(row) {
			continue
		}
		if first < 0 {
			first = row
		}
		if _, err := strconv.ParseFloat(strings.TrimSpace(c.Cell(row)), 64); err != nil {
			first = row
			break
		}
	}
	return invalid("line %d: the column %s holds numbers for the customers who are stored, and %q here", t.Line(first), name, c.Cell(first))
}

// layout reads the columns of the customers who are stored.
func (t *tx) layout() (layout, error) {
	var l layout
	if known, err := t.hasLayout(); err != nil || !known {
		return customerLayout(datasource.CustomerID), err
	}
	err := t.list(&l, "SELECT name, kind, attribute FROM customer_columns ORDER BY position")
	if err == nil && len(l) == 0 {
		l = customerLayout(datasource.CustomerID)
	}
	return l, err
}

// hasLayout reports whether the tables are of a version that has attributes. They
// may be those of the Python backend if the store was opened so.
func (t *tx) hasLayout() (bool, error) {
	if !t.store.options.AnySchema {
		return true, nil
	}
	var n int
	err := t.get(&n, t.store.dialect.countTables, "customer_columns")
	return n > 0, err
}

// saveLayout stores the columns of the customers in the place of what was known.
func (t *tx) saveLayout(l layout) error {
	if _, err := t.exec("DELETE FROM customer_columns"); err != nil {
		return err
	}
	return t.insertMany("customer_columns (name, position, kind, attribute)", len(l), func(i int) []any {
		return []any{l[i].Name, i, l[i].Kind, l[i].Attribute}
	})
}

// join brings customers of some columns to those who are stored, and returns the
// columns of all. Where nobody is stored, the columns are those of the new ones.
// The chain of customers is locked.
func (t *tx) join(joining layout, table *datasource.Table, asked map[string]datasource.Kind) (layout, error) {
	before, err := t.layout()
	if err != nil {
		return nil, err
	}
	after, err := before.with(joining, table, asked)
	if err == nil && slices.Equal(before, after) {
		return before, nil
	}
	var n int
	if counting := t.get(&n, "SELECT COUNT(*) FROM (SELECT 1 FROM customers WHERE deleted_at IS NULL LIMIT 1) AS one"); counting != nil {
		return nil, counting
	}
	if n == 0 {
		after, err = joining, nil
	}
	if err != nil {
		return nil, err
	}
	return after, t.saveLayout(after)
}

// admit adds the columns of the attributes of one customer.
func (t *tx) admit(a Attributes) error {
	if len(a) == 0 {
		return nil
	}
	before, err := t.layout()
	if err != nil {
		return err
	}
	after := slices.Clone(before)
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if err := after.admit(name, a[name]); err != nil {
			return err
		}
	}
	if err := after.check(); err != nil || slices.Equal(before, after) {
		return err
	}
	return t.saveLayout(after)
}

// admit makes room for a value.
func (l *layout) admit(name string, value any) error {
	kind := datasource.Categorical
	if _, ok := value.(float64); ok {
		kind = datasource.Numeric
	}
	at := l.find(name)
	if at < 0 {
		*l = append(*l, customerColumn{name, kind.String(), true})
		return nil
	}
	switch known := &(*l)[at]; {
	case !known.Attribute:
		return invalid("%s is a column of its own, and no attribute", name)
	case known.Kind == unknownKind:
		known.Kind = kind.String()
	case known.kind() == datasource.Numeric && kind != datasource.Numeric:
		return invalid("the attribute %s is a number for the other customers, got %q", name, value)
	}
	return nil
}
