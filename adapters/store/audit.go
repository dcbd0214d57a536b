package store

import (
	"context"
	"encoding/json"
	"strings"
	"time"
)

// AuditEntry is one change as the audit log tells it.
type AuditEntry struct {
	ID       int64  `json:"id"`
	Table    string `json:"table_name"`
	RecordID string `json:"record_id"`
	// Action is INSERT, UPDATE, DELETE, or the name of a larger change.
	Action string `json:"action"`
	// Old and New are the values before and after, as JSON; nil where there are
	// none. Text that is no JSON, of the Python backend, is a JSON string.
	Old  json.RawMessage `json:"old_values"`
	New  json.RawMessage `json:"new_values"`
	User string          `json:"user_id"`
	// CreatedAt is the zero time where none is stored, or one that is no date of
	// the years 0 to 9999.
	CreatedAt time.Time `json:"created_at"`
}

// AuditFilter chooses audit entries. Empty fields choose all.
type AuditFilter struct {
	Table, RecordID, Action, User string
	// Since is included, Until is not.
	Since, Until time.Time
	// Before chooses entries with an ID below it: give the last one of a page to
	// get the next page.
	Before int64
	// Limit is the most entries that are returned: 50 when 0, and 1,000 at most.
	Limit int
}

// AuditLog lists audit entries, the newest first.
func (s *Store) AuditLog(ctx context.Context, f AuditFilter) ([]AuditEntry, error) {
	const op = "list the audit log"
	limit, err := pageSize(f.Limit)
	if err != nil {
		return nil, failed(ctx, op, err)
	}
	where, args := f.condition()
	var rows []auditRow
	err = s.read(ctx, op, func(t *tx) error {
		return t.list(&rows, "SELECT "+t.auditColumns()+" FROM audit_log"+where+" ORDER BY id DESC LIMIT ?", append(args, limit)...)
	})
	if err != nil {
		return nil, err
	}
	entries := make([]AuditEntry, len(rows))
	for i := range rows {
		entries[i] = rows[i].entry()
	}
	return entries, nil
}

const (
	defaultPage = 50
	longestPage = 1000
)

// pageSize checks the limit of a list.
func pageSize(limit int) (int, error) {
	if limit < 0 || limit > longestPage {
		return 0, invalid("the limit must be from 1 to %d, or 0 for %d, got %d", longestPage, defaultPage, limit)
	}
	if limit == 0 {
		return defaultPage, nil
	}
	return limit, nil
}

func (f AuditFilter) condition() (where string, args []any) {
	var parts []string
	add := func(given bool, condition string, arg any) {
		if given {
			parts = append(parts, condition)
			args = append(args, arg)
		}
	}
	add(f.Table != "", "table_name = ?", f.Table)
	add(f.RecordID != "", "record_id = ?", f.RecordID)
	add(f.Action != "", "action = ?", f.Action)
	add(f.User != "", "user_id = ?", f.User)
	add(!f.Since.IsZero(), "created_at >= ?", f.Since)
	add(!f.Until.IsZero(), "created_at < ?", f.Until)
	add(f.Before > 0, "id < CAST(? AS bigint)", f.Before)
	if len(parts) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(parts, " AND "), args
}

func (r *auditRow) entry() AuditEntry {
	var created moment
	_ = created.Scan(r.CreatedAt.Text) // one bad time must not hide the entries around it
	return AuditEntry{
		ID: r.ID, Table: r.Table.Text, RecordID: r.Record.Text, Action: r.Action.Text, User: r.User.Text,
		Old: rawJSON(r.Old), New: rawJSON(r.New), CreatedAt: created.Time,
	}
}

// rawJSON takes text that may be no JSON.
func rawJSON(x exactText) json.RawMessage {
	if !x.Valid {
		return nil
	}
	if json.Valid([]byte(x.Text)) {
		return json.RawMessage(x.Text)
	}
	quoted, _ := json.Marshal(x.Text) // a string always marshals
	return quoted
}
