package store

import (
	"strings"
	"testing"
)

// TestPagesAreNotSorted looks at how PostgreSQL finds a page of customers of whom
// it has no statistics: by the index, and not by sorting all of them anew.
func TestPagesAreNotSorted(t *testing.T) {
	s := open(t, databases["postgres"](t), Options{})
	tamper(t, s, "ALTER TABLE customers SET (autovacuum_enabled = off)")
	tamper(t, s, "INSERT INTO customers (customer_id) SELECT CAST(n AS text) FROM generate_series(1, 100000) n")
	explained := func(begin func(*tx) (string, error)) string {
		var plan []string
		err := s.scan(t.Context(), "explain", func(t *tx) error {
			query, err := begin(t)
			if err != nil {
				return err
			}
			return t.list(&plan, "EXPLAIN "+query+" AND id > CAST(? AS bigint) ORDER BY id LIMIT ?", 50_000, sourcePage)
		})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(plan, "\n")
	}
	plain := explained(func(t *tx) (string, error) { return t.customerSelect(true) })
	paged := explained(func(t *tx) (string, error) { _, query, err := t.beginPages(); return query, err })
	if !strings.Contains(plain, "Sort") {
		t.Logf("the server would not sort anyway:\n%s", plain)
	}
	if strings.Contains(paged, "Sort") || !strings.Contains(paged, "Index Scan") {
		t.Errorf("a page is found by\n%s", paged)
	}
}
