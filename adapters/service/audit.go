package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cohortlens/cohortlens/adapters/store"
)

// AuditDocument lists audit entries, the newest first.
type AuditDocument struct {
	Entries []store.AuditEntry `json:"entries"`
	Count   int                `json:"count"`
}

// AuditLog lists audit entries.
func (s *Service) AuditLog(ctx context.Context, f store.AuditFilter) (*AuditDocument, error) {
	d := &AuditDocument{}
	_, err := s.withStore(ctx, adopted, func(db *store.Store) (err error) {
		d.Entries, err = db.AuditLog(ctx, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	d.Count = len(d.Entries)
	return d, nil
}

// AuditVerification says whether the audit log is as it was written.
type AuditVerification struct {
	Database string `json:"database"`
	store.Verification
}

// Err is an [*InputError] unless nothing was found.
func (v *AuditVerification) Err() error {
	if v.Intact {
		return nil
	}
	what := "problem was found: "
	if v.Problems > 1 {
		what = "problems were found; the first: "
	}
	return &InputError{Err: fmt.Errorf("the audit log of %s is not as it was written: %d %s%s", v.Database, v.Problems, what, v.Findings[0].Problem)}
}

// VerifyAudit checks the audit log, also against the checkpoint of a file that
// [Service.Checkpoint] wrote, if one is named.
func (s *Service) VerifyAudit(ctx context.Context, checkpoint string) (*AuditVerification, error) {
	var kept []store.Checkpoint
	if checkpoint != "" {
		c, err := readCheckpoint(checkpoint)
		if err != nil {
			return nil, err
		}
		kept = append(kept, *c)
	}
	d := &AuditVerification{}
	var err error
	d.Database, err = s.withStore(ctx, adopted, func(db *store.Store) error {
		v, err := db.VerifyAudit(ctx, kept...)
		if err == nil {
			d.Verification = *v
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

func readCheckpoint(path string) (*store.Checkpoint, error) {
	const most = 1 << 20
	if err := checkFile(path); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, inputErrorf("cannot read %s: %w", path, underlying(err))
	}
	c := new(store.Checkpoint)
	err = json.NewDecoder(io.LimitReader(f, most)).Decode(c)
	if err := errors.Join(err, f.Close()); err != nil || len(c.Signature) == 0 {
		return nil, &InputError{
			Err:  fmt.Errorf("%s holds no checkpoint of the audit log", path),
			Hint: "Checkpoints are written by cohortlens audit checkpoint --out F.json.",
		}
	}
	return c, nil
}

// CheckpointDocument is a signed checkpoint of the audit log.
type CheckpointDocument struct {
	Database string `json:"database"`
	Out      string `json:"out,omitempty"`
	// Checkpoint is what the file has.
	Checkpoint store.Checkpoint `json:"checkpoint"`
}

// Checkpoint signs the ends of the audit log, in the database and in a JSON file
// if out is not empty.
func (s *Service) Checkpoint(ctx context.Context, out string) (*CheckpointDocument, error) {
	if s.config.Database.AuditKey == "" {
		return nil, &InputError{
			Err:  errors.New("a checkpoint is signed under the audit key, and there is none"),
			Hint: "Set COHORTLENS_AUDIT_KEY to a secret of at least 32 bytes, and keep it.",
		}
	}
	if err := s.checkOutput(out); err != nil {
		return nil, err
	}
	d := &CheckpointDocument{}
	var err error
	d.Database, err = s.withStore(ctx, store.Options{}, func(db *store.Store) error {
		c, err := db.Checkpoint(ctx, s.actor(""))
		if err == nil {
			d.Checkpoint = *c
		}
		return err
	})
	if err != nil || out == "" {
		return d, err
	}
	d.Out = s.show(out)
	var files outbox
	defer files.discard()
	if err := files.write(out, func(w io.Writer) error { return WriteJSON(w, d.Checkpoint) }); err != nil {
		return nil, err
	}
	return d, files.commit(ctx)
}
