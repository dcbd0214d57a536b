package store

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
)

// writeAnew changes an entry of a chain and writes the whole chain anew under a
// key: what someone can do who can write to the database, knows this program, and
// has that key.
func writeAnew(t *testing.T, s *Store, table string, key *chainKey, change string) {
	t.Helper()
	tamper(t, s, change)
	err := s.write(t.Context(), "forge", func(t *tx) error {
		var rows []auditRow
		if err := t.list(&rows, "SELECT "+t.auditColumns()+" FROM audit_log WHERE table_name = ? ORDER BY id", table); err != nil {
			return err
		}
		end := chainEnd{Table: table}
		for i := range rows {
			end.add(key, &rows[i])
			if _, err := t.exec("UPDATE audit_log SET chain_key = ?, chain_hash = ? WHERE id = ?", end.Key, end.Hash, rows[i].ID); err != nil {
				return err
			}
		}
		return t.saveEnd(&end)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestChainWrittenAnewIsFound: neither the next entry nor the next start of the
// program may vouch for a chain that someone without the key wrote.
func TestChainWrittenAnewIsFound(t *testing.T) {
	old := slices.Concat(testKey, testKey)
	o := Options{AuditKey: testKey, OldAuditKeys: [][]byte{old}}
	oldKey, err := deriveKey(old)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := newKeyring(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]*chainKey{"no key": keys.current, "old key": oldKey} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, url string) {
				s := open(t, url, o)
				fillAudit(t, s, 9)
				writeAnew(t, s, "users", key, "UPDATE audit_log SET user_id = 'eve' WHERE id = 5")
				const end, middle = "the chain does not end under the audit key", "the entries before entry 11 are not under its audit key"
				wantFinding(t, s, end)
				var warnings strings.Builder
				warned := o
				warned.Log = slog.New(slog.NewTextHandler(&warnings, nil))
				s = open(t, url, warned)
				if !strings.Contains(warnings.String(), "verify it") || strings.Count(warnings.String(), "table=users") != 1 {
					t.Errorf("the start said %q", &warnings)
				}
				wantFinding(t, s, end)
				fillAudit(t, s, 3)
				wantFinding(t, s, middle)
				wantFinding(t, open(t, url, o), middle)
			})
		})
	}
}

// wantFinding verifies that one problem is found, in the chain of users.
func wantFinding(t *testing.T, s *Store, problem string) {
	t.Helper()
	if v := verify(t, s); v.Problems != 1 || v.Findings[0].Table != "users" || !strings.Contains(v.Findings[0].Problem, problem) {
		t.Errorf("want %q, got %+v", problem, v)
	}
}

// TestReplicasOfAnotherKeyDoNotWrite: a key comes into use while replicas run that
// do not have it, or that did not take it into use.
func TestReplicasOfAnotherKeyDoNotWrite(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		stale := open(t, url, Options{})
		fillAudit(t, stale, 2)
		fixed, err := Open(context.Background(), url, Options{AuditKey: testKey, SkipMigrations: true})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = fixed.Close() }()
		wantKind(t, "a key that is not in use, in a new chain", write1(t.Context(), fixed), ErrUnavailable)
		if v := verify(t, open(t, url, Options{AuditKey: testKey})); !v.Intact || !v.Keyed || v.Unkeyed != 2 {
			t.Errorf("got %+v", v)
		}
		wantKind(t, "no key, in a new chain", write1(t.Context(), stale), ErrUnavailable)
		_, err = stale.AddUser(t.Context(), Actor{}, NewUser{Username: "ann", Password: "long enough"})
		wantKind(t, "no key, in a chain that exists", err, ErrUnavailable)
		if err := write1(t.Context(), fixed); err != nil {
			t.Errorf("when the key is in use: %v", err)
		}
		if v := verify(t, fixed); !v.Intact {
			t.Errorf("got %+v", v)
		}
	})
}

// TestBytesForTextsAreFound makes bytes of a text, which SQLite takes, and which no
// filter finds.
func TestBytesForTextsAreFound(t *testing.T) {
	for _, column := range []string{"table_name", "record_id", "action", "old_values", "new_values", "user_id", "created_at", "chain_seq", "chain_key", "chain_hash"} {
		s := open(t, "sqlite::memory:", Options{AuditKey: testKey})
		fillAudit(t, s, 9)
		tamper(t, s, "UPDATE audit_log SET "+column+" = CAST("+column+" AS blob) WHERE id = 8")
		if v := verify(t, s); v.Intact {
			t.Errorf("%s: nothing was found", column)
		}
	}
}
