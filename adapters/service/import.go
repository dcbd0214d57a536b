package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cohortlens/cohortlens/adapters/store"
	"github.com/cohortlens/cohortlens/datasource"
)

// ImportRequest asks for customers to be stored in the database.
type ImportRequest struct {
	// Data is a CSV file, "-" for standard input, or the URL of another
	// database. Columns beyond those of [datasource.CustomerSchema] are stored as
	// attributes, and a table of other columns has nothing else beside its ID.
	Data string
	// Tenant is whose plan limits the number of customers; nothing does when
	// empty.
	Tenant string
}

// ImportDocument is the account of an import. Of the rows that Quality kept, all
// were imported.
type ImportDocument struct {
	Database string             `json:"database"`
	Source   string             `json:"source"`
	Import   store.Import       `json:"import"`
	Quality  datasource.Quality `json:"quality"`
	Notes    []string           `json:"notes"`
}

// Import stores customers, in the place of those with the same ID: all of the
// rows that the policy for rows that break a rule leaves, or none.
func (s *Service) Import(ctx context.Context, r ImportRequest) (*ImportDocument, error) {
	kinds := s.namedKinds()
	in, err := s.openNamed(r.Data, s.csvOf(kinds))
	if err != nil {
		return nil, err
	}
	s.progress("load", 0, 1)
	t, err := datasource.Load(ctx, in.source)
	if err != nil {
		return nil, in.fault(err)
	}
	p, err := s.planImport(t)
	if err != nil {
		return nil, p.fault(in.fault(err))
	}
	d := &ImportDocument{Source: in.name, Notes: p.notes}
	if t, d.Quality, err = datasource.Screen(ctx, t, p.schema, s.config.Data.Invalid); err != nil {
		return nil, p.fault(in.fault(err))
	}
	s.progress("load", 1, 1)
	s.progress("import", 0, t.Rows())
	d.Database, err = s.withStore(ctx, store.Options{}, func(db *store.Store) error {
		done, err := db.ImportCustomers(ctx, s.actor(r.Tenant), t, store.ImportOptions{
			ID: p.schema.ID, AnyColumns: p.other, Kinds: kinds, Progress: func(done, total int) { s.progress("import", done, total) },
		})
		switch {
		case errors.Is(err, store.ErrInvalid):
			return &InputError{Err: fmt.Errorf("%s: %w", in.name, err)} // it tells the line
		case err == nil:
			d.Import = *done
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	s.progress("import", t.Rows(), t.Rows())
	if n := d.Import.Rounded; n > 0 {
		d.Notes = append(d.Notes, fmt.Sprintf("Incomes are stored in cents: %d had more decimals, and were rounded.", n))
	}
	return d, nil
}

func (s *Service) progress(stage string, done, total int) {
	if s.options.Progress != nil {
		s.options.Progress(stage, done, total)
	}
}

// importPlan says how the table of an import is to be understood.
type importPlan struct {
	schema datasource.Schema
	// other says that it is not the customer table.
	other bool
	notes []string
}

// planImport tells the customer table, with an ID of some name, from another kind
// of table. One that has half of its columns is meant as it, unless columns to use
// are named.
func (s *Service) planImport(t *datasource.Table) (importPlan, error) {
	features := s.config.Features
	p := importPlan{schema: customersBy(features.IDColumn), notes: []string{}}
	var lacking []string
	for _, f := range p.schema.Fields {
		if !t.Has(f.Name) {
			lacking = append(lacking, f.Name)
		}
	}
	named := len(features.Numerical)+len(features.Categorical) > 0
	if len(lacking) == 0 || !named && p.schema.Fits(t.Names()) {
		return p, nil
	}
	id := cmp.Or(features.IDColumn, datasource.InferSchema(t).ID)
	if id == "" {
		return p, errNoID
	}
	p.other = true
	p.schema = datasource.Schema{ID: id, Fields: []datasource.Field{datasource.IDField(id)}}
	p.notes = append(p.notes, fmt.Sprintf("The table lacks columns of the customer table, such as %s: it is stored with its own columns, and customers are identified by %s.", lacking[len(lacking)-1], id))
	return p, nil
}

var errNoID = errors.New("no column identifies the customers, by its name and by having a value of its own in each row")

// fault says what to do about a table whose columns are not as expected.
func (p importPlan) fault(err error) error {
	var input *InputError
	var column *datasource.ColumnError
	switch {
	case !errors.As(err, &input) || input.Hint != "":
	case errors.Is(err, errNoID):
		input.Hint = "Name the column with --id-column (features.id_column in the configuration)."
	case errors.As(err, &column):
		input.Hint = "To store a table of other columns, name those to analyse with --numerical and --categorical."
	}
	return err
}

// customersBy is the schema of the customer table, with an ID of another name if
// one is given.
func customersBy(id string) datasource.Schema {
	schema := datasource.CustomerSchema()
	if id == "" {
		return schema
	}
	fields := slices.DeleteFunc(schema.Fields, func(f datasource.Field) bool { return f.Name == id || f.Name == schema.ID })
	return datasource.Schema{ID: id, Fields: append([]datasource.Field{datasource.IDField(id)}, fields...)}
}

// namedKinds are the kinds of the columns that the configuration names for the
// whole table.
func (s *Service) namedKinds() map[string]datasource.Kind {
	kinds := map[string]datasource.Kind{}
	for _, name := range s.config.Features.Numerical {
		kinds[name] = datasource.Numeric
	}
	for _, name := range s.config.Features.Categorical {
		kinds[name] = datasource.Categorical
	}
	if id := s.config.Features.IDColumn; id != "" {
		kinds[id] = datasource.Text
	}
	return kinds
}
