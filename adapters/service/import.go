package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cohortlens/cohortlens/adapters/store"
	"github.com/cohortlens/cohortlens/datasource"
)

// ImportRequest asks for customers to be stored in the database.
type ImportRequest struct {
	// Data is a CSV file, "-" for standard input, or the URL of another
	// database. It has the columns of [datasource.CustomerSchema]; others are
	// not stored.
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
	schema := datasource.CustomerSchema()
	in, err := s.openNamed(r.Data, s.csvOf(schema.Kinds()))
	if err != nil {
		return nil, err
	}
	s.progress("load", 0, 1)
	t, err := datasource.Load(ctx, in.source)
	if err != nil {
		return nil, in.fault(err)
	}
	d := &ImportDocument{Source: in.name, Notes: unstored(t, schema)}
	if t, d.Quality, err = datasource.Screen(t, schema, s.config.Data.Invalid); err != nil {
		return nil, in.fault(err)
	}
	s.progress("load", 1, 1)
	s.progress("import", 0, t.Rows())
	d.Database, err = s.withStore(ctx, store.Options{}, func(db *store.Store) error {
		done, err := db.ImportCustomers(ctx, s.actor(r.Tenant), t, func(done, total int) { s.progress("import", done, total) })
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

// unstored names the columns that the table of customers does not have.
func unstored(t *datasource.Table, stored datasource.Schema) []string {
	kinds := stored.Kinds()
	names := slices.DeleteFunc(t.Names(), func(name string) bool { _, ok := kinds[name]; return ok })
	if len(names) == 0 {
		return []string{}
	}
	return []string{"The table of customers does not have these columns, and they are not stored: " + strings.Join(names, ", ") + "."}
}
