package store

import (
	"context"
	"errors"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
)

// TestChecksEndWithTheContext looks at rows on behalf of someone who has left.
func TestChecksEndWithTheContext(t *testing.T) {
	table, err := customerLayout(datasource.CustomerID).table(make([]Customer, 2))
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLayout(table, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := newImportRows(table, l)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := rows.check(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := rows.check(t.Context()); !errors.Is(err, ErrInvalid) {
		t.Errorf("two customers without an ID: got %v", err)
	}
}
