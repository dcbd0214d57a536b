package store

import (
	"context"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"math"
	"slices"
	"strings"
)

// Each table has a chain of audit entries. An entry is numbered within its chain
// and carries a hash over its content and the hash of the entry before, keyed by
// the audit key. So nobody without the key can change, remove, swap or insert an
// entry unseen, but for the last ones of a chain: those are held by checkpoints.

// Actor is who does something, for the audit log, and for whose plan its limits
// count.
type Actor struct {
	// User is stored with the audit entry; nobody when empty.
	User string
	// Tenant is whose plan limits what is done; nothing does when empty.
	Tenant string
}

// chainKey hashes entries and signs checkpoints.
type chainKey struct {
	// id tells keys apart; that of the chain without a key is empty.
	id     string
	mac    []byte
	signer ed25519.PrivateKey
}

type keyring struct {
	current *chainKey
	known   map[string]*chainKey
}

func newKeyring(current []byte, old [][]byte) (*keyring, error) {
	none := &chainKey{mac: []byte("cohortlens audit chain without a key")}
	k := &keyring{current: none, known: map[string]*chainKey{none.id: none}}
	for _, secret := range append(old, current) {
		if len(secret) == 0 {
			continue
		}
		key, err := deriveKey(secret)
		if err != nil {
			return nil, err
		}
		k.current, k.known[key.id] = key, key
	}
	if len(current) == 0 {
		k.current = none
	}
	return k, nil
}

func deriveKey(secret []byte) (*chainKey, error) {
	const idSize = 8
	id, err1 := hkdf.Key(sha256.New, secret, nil, "cohortlens audit key id", idSize)
	mac, err2 := hkdf.Key(sha256.New, secret, nil, "cohortlens audit chain", sha256.Size)
	seed, err3 := hkdf.Key(sha256.New, secret, nil, "cohortlens audit checkpoint", ed25519.SeedSize)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	return &chainKey{hex.EncodeToString(id), mac, ed25519.NewKeyFromSeed(seed)}, nil
}

// auditRow is an entry as it is stored.
type auditRow struct {
	ID        int64     `db:"id"`
	Table     exactText `db:"table_name"`
	Record    exactText `db:"record_id"`
	Action    exactText `db:"action"`
	Old       exactText `db:"old_values"`
	New       exactText `db:"new_values"`
	User      exactText `db:"user_id"`
	CreatedAt exactText `db:"created_at"`
	Seq       exactText `db:"chain_seq"`
	Key       exactText `db:"chain_key"`
	Hash      exactText `db:"chain_hash"`
}

// auditColumns are those that an entry's hash is over, and the chain's.
func (t *tx) auditColumns() string {
	columns := []string{
		"table_name", "record_id", "action", "old_values", "new_values", "user_id", "created_at", "chain_seq", "chain_key", "chain_hash",
	}
	for i := range columns {
		columns[i] = t.store.dialect.exact(columns[i])
	}
	return "id, " + strings.Join(columns, ", ")
}

