package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Verification is what was found in the audit log.
type Verification struct {
	// Entries and Chains count what was looked at, Checkpoints those that were
	// compared.
	Entries     int64 `json:"entries"`
	Chains      int   `json:"chains"`
	Checkpoints int   `json:"checkpoints"`
	// Keyed says that every chain ends under an audit key. Without it someone
	// who can write to the database can compute a chain anew.
	Keyed bool `json:"keyed"`
	// Unkeyed counts entries that were chained before there was an audit key.
	// They are as they were when it came; before, they could be chained anew.
	Unkeyed int64 `json:"unkeyed"`
	// UnknownKey is an audit key that entries claim, and that is none of those
	// that are known: without it they cannot be checked. "" for none.
	UnknownKey string `json:"unknown_key,omitempty"`
	// Intact says that nothing was found. Problems counts what was, of which
	// Findings are the first 100.
	Intact   bool      `json:"intact"`
	Problems int       `json:"problems"`
	Findings []Finding `json:"findings"`
}

// Finding is one way in which the audit log is not as it was written.
type Finding struct {
	// Table names the chain; "" for what is in none.
	Table string `json:"table_name"`
	// EntryID is the id of the entry, 0 where none is left. Seq is its number in
	// the chain.
	EntryID int64  `json:"entry_id"`
	Seq     int64  `json:"seq"`
	Problem string `json:"problem"`
}

// VerifyAudit checks every entry of the audit log against its chain, the chains
// against the stored checkpoints, and against those that were kept elsewhere. It
// sees one state of the database, and holds one entry in memory.
func (s *Store) VerifyAudit(ctx context.Context, kept ...Checkpoint) (*Verification, error) {
	v := &verifier{keys: s.chains, chains: map[string]*chainWalk{}, result: &Verification{Findings: []Finding{}}}
	err := s.scan(ctx, "verify the audit log", func(t *tx) error {
		if err := v.expectCheckpoints(t, kept); err != nil {
			return err
		}
		if err := v.walk(t); err != nil {
			return err
		}
		return v.checkEnds(t)
	})
	if err != nil {
		return nil, err
	}
	v.result.Chains = len(v.chains)
	v.result.Intact = v.result.Problems == 0
	return v.result, nil
}

type verifier struct {
	keys   *keyring
	chains map[string]*chainWalk
	// checkpoints are the ids of those that are stored.
	checkpoints map[string]bool
	result      *Verification
}

// chainWalk is how far a chain was followed.
type chainWalk struct {
	seq  int64
	hash string
	key  string
	// broken says that the hash of the entry before is not known.
	broken bool
	// expected holds the hashes that checkpoints give, by number.
	expected map[int64]string
}

func (v *verifier) chain(table string) *chainWalk {
	c := v.chains[table]
	if c == nil {
		c = &chainWalk{expected: map[int64]string{}}
		v.chains[table] = c
	}
	return c
}

func (v *verifier) find(table string, id, seq int64, format string, args ...any) {
	const most = 100
	v.result.Problems++
	if len(v.result.Findings) < most {
		v.result.Findings = append(v.result.Findings, Finding{table, id, seq, fmt.Sprintf(format, args...)})
	}
}

// expectCheckpoints notes what checkpoints say of the chains.
func (v *verifier) expectCheckpoints(t *tx, kept []Checkpoint) error {
	const table = checkpointsTable
	var stored []struct {
		ID   int64     `db:"id"`
		Body exactText `db:"body"`
	}
	if err := t.list(&stored, "SELECT id, body FROM audit_checkpoints ORDER BY id"); err != nil {
		return err
	}
	v.checkpoints = map[string]bool{}
	for _, row := range stored {
		v.checkpoints[strconv.FormatInt(row.ID, 10)] = true
		var c Checkpoint
		if err := json.Unmarshal([]byte(row.Body.Text), &c); err != nil {
			v.find(table, row.ID, 0, "the stored checkpoint %d was changed: it cannot be read", row.ID)
			continue
		}
		v.expect(&c, fmt.Sprintf("the stored checkpoint %d", row.ID))
	}
	for i := range kept {
		v.expect(&kept[i], "the checkpoint of "+kept[i].CreatedAt.Format(timeLayout))
	}
	return nil
}

func (v *verifier) expect(c *Checkpoint, name string) {
	if problem := v.keys.check(c); problem != "" {
		v.find(checkpointsTable, 0, 0, "%s does not count: %s", name, problem)
		return
	}
	v.result.Checkpoints++
	for _, end := range c.Chains {
		chain := v.chain(end.Table)
		if before, ok := chain.expected[end.Entries]; ok && before != end.Hash {
			v.find(end.Table, 0, end.Entries, "two checkpoints disagree on entry %d", end.Entries)
		}
		chain.expected[end.Entries] = end.Hash
	}
}

