package store

import (
	"context"
	"strings"
)

// CheckIntegrity reads the whole SQLite database and fails with an [ErrCorrupt]
// when it is damaged. A PostgreSQL server checks its own pages as it reads them;
// there it asks for an answer.
func (s *Store) CheckIntegrity(ctx context.Context) error {
	if s.dialect.name != sqliteDialect.name {
		return s.Ping(ctx)
	}
	return s.scan(ctx, "check the database file", func(t *tx) error {
		var problems []string
		if err := t.list(&problems, "PRAGMA quick_check(5)"); err != nil {
			return err
		}
		if len(problems) != 1 || problems[0] != "ok" {
			return fault(ErrCorrupt, "%s", strings.Join(problems, "; "))
		}
		return nil
	})
}
