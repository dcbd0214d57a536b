package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// fillAudit writes n entries, of three tables in turn.
func fillAudit(t testing.TB, s *Store, n int) {
	t.Helper()
	tables, users := []string{"customers", "users", "user_consents"}, []string{"", "ann"}
	for i := range n {
		err := s.write(t.Context(), "test", func(t *tx) error {
			return t.audit(Actor{User: users[i%len(users)]}, change{
				table: tables[i%len(tables)], record: fmt.Sprint(i), action: "UPDATE", old: map[string]int{"age": i}, new: map[string]int{"age": i + 1},
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func verify(t testing.TB, s *Store, kept ...Checkpoint) *Verification {
	t.Helper()
	v, err := s.VerifyAudit(t.Context(), kept...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// tamper runs statements as someone with the rights of the database would.
func tamper(t testing.TB, s *Store, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := s.pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func TestAuditLogFilters(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		now := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.FixedZone("", 3600))
		s := open(t, url, Options{Now: func() time.Time { now = now.Add(time.Second); return now }})
		fillAudit(t, s, 9)
		for name, test := range map[string]struct {
			filter AuditFilter
			want   string
		}{
			"all":    {AuditFilter{}, "8 7 6 5 4 3 2 1 0"},
			"ann":    {AuditFilter{User: "ann"}, "7 5 3 1"},
			"limit":  {AuditFilter{Limit: 2}, "8 7"},
			"table":  {AuditFilter{Table: "users"}, "7 4 1"},
			"record": {AuditFilter{RecordID: "4"}, "4"},
			"user":   {AuditFilter{User: "bob"}, ""},
			"action": {AuditFilter{Action: "UPDATE", Limit: 1}, "8"},
			"before": {AuditFilter{Before: 3}, "1 0"},
			"last":   {AuditFilter{Before: 1 << 62, Limit: 1}, "8"},
		} {
			got, err := s.AuditLog(t.Context(), test.filter)
			if err != nil {
				t.Fatal(err)
			}
			var records []string
			for _, e := range got {
				records = append(records, e.RecordID)
			}
			if strings.Join(records, " ") != test.want {
				t.Errorf("%s: got %v, want %s", name, records, test.want)
			}
		}
		all, err := s.AuditLog(t.Context(), AuditFilter{})
		if err != nil {
			t.Fatal(err)
		}
		between, err := s.AuditLog(t.Context(), AuditFilter{Since: all[5].CreatedAt, Until: all[2].CreatedAt})
		if err != nil || len(between) != 3 || between[2].ID != all[5].ID {
			t.Errorf("got %v, %v", between, err)
		}
		if e := all[0]; string(e.Old) != `{"age":8}` || string(e.New) != `{"age":9}` || e.User != "" || e.CreatedAt.Nanosecond() != 678901000 {
			t.Errorf("got %+v", e)
		}
		if _, err := s.AuditLog(t.Context(), AuditFilter{Limit: longestPage + 1}); err == nil {
			t.Error("a limit that is too large was taken")
		}
	})
}

// TestTimesThatAreNoDates: one entry with such a time must not hide the others.
func TestTimesThatAreNoDates(t *testing.T) {
	times := map[string][]string{
		"postgres": {"infinity", "-infinity", "0044-03-15 BC", "10000-01-01", "294276-12-31"},
		"sqlite":   {"infinity", "", "soon", "-0044-03-15 00:00:00", "300000-01-01 00:00:00"},
	}
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url, Options{AuditKey: testKey})
		fillAudit(t, s, 3)
		for _, created := range times[s.dialect.name] {
			tamper(t, s, "INSERT INTO audit_log (table_name, action, created_at) VALUES ('users', 'x', '"+created+"')")
		}
		list, err := s.AuditLog(t.Context(), AuditFilter{})
		if err != nil || len(list) != 8 || !list[0].CreatedAt.IsZero() || list[7].CreatedAt.IsZero() {
			t.Fatalf("got %+v, %v", list, err)
		}
		if _, err := json.Marshal(list); err != nil {
			t.Error(err)
		}
		if v := verify(t, s); v.Problems != len(times[s.dialect.name]) {
			t.Errorf("%+v", v)
		}
	})
}

func TestTamperingIsFoundAndNamed(t *testing.T) {
	const forged = "INSERT INTO audit_log (table_name, record_id, action, created_at, chain_seq, chain_key, chain_hash) "
	for name, test := range map[string]struct {
		do    []string
		table string
		want  string
	}{
		"change":        {[]string{"UPDATE audit_log SET user_id = 'eve' WHERE id = 5"}, "users", "entry 5 was changed"},
		"null":          {[]string{"UPDATE audit_log SET user_id = NULL WHERE id = 8"}, "users", "entry 8 was changed"},
		"empty":         {[]string{"UPDATE audit_log SET user_id = '' WHERE id = 5"}, "users", "entry 5 was changed"},
		"other table":   {[]string{"UPDATE audit_log SET table_name = 'tokens' WHERE id = 5"}, "users", "1 of the entries before entry 8 (number 3) were removed"},
		"removal":       {[]string{"DELETE FROM audit_log WHERE id = 5"}, "users", "1 of the entries before entry 8 (number 3) were removed"},
		"first":         {[]string{"DELETE FROM audit_log WHERE id = 2"}, "users", "1 of the entries before entry 5 (number 2) were removed"},
		"last":          {[]string{"DELETE FROM audit_log WHERE id = 8"}, "users", "the chain should end with entry number 3, and it ends with number 2"},
		"whole chain":   {[]string{"DELETE FROM audit_log WHERE table_name = 'users'"}, "users", "the chain should end with entry number 3, and it ends with number 0"},
		"swap":          {[]string{"UPDATE audit_log SET id = -1 WHERE id = 2", "UPDATE audit_log SET id = 2 WHERE id = 5", "UPDATE audit_log SET id = 5 WHERE id = -1"}, "users", "stands in the wrong place"},
		"swap of texts": {[]string{`UPDATE audit_log SET new_values = '{"age":8}' WHERE id = 5`, `UPDATE audit_log SET new_values = '{"age":5}' WHERE id = 8`}, "users", "entry 8 was changed"},
		"insertion":     {[]string{"INSERT INTO audit_log (table_name, record_id, action, created_at) VALUES ('users', '9', 'UPDATE', '2026-01-01 00:00:00')"}, "users", "entry 10 is in no chain"},
		"forgery":       {[]string{forged + "SELECT 'users', '9', 'UPDATE', '2026-01-01 00:00:00', 4, chain_key, chain_hash FROM audit_log WHERE id = 8"}, "users", "entry 10 was changed"},
		"unchained":     {[]string{"UPDATE audit_log SET chain_seq = NULL, chain_hash = NULL WHERE id = 8"}, "users", "entry 8 is in no chain"},
		"no record":     {[]string{"DELETE FROM audit_chains WHERE table_name = 'users'"}, "users", "the end of the chain is not on record"},
		"lowest id":     {[]string{"INSERT INTO audit_log (id, table_name, action, created_at) VALUES (-9223372036854775808, 'users', 'x', '2026-01-01 00:00:00')"}, "users", "entry -9223372036854775808 is in no chain"},
		"highest id":    {[]string{"UPDATE audit_log SET id = 9223372036854775807 WHERE id = 8"}, "users", "entry 9223372036854775807 was changed"},
		"time":          {[]string{"UPDATE audit_log SET created_at = '2020-01-01 00:00:00' WHERE id = 5"}, "users", "entry 5 was changed"},
		"numbers":       {[]string{"UPDATE audit_log SET chain_seq = 9 WHERE id = 5", "UPDATE audit_log SET chain_seq = 2 WHERE id = 8", "UPDATE audit_log SET chain_seq = 3 WHERE id = 5"}, "users", "stands in the wrong place"},
		"another end":   {[]string{"UPDATE audit_chains SET entries = 2 WHERE table_name = 'users'"}, "users", "the chain should end with entry number 2, and it ends with number 3"},
		"end's hash":    {[]string{"UPDATE audit_chains SET last_hash = 'x' WHERE table_name = 'users'"}, "users", "the last entry, number 3, is not the one on record"},
		"key":           {[]string{"UPDATE audit_log SET chain_key = '' WHERE id = 5"}, "users", "entry 5 is not under the audit key"},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, url string) {
				s := open(t, url, Options{AuditKey: testKey})
				fillAudit(t, s, 9)
				if v := verify(t, s); !v.Intact || !v.Keyed || v.Entries != 9 || v.Chains != 3 {
					t.Fatalf("before: %+v", v)
				}
				tamper(t, s, test.do...)
				v := verify(t, s)
				if v.Intact || !slices.ContainsFunc(v.Findings, func(f Finding) bool {
					return f.Table == test.table && strings.Contains(f.Problem, test.want)
				}) {
					t.Errorf("want %q of %s, got %+v", test.want, test.table, v)
				}
				for _, f := range v.Findings {
					if f.Table != test.table && f.Table != "tokens" {
						t.Errorf("an innocent chain is blamed: %+v", f)
					}
				}
			})
		})
	}
}

