package cli

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/cohortlens/cohortlens/adapters/service"
	"github.com/cohortlens/cohortlens/adapters/store"
)

var auditCommands = []command{
	{
		name: "audit list", usage: "list what was changed, by whom",
		description: `Lists entries of the audit log, the newest first. With --json they have the
values before and after.

   cohortlens audit list --table customers --record 1042
   cohortlens audit list --user ann --since 2026-01-01 --limit 200` + databaseNote,
		flags: []flagSpec{
			text("table", "T", "entries of the table `T`", inputGroup),
			text("record", "R", "entries of the record `R`", inputGroup),
			text("action", "A", "entries of the action `A`, such as INSERT", inputGroup),
			text("user", "U", "entries of the user `U`", inputGroup),
			text("since", "T", "entries from the time `T` on: 2026-01-31, or 2026-01-31T10:00:00Z", inputGroup),
			text("until", "T", "entries before the time `T`", inputGroup),
			text("before", "ID", "entries older than the one with the number `ID`: the next page", inputGroup),
			text("limit", "N", "at most `N` entries; 50 by default, 1,000 at most", outputGroup),
			databaseFlag, jsonFlag,
		},
		run: (*session).listAudit,
	},
	{
		name: "audit verify", usage: "say whether the audit log is as it was written",
		description: `Checks the chain of every table and the stored checkpoints. What was changed,
removed, swapped or inserted is named, and the exit code is 2.

   cohortlens audit verify
   cohortlens audit verify --checkpoint kept-elsewhere.json` + databaseNote,
		flags: []flagSpec{
			text("checkpoint", "F", "compare with the checkpoint in the file `F` too", inputGroup), databaseFlag, jsonFlag,
		},
		run: (*session).verifyAudit,
	},
	{
		name: "audit checkpoint", usage: "sign where the audit log ends",
		description: `Signs the ends of all chains under COHORTLENS_AUDIT_KEY, so that it shows later
when the end of one was cut off. Keep the file outside of the database.

   cohortlens audit checkpoint --out checkpoint.json` + databaseNote,
		flags: []flagSpec{text("out", "F", "write the checkpoint to the JSON file `F`", outputGroup), databaseFlag, jsonFlag},
		run:   (*session).checkpoint,
	},
}

func (s *session) listAudit() error {
	filter, err := s.auditFilter()
	if err != nil {
		return err
	}
	return answer(s, func(ctx context.Context, svc *service.Service) (*service.AuditDocument, error) {
		return svc.AuditLog(ctx, filter)
	}, (*printer).auditDocument)
}

func (s *session) auditFilter() (f store.AuditFilter, err error) {
	f = store.AuditFilter{
		Table: s.flags.String("table"), RecordID: s.flags.String("record"),
		Action: s.flags.String("action"), User: s.flags.String("user"),
	}
	if f.Since, err = s.time("since"); err != nil {
		return f, err
	}
	if f.Until, err = s.time("until"); err != nil {
		return f, err
	}
	if f.Before, err = s.positive("before"); err != nil {
		return f, err
	}
	limit, err := s.positive("limit")
	f.Limit = int(limit)
	return f, err
}

// time reads a flag; the zero time when it is not there.
func (s *session) time(flag string) (time.Time, error) {
	given := s.flags.String(flag)
	if given == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, given); err == nil {
			return t, nil
		}
	}
	return time.Time{}, &usageError{message: fmt.Sprintf("--%s must be a time such as 2026-01-31 or 2026-01-31T10:00:00Z, got %q", flag, given)}
}

// positive reads a flag; 0 when it is not there.
func (s *session) positive(flag string) (int64, error) {
	given := s.flags.String(flag)
	if given == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(given, 10, 64)
	if err != nil || n < 1 {
		return 0, &usageError{message: fmt.Sprintf("--%s must be a whole number above 0, got %q", flag, given)}
	}
	return n, nil
}

func (s *session) verifyAudit() error {
	var found error
	err := answer(s, func(ctx context.Context, svc *service.Service) (*service.AuditVerification, error) {
		d, err := svc.VerifyAudit(ctx, s.flags.String("checkpoint"))
		if err == nil {
			found = d.Err()
		}
		return d, err
	}, (*printer).auditVerification)
	if err != nil {
		return err
	}
	return found
}

func (s *session) checkpoint() error {
	return answer(s, func(ctx context.Context, svc *service.Service) (*service.CheckpointDocument, error) {
		return svc.Checkpoint(ctx, s.flags.String("out"))
	}, func(p *printer, d *service.CheckpointDocument) {
		p.line("%s: the ends of %s were signed.", d.Database, plural(len(d.Checkpoint.Chains), "chain"))
		p.written("Checkpoint", d.Out)
	})
}

func (p *printer) auditDocument(d *service.AuditDocument) {
	if d.Count == 0 {
		p.line("There are no such entries.")
		return
	}
	rows := [][]string{{"", "time (UTC)", "action", "table", "record", "user"}}
	for _, e := range d.Entries {
		rows = append(rows, []string{strconv.FormatInt(e.ID, 10), instant(e.CreatedAt), e.Action, e.Table, orDash(e.RecordID), orDash(e.User)})
	}
	p.table(rows, len(rows[0]))
}

func (p *printer) auditVerification(d *service.AuditVerification) {
	p.line("%s: %s in %s, %s compared.", d.Database, plural(int(d.Entries), "logged change"), plural(d.Chains, "chain"), plural(d.Checkpoints, "checkpoint"))
	if d.Intact {
		p.line("The log is as it was written.")
	}
	for _, f := range d.Findings {
		p.line("  %s: %s", orDash(f.Table), f.Problem)
	}
	if more := d.Problems - len(d.Findings); more > 0 {
		p.line("  (%s more)", count(more))
	}
	switch {
	case d.UnknownKey != "":
		p.paragraph(fmt.Sprintf("Note: entries claim the audit key %.40q, which is not known, and cannot be checked. If it is yours, set it as COHORTLENS_AUDIT_KEY, or among COHORTLENS_OLD_AUDIT_KEYS.", d.UnknownKey))
	case !d.Keyed && d.Entries > 0:
		p.paragraph("Note: the log is not under an audit key, so that someone who can write to the database can compute its chains anew. Set COHORTLENS_AUDIT_KEY to a secret of at least 32 bytes.")
	case d.Unkeyed > 0:
		p.paragraph(fmt.Sprintf("Note: %s from before there was an audit key. Until then, someone who can write to the database could compute them anew.", plural(int(d.Unkeyed), "logged change")))
	}
}
