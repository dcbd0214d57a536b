package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
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
