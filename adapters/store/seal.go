package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
)

// seal chains all entries that are in no chain. An end is stored once: PostgreSQL
// keeps each version of a row until the transaction ends, and looks at them all.
func (t *tx) seal() error {
	const page = 1000
	query := fmt.Sprintf("SELECT %s FROM audit_log WHERE id > CAST(? AS bigint) AND chain_seq IS NULL ORDER BY id LIMIT %d", t.auditColumns(), page)
	ends := map[string]*chainEnd{}
	for last := int64(math.MinInt64); ; {
		var rows []auditRow
		if err := t.list(&rows, query, last); err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		if err := t.linkAll(ends, rows); err != nil {
			return err
		}
		last = rows[len(rows)-1].ID
	}
	for _, end := range ends {
		if err := t.saveEnd(end); err != nil {
			return err
		}
	}
	return nil
}

// linkAll adds stored entries to their chains, whose ends it does not store.
func (t *tx) linkAll(ends map[string]*chainEnd, rows []auditRow) error {
	key := t.store.chains.current
	var places []string
	args := []any{key.id}
	for i := range rows {
		table := rows[i].Table.Text
		if ends[table] == nil {
			end, err := t.lockChain(table)
			if err != nil {
				return err
			}
			ends[table] = &end
		}
		ends[table].add(key, &rows[i])
		places = append(places, "(CAST(? AS bigint), CAST(? AS bigint), CAST(? AS text))")
		args = append(args, rows[i].ID, ends[table].Entries, ends[table].Hash)
	}
	_, err := t.exec(`UPDATE audit_log SET chain_key = ?, chain_seq = v.column2, chain_hash = v.column3
		FROM (VALUES `+strings.Join(places, ", ")+`) AS v WHERE audit_log.id = v.column1`, args...)
	return err
}

// rekeyAction is that of an entry by which a chain goes on under another key. No
// other entry may follow one under another key.
const rekeyAction = "REKEY"

// rekeyChains takes a new key into use: it ends every chain with an entry under
// that key, so that nobody without it can write the chain anew. It refuses a log
// that was chained under a key that is not known.
func (s *Store) rekeyChains(ctx context.Context) error {
	var ends []chainEnd
	err := s.read(ctx, "read the ends of the audit log", func(t *tx) error {
		return t.list(&ends, selectEnds+" ORDER BY table_name")
	})
	if err != nil {
		return err
	}
	all := len(ends)
	stale := slices.DeleteFunc(ends, func(end chainEnd) bool { return end.Key == s.chains.current.id })
	for _, end := range stale {
		if s.chains.known[end.Key] == nil {
			return fault(ErrInvalid, "the audit log of %s is chained under another audit key (%s): give that one as the key, or as an old key", end.Table, end.Key)
		}
		if s.chains.current.id == "" {
			return fault(ErrInvalid, "the audit log of %s is chained under an audit key: without a current key it would become weaker", end.Table)
		}
	}
	if len(stale) < all { // all chains get a key together: one that lacks it was written anew
		for _, end := range stale {
			s.options.Log.Warn("entries of the audit log are not under the audit key: verify it", "table", end.Table)
		}
		return nil
	}
	return s.write(ctx, "chain the audit log under a new key", func(t *tx) error {
		for _, stale := range stale {
			end, err := t.lockEnd(stale.Table)
			if err != nil {
				return err
			}
			if err := t.extend(&end, Actor{}, change{table: end.Table, action: rekeyAction}); err != nil {
				return err
			}
		}
		return nil
	})
}