// TestTextsOfTheSameTimeAreFound writes a time in another way, which SQLite keeps.
func TestTextsOfTheSameTimeAreFound(t *testing.T) {
	s := open(t, "sqlite::memory:", Options{AuditKey: testKey})
	fillAudit(t, s, 3)
	tamper(t, s, "UPDATE audit_log SET created_at = REPLACE(created_at, ' ', 'T') WHERE id = 2")
	if v := verify(t, s); v.Problems != 1 || v.Findings[0].EntryID != 2 {
		t.Errorf("%+v", v)
	}
}

// TestSingleBytesAreFound changes one byte of one value of one entry, a thousand
// times.
func TestSingleBytesAreFound(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url, Options{AuditKey: testKey})
		fillAudit(t, s, 12)
		columns := []string{"table_name", "record_id", "action", "old_values", "new_values", "user_id", "chain_key", "chain_hash", "created_at", "chain_seq", "id"}
		random := rand.New(rand.NewPCG(1, 2))
		changed := 0
		for changed < 1000 {
			column, id := columns[random.IntN(len(columns))], 1+random.IntN(12)
			found, done := changeByte(t, s, random, column, id)
			if !done {
				continue
			}
			changed++
			if !found {
				t.Fatalf("a change of %s of entry %d was not found", column, id)
			}
		}
		if v := verify(t, s); !v.Intact {
			t.Errorf("the changes were not taken back: %+v", v)
		}
	})
}