// walk follows all chains at once, in the order in which entries were written. It
// asks for all entries in one answer: someone who can give entries the same number,
// or none, could hide them between pages.
func (v *verifier) walk(t *tx) error {
	rows, err := t.inner.QueryxContext(t.ctx, "SELECT "+t.auditColumns()+" FROM audit_log ORDER BY id")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // the error of reading is the one that counts
	for rows.Next() {
		var r auditRow
		if err := rows.StructScan(&r); err != nil {
			return err
		}
		v.entry(&r)
		v.result.Entries++
	}
	return rows.Err()
}

// entry checks one entry and makes it the last of its chain.
func (v *verifier) entry(r *auditRow) {
	table := r.Table.Text
	seq, err := strconv.ParseInt(r.Seq.Text, 10, 64)
	key := v.keys.known[r.Key.Text]
	if err != nil || !r.Hash.Valid || !r.Key.Valid {
		v.find(table, r.ID, 0, "entry %d is in no chain: it was inserted from outside, or taken out of its chain", r.ID)
		return
	}
	chain := v.chain(table)
	missing := seq - chain.seq - 1
	switch {
	case missing < 0:
		v.find(table, r.ID, seq, "entry %d stands in the wrong place: number %d follows number %d", r.ID, seq, chain.seq)
		return
	case missing > 0:
		v.find(table, r.ID, seq, "%d of the entries before entry %d (number %d) were removed", missing, r.ID, seq)
		chain.broken = true
	}
	switch {
	case key == nil:
		v.result.UnknownKey = r.Key.Text
		v.find(table, r.ID, seq, "entry %d was changed, or its audit key (%q) is not known", r.ID, r.Key.Text)
	case key.id == "" && chain.key != "":
		v.find(table, r.ID, seq, "entry %d is not under the audit key, as the entries before it are", r.ID)
	case key.id != chain.key && chain.seq > 0 && !chain.broken && r.Action.Text != rekeyAction:
		v.find(table, r.ID, seq, "the entries before entry %d are not under its audit key: they were written anew", r.ID)
	case !chain.broken && key.hash(chain.hash, seq, r) != r.Hash.Text:
		v.find(table, r.ID, seq, "entry %d was changed", r.ID)
	}
	if want, ok := chain.expected[seq]; ok && want != r.Hash.Text {
		v.find(table, r.ID, seq, "entry %d is not the one that a checkpoint has", r.ID)
	}
	if table == checkpointsTable && r.Action.Text == "INSERT" && !v.checkpoints[r.Record.Text] {
		v.find(table, r.ID, seq, "the stored checkpoint %s was removed", r.Record.Text)
	}
	chain.seq, chain.hash, chain.broken = seq, r.Hash.Text, false
	if key == v.keys.known[""] {
		v.result.Unkeyed++
	} else if key != nil {
		chain.key = key.id
	}
}

// checkEnds compares where the chains end with where they should.
func (v *verifier) checkEnds(t *tx) error {
	var ends []struct { // SQLite holds anything in any column
		Table   exactText `db:"table_name"`
		Entries exactText `db:"entries"`
		Hash    exactText `db:"last_hash"`
	}
	if err := t.list(&ends, "SELECT table_name, entries, last_hash FROM audit_chains ORDER BY table_name"); err != nil {
		return err
	}
	listed := map[string]bool{}
	for _, end := range ends {
		table := end.Table.Text
		listed[table] = true
		chain := v.chain(table)
		switch {
		case strconv.FormatInt(chain.seq, 10) != end.Entries.Text:
			v.find(table, 0, chain.seq, "the chain should end with entry number %s, and it ends with number %d", end.Entries.Text, chain.seq)
		case chain.hash != end.Hash.Text:
			v.find(table, 0, chain.seq, "the last entry, number %d, is not the one on record", chain.seq)
		}
	}
	v.result.Keyed = len(v.chains) > 0
	for _, table := range slices.Sorted(maps.Keys(v.chains)) {
		chain := v.chains[table]
		if !listed[table] {
			v.find(table, 0, chain.seq, "the end of the chain is not on record")
		}
		if chain.seq > 0 && chain.key == "" {
			v.result.Keyed = false
		}
		if current := v.keys.current.id; chain.seq > 0 && current != "" && chain.key != current {
			v.find(table, 0, chain.seq, "the chain does not end under the audit key; a new key counts from the next migration on")
		}
		for _, seq := range slices.Sorted(maps.Keys(chain.expected)) {
			if seq > chain.seq {
				v.find(table, 0, seq, "the end of the chain was cut off: a checkpoint has entry number %d, and the last one is number %d", seq, chain.seq)
			}
		}
	}
	return nil
}