// hash is over the whole entry and the hash of the one before. Each value is
// written with its length, so that no two entries are the same bytes.
func (k *chainKey) hash(previous string, seq int64, e *auditRow) string {
	h := hmac.New(sha256.New, k.mac)
	writeText(h, exactText{previous, true})
	writeText(h, exactText{k.id, true})
	var number [16]byte
	binary.BigEndian.PutUint64(number[:8], uint64(seq))
	binary.BigEndian.PutUint64(number[8:], uint64(e.ID))
	h.Write(number[:])
	for _, text := range []exactText{e.Table, e.Record, e.Action, e.Old, e.New, e.User, e.CreatedAt} {
		writeText(h, text)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func writeText(h hash.Hash, x exactText) {
	var size [9]byte
	if x.Valid {
		size[0] = 1
	}
	binary.BigEndian.PutUint64(size[1:], uint64(len(x.Text)))
	h.Write(size[:])
	h.Write([]byte(x.Text))
}

// chainEnd is the last entry of a chain.
type chainEnd struct {
	Table   string `db:"table_name"`
	Entries int64  `db:"entries"`
	Hash    string `db:"last_hash"`
	Key     string `db:"last_key"`
}

// lockChain waits until no other transaction changes the table and its chain, and
// returns the end of the chain. It is the first lock that a change takes, so
// that two changes cannot wait for each other.
func (t *tx) lockChain(table string) (chainEnd, error) {
	end, err := t.lockEnd(table)
	if err == nil {
		return end, t.mayFollow(end)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return end, err
	}
	var others []chainEnd
	if err := t.list(&others, selectEnds+" WHERE last_key <> ?", t.store.chains.current.id); err != nil {
		return end, err
	}
	for _, other := range others {
		if err := t.mayFollow(other); err != nil {
			return end, err
		}
	}
	_, err = t.exec(`INSERT INTO audit_chains (table_name, entries, last_hash, last_key) VALUES (?, 0, '', ?)
		ON CONFLICT (table_name) DO NOTHING`, table, t.store.chains.current.id)
	if err != nil {
		return end, err
	}
	return t.lockEnd(table)
}

const selectEnds = "SELECT table_name, entries, last_hash, last_key FROM audit_chains"

func (t *tx) lockEnd(table string) (end chainEnd, err error) {
	return end, t.get(&end, selectEnds+" WHERE table_name = ?"+t.store.dialect.forUpdate, table)
}

// mayFollow refuses to write after entries under another key, unless this program
// has taken that one's successor into use: then someone wrote them anew, and the
// next entry shows it.
func (t *tx) mayFollow(end chainEnd) error {
	s := t.store
	if end.Key == s.chains.current.id {
		return nil
	}
	if s.options.SkipMigrations || s.chains.current.id == "" || s.chains.known[end.Key] == nil {
		return fault(ErrUnavailable, "the audit log of %s is chained under another audit key (%q) than this program's", end.Table, end.Key)
	}
	return nil
}

// change is a state change for the audit log. Old and New become JSON.
type change struct {
	table, record, action string
	old, new              any
}

// audit appends an entry to the chain of a table, in the transaction of the
// change itself.
func (t *tx) audit(who Actor, c change) error {
	end, err := t.lockChain(c.table)
	if err != nil {
		return err
	}
	return t.extend(&end, who, c)
}

// extend appends an entry to a chain that is locked.
func (t *tx) extend(end *chainEnd, who Actor, c change) error {
	before, err := jsonOrNull(c.old)
	if err != nil {
		return err
	}
	after, err := jsonOrNull(c.new)
	if err != nil {
		return err
	}
	// What is hashed is what the database made of the values.
	var row auditRow
	err = t.get(&row, `INSERT INTO audit_log (table_name, record_id, action, old_values, new_values, user_id, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING `+t.auditColumns(),
		c.table, orNull(c.record), c.action, before, after, orNull(who.User), t.now)
	if err != nil {
		return err
	}
	return t.link(end, &row)
}

// add makes a stored entry the last one of the chain.
func (end *chainEnd) add(key *chainKey, row *auditRow) {
	end.Entries++
	end.Hash, end.Key = key.hash(end.Hash, end.Entries, row), key.id
}

// link adds a stored entry to its chain.
func (t *tx) link(end *chainEnd, row *auditRow) error {
	end.add(t.store.chains.current, row)
	_, err := t.exec("UPDATE audit_log SET chain_seq = ?, chain_key = ?, chain_hash = ? WHERE id = ?",
		end.Entries, end.Key, end.Hash, row.ID)
	if err != nil {
		return err
	}
	return t.saveEnd(end)
}

func (t *tx) saveEnd(end *chainEnd) error {
	_, err := t.exec("UPDATE audit_chains SET entries = ?, last_hash = ?, last_key = ? WHERE table_name = ?",
		end.Entries, end.Hash, end.Key, end.Table)
	return err
}

func jsonOrNull(value any) (any, error) {
	if value == nil {
		return nil, nil
	}
	text, err := json.Marshal(value)
	return string(text), err
}

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
	if len(stale) < all {
		return nil // all chains get a key together: one that lacks it was written anew
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