// changeByte changes a byte in a transaction that is rolled back, and reports
// whether the verifier sees it. A change that the database refuses, or that
// makes the same value, is not done.
func changeByte(t *testing.T, s *Store, random *rand.Rand, column string, id int) (found, done bool) {
	t.Helper()
	inner, err := s.pool.BeginTxx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = inner.Rollback() }()
	x := &tx{ctx: t.Context(), inner: inner, store: s}
	var before, after exactText
	read := "SELECT " + column + " FROM audit_log WHERE id = ?"
	if column == "created_at" {
		read = "SELECT " + s.dialect.exact(column) + " FROM audit_log WHERE id = ?"
	}
	if err := x.get(&before, read, id); err != nil {
		t.Fatal(err)
	}
	text := []byte(before.Text)
	if len(text) == 0 {
		return false, false
	}
	text[random.IntN(len(text))] = " 0123456789abcdefTZ:.+-'{}"[random.IntN(26)]
	if string(text) == before.Text {
		return false, false
	}
	if _, err := x.exec("UPDATE audit_log SET "+column+" = ? WHERE id = ?", string(text), id); err != nil {
		return false, false
	}
	if column != "id" {
		if err := x.get(&after, read, id); err != nil || after == before {
			return false, false
		}
	}
	v := &verifier{keys: s.chains, chains: map[string]*chainWalk{}, result: &Verification{}}
	if err := v.walk(x); err != nil {
		t.Fatal(err)
	}
	if err := v.checkEnds(x); err != nil {
		t.Fatal(err)
	}
	return v.result.Problems > 0, true
}

