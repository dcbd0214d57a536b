package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// Usage is what a tenant has used of a month.
type Usage struct {
	Tenant string `json:"tenant_id"`
	// Month is YYYY-MM in UTC, by the clock of the database.
	Month string `json:"month"`
	Calls int64  `json:"current_month_calls"`
	// Plan is that of the tenant's subscription, "" without one. Limit is the
	// most calls of a month, or [Unlimited].
	Plan  string `json:"plan,omitempty"`
	Limit int64  `json:"limit"`
}

// Usage reads what a tenant has used of the current month.
func (s *Store) Usage(ctx context.Context, tenant string) (*Usage, error) {
	const op = "read the usage"
	if err := checkText("the tenant", tenant, 1, maxName); err != nil {
		return nil, failed(ctx, op, err)
	}
	u := &Usage{Tenant: tenant}
	err := s.read(ctx, op, func(t *tx) error {
		plan, err := t.currentPlan(tenant)
		if err != nil {
			return err
		}
		u.Plan, u.Limit = plan.Name, plan.MaxCalls
		if err := t.get(&u.Month, "SELECT "+t.store.dialect.month); err != nil {
			return err
		}
		err = t.get(&u.Calls, "SELECT COALESCE(call_count, 0) FROM api_usage WHERE tenant_id = ? AND month_key = ?", tenant, u.Month)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

// ForgetKeys removes idempotency keys that were used before a time, and returns
// their number. A call with such a key would count again.
func (s *Store) ForgetKeys(ctx context.Context, before time.Time) (int64, error) {
	var n int64
	err := s.write(ctx, "forget idempotency keys", func(t *tx) (err error) {
		n, err = t.exec("DELETE FROM usage_keys WHERE created_at < ?", before)
		return err
	})
	return n, err
}

// count grants calls of one tenant, in their order, as far as the plan allows,
// and counts those that it grants. A call whose key was granted before is
// granted and not counted.
func (t *tx) count(tenant string, plan Plan, calls []*call) error {
	limit := plan.MaxCalls
	if limit < 0 {
		limit = anyNumber
	}
	if slices.ContainsFunc(calls, func(c *call) bool { return c.key != "" }) {
		return t.countKeyed(tenant, limit, calls)
	}
	after, granted, err := t.add(tenant, int64(len(calls)), limit)
	if err != nil {
		return err
	}
	for i, c := range calls {
		c.settle(int64(i) < granted, min(after-granted+int64(i)+1, after), limit)
	}
	return nil
}

// anyNumber is a limit that no counter reaches.
const anyNumber = 1 << 62

// add counts up to n calls in one guarded statement, and returns the new count
// and how many calls it granted.
func (t *tx) add(tenant string, n, limit int64) (after, granted int64, err error) {
	var row struct {
		Count int64 `db:"call_count"`
		Grant int64 `db:"last_grant"`
	}
	err = t.get(&row, `INSERT INTO api_usage (tenant_id, month_key, call_count, last_grant, last_called_at)
		VALUES (?, `+t.store.dialect.month+`, ?, ?, ?)
		ON CONFLICT (tenant_id, month_key) DO UPDATE SET
			call_count = COALESCE(api_usage.call_count, 0) + CASE
				WHEN COALESCE(api_usage.call_count, 0) + ? <= ? THEN ?
				WHEN COALESCE(api_usage.call_count, 0) < ? THEN ? - COALESCE(api_usage.call_count, 0)
				ELSE 0 END,
			last_grant = CASE
				WHEN COALESCE(api_usage.call_count, 0) + ? <= ? THEN ?
				WHEN COALESCE(api_usage.call_count, 0) < ? THEN ? - COALESCE(api_usage.call_count, 0)
				ELSE 0 END,
			last_called_at = excluded.last_called_at
		RETURNING call_count, last_grant`,
		tenant, min(n, limit), min(n, limit), t.now, n, limit, n, limit, limit, n, limit, n, limit, limit)
	return row.Count, row.Grant, err
}

// countKeyed takes the keys before it counts. A process that takes the same key
// waits for this transaction, and finds it taken, also when the two of them count
// in different months.
func (t *tx) countKeyed(tenant string, limit int64, calls []*call) error {
	fresh, err := t.takeKeys(tenant, calls)
	if err != nil {
		return err
	}
	wanted := int64(len(fresh))
	for _, c := range calls {
		if c.key == "" {
			wanted++
		}
	}
	after, granted, err := t.add(tenant, wanted, limit)
	if err != nil {
		return err
	}
	return t.giveBackKeys(tenant, settleKeyed(calls, fresh, after-granted, after, limit))
}

// settleKeyed settles calls by the count before and after them, and returns the
// fresh keys of those that are not granted.
func settleKeyed(calls []*call, fresh map[string]bool, count, after, limit int64) (refused []string) {
	for _, c := range calls {
		switch {
		case c.key != "" && !fresh[c.key]: // granted before, or just now
			c.settle(true, count, limit)
			continue
		case count < after:
			count++
			c.settle(true, count, limit)
			delete(fresh, c.key)
		default:
			c.settle(false, count, limit)
		}
	}
	return slices.Sorted(maps.Keys(fresh))
}

// takeKeys stores the keys of calls, and returns those that were not stored
// before. All transactions take keys in the order of the alphabet: none waits for
// one that waits for it.
func (t *tx) takeKeys(tenant string, calls []*call) (map[string]bool, error) {
	keys := map[string]bool{}
	for _, c := range calls {
		if c.key != "" {
			keys[c.key] = true
		}
	}
	args := make([]any, 0, 3*len(keys))
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		args = append(args, tenant, key, t.now)
	}
	var taken []string
	err := t.list(&taken, "INSERT INTO usage_keys (tenant_id, idempotency_key, created_at) VALUES "+
		strings.Repeat("(?, ?, ?), ", len(keys)-1)+"(?, ?, ?) ON CONFLICT DO NOTHING RETURNING idempotency_key", args...)
	fresh := make(map[string]bool, len(taken))
	for _, key := range taken {
		fresh[key] = true
	}
	return fresh, err
}

// giveBackKeys forgets keys that were taken for calls that are not granted.
func (t *tx) giveBackKeys(tenant string, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	args := []any{tenant}
	for _, key := range keys {
		args = append(args, key)
	}
	_, err := t.exec("DELETE FROM usage_keys WHERE tenant_id = ? AND idempotency_key IN (?"+strings.Repeat(", ?", len(keys)-1)+")", args...)
	return err
}
