package service

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/cohortlens/cohortlens/adapters/store"
)

// MigrateDocument says which steps brought the tables to this version.
type MigrateDocument struct {
	Database string `json:"database"`
	// Taken are the steps that were missing, none when the tables were those of
	// this version.
	Taken []store.Migration `json:"taken"`
	// Steps are all that there are.
	Steps []store.Migration `json:"steps"`
}

// Migrate brings the tables of the configured database to this version. An SQLite
// file that is not there is made, with its folder.
func (s *Service) Migrate(ctx context.Context) (*MigrateDocument, error) {
	if err := s.makeDatabaseFolder(); err != nil {
		return nil, err
	}
	d := &MigrateDocument{}
	o := anyTables
	o.Create = true
	var err error
	d.Database, err = s.withStore(ctx, o, func(db *store.Store) error {
		taken, err := db.Migrate(ctx)
		if err != nil {
			return err
		}
		d.Taken = orEmpty(taken)
		d.Steps, err = db.Migrations(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

func (s *Service) makeDatabaseFolder() error {
	if file, lite := databaseFile(s.config.DatabaseURL()); lite {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return unwritable(s.show(file), err)
		}
	}
	return nil
}

// DatabaseStatus says how a database is.
type DatabaseStatus struct {
	Database string `json:"database"`
	// UpToDate says that no step is missing.
	UpToDate bool              `json:"up_to_date"`
	Steps    []store.Migration `json:"steps"`
	// Customers counts those who were not deleted; null without a table of them.
	Customers *int64 `json:"customers"`
}

// DatabaseStatus looks at the configured database, whatever its tables are.
func (s *Service) DatabaseStatus(ctx context.Context) (*DatabaseStatus, error) {
	d := &DatabaseStatus{UpToDate: true}
	var err error
	d.Database, err = s.withStore(ctx, anyTables, func(db *store.Store) (err error) {
		n, err := db.CountCustomers(ctx)
		if err == nil {
			d.Customers = &n
		} else if !errors.Is(err, store.ErrSchema) {
			return err
		}
		d.Steps, err = db.Migrations(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, step := range d.Steps {
		d.UpToDate = d.UpToDate && step.Applied
	}
	return d, nil
}