func TestCutTailIsFoundByCheckpoints(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url, Options{AuditKey: testKey})
		fillAudit(t, s, 9)
		checkpoint, err := s.Checkpoint(t.Context(), Actor{User: "ann"})
		if err != nil {
			t.Fatal(err)
		}
		fillAudit(t, s, 3)
		if v := verify(t, s, *checkpoint); !v.Intact || v.Checkpoints != 2 {
			t.Fatalf("before: %+v", v)
		}
		// Someone who knows how the log works puts the records in order as well.
		cut := []string{
			"DELETE FROM audit_log WHERE table_name = 'users' AND chain_seq > 2",
			"UPDATE audit_chains SET entries = 2, last_hash = (SELECT chain_hash FROM audit_log WHERE table_name = 'users' AND chain_seq = 2) WHERE table_name = 'users'",
		}
		tamper(t, s, cut...)
		const want = "the end of the chain was cut off: a checkpoint has entry number 3, and the last one is number 2"
		if v := verify(t, s); v.Problems != 1 || v.Findings[0].Problem != want {
			t.Errorf("with the stored checkpoint: %+v", v)
		}
		tamper(t, s, "DELETE FROM audit_checkpoints")
		if v := verify(t, s); v.Problems != 1 || v.Findings[0].Problem != "the stored checkpoint 1 was removed" {
			t.Errorf("without the stored checkpoint: %+v", v)
		}
		// Without its entry too, the one that was kept elsewhere shows it.
		tamper(t, s, "DELETE FROM audit_log WHERE table_name = 'audit_checkpoints'", "DELETE FROM audit_chains WHERE table_name = 'audit_checkpoints'")
		if v := verify(t, s); !v.Intact {
			t.Errorf("without any checkpoint the cut cannot be seen, and yet: %+v", v)
		}
		if v := verify(t, s, *checkpoint); v.Problems != 1 || v.Findings[0].Problem != want {
			t.Errorf("with the kept checkpoint: %+v", v)
		}
		forged := *checkpoint
		forged.Chains = slices.Clone(forged.Chains)
		forged.Chains[0].Entries++
		if v := verify(t, s, forged); v.Problems != 1 || !strings.Contains(v.Findings[0].Problem, "its signature is wrong") {
			t.Errorf("with a forged checkpoint: %+v", v)
		}
	})
}

// TestEndOfAChainThatIsNoNumber puts a text where SQLite does not mind it.
func TestEndOfAChainThatIsNoNumber(t *testing.T) {
	s := open(t, databases["sqlite"](t), Options{AuditKey: testKey})
	fillAudit(t, s, 3)
	tamper(t, s, "UPDATE audit_chains SET entries = 'x', last_hash = x'00ff' WHERE table_name = 'users'")
	const want = "the chain should end with entry number x, and it ends with number 1"
	if v := verify(t, s); v.Problems != 1 || v.Findings[0].Problem != want {
		t.Errorf("got %+v", v)
	}
}

func TestAuditKeys(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		fillAudit(t, open(t, url, Options{}), 3)
		plain := open(t, url, Options{})
		if v := verify(t, plain); !v.Intact || v.Keyed {
			t.Errorf("without a key: %+v", v)
		}
		if _, err := plain.Checkpoint(t.Context(), Actor{}); err == nil {
			t.Error("a checkpoint was signed without a key")
		}
		keyed := open(t, url, Options{AuditKey: testKey})
		if v := verify(t, keyed); !v.Intact || !v.Keyed || v.Entries != 6 {
			t.Errorf("with a first key: %+v", v)
		}
		next := slices.Concat(testKey, testKey)
		for _, o := range []Options{{}, {AuditKey: next}, {OldAuditKeys: [][]byte{testKey}}} {
			if _, err := Open(context.Background(), url, o); err == nil {
				t.Errorf("a log that was chained under another key was taken up: %+v", o)
			}
		}
		rolled := open(t, url, Options{AuditKey: next, OldAuditKeys: [][]byte{testKey}})
		if v := verify(t, rolled); !v.Intact || !v.Keyed || v.Entries != 9 {
			t.Errorf("with the next key: %+v", v)
		}
	})
}
