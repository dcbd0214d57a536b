package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"
)

// Artefact is a file in IPFS.
type Artefact struct {
	ID   int64  `json:"id"`
	CID  string `json:"cid"`
	Type string `json:"artifact_type"`
	// Metadata is JSON.
	Metadata  json.RawMessage `json:"metadata"`
	CreatedAt time.Time       `json:"created_at"`
}

const artefactsTable = "ipfs_artifacts"

type artefactRow struct {
	ID        int64     `db:"id"`
	CID       string    `db:"cid"`
	Type      string    `db:"artifact_type"`
	Metadata  exactText `db:"metadata"`
	CreatedAt moment    `db:"created_at"`
}

const selectArtefacts = "SELECT id, cid, COALESCE(artifact_type, '') AS artifact_type, metadata, created_at FROM ipfs_artifacts"

func (r *artefactRow) artefact() Artefact {
	return Artefact{r.ID, r.CID, r.Type, rawJSON(r.Metadata), r.CreatedAt.Time}
}

// AddArtefact notes a file. The same content has the same CID: one that is
// known already is an [ErrConflict]. ID and time of a are ignored.
func (s *Store) AddArtefact(ctx context.Context, who Actor, a Artefact) (*Artefact, error) {
	const op = "add an artefact"
	if err := checkTexts(checked{"the CID", a.CID, 1, maxName}, checked{"the type of the artefact", a.Type, 1, maxName},
		checked{"the metadata", string(a.Metadata), 0, maxText}); err != nil {
		return nil, failed(ctx, op, err)
	}
	if len(a.Metadata) > 0 && !json.Valid(a.Metadata) {
		return nil, failed(ctx, op, invalid("the metadata of an artefact must be JSON"))
	}
	err := s.write(ctx, op, func(t *tx) error {
		if _, err := t.lockChain(artefactsTable); err != nil {
			return err
		}
		a.CreatedAt = t.now
		err := t.get(&a.ID, `INSERT INTO ipfs_artifacts (cid, artifact_type, metadata, created_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (cid) DO NOTHING RETURNING id`, a.CID, a.Type, orNull(string(a.Metadata)), a.CreatedAt)
		if errors.Is(err, sql.ErrNoRows) {
			return fault(ErrConflict, "the artefact %q is known already", a.CID)
		}
		if err != nil {
			return err
		}
		return t.audit(who, change{table: artefactsTable, record: a.CID, action: "INSERT", new: a})
	})
	if err != nil {
		return nil, err
	}
	return &a, nil
}

// Artefact finds a file by its CID.
func (s *Store) Artefact(ctx context.Context, cid string) (*Artefact, error) {
	var row artefactRow
	err := s.read(ctx, "find an artefact", func(t *tx) error {
		err := t.get(&row, selectArtefacts+" WHERE cid = ?", cid)
		if errors.Is(err, sql.ErrNoRows) {
			err = fault(ErrNotFound, "there is no artefact %q", cid)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	a := row.artefact()
	return &a, nil
}

// Artefacts lists files, the newest first, of one type or of all when it is
// empty.
func (s *Store) Artefacts(ctx context.Context, artefactType string, limit int) ([]Artefact, error) {
	const op = "list artefacts"
	limit, err := pageSize(limit)
	if err != nil {
		return nil, failed(ctx, op, err)
	}
	var rows []artefactRow
	err = s.read(ctx, op, func(t *tx) error {
		return t.list(&rows, selectArtefacts+" WHERE artifact_type = ? OR ? = '' ORDER BY id DESC LIMIT ?", artefactType, artefactType, limit)
	})
	list := make([]Artefact, len(rows))
	for i := range rows {
		list[i] = rows[i].artefact()
	}
	return list, err
}
