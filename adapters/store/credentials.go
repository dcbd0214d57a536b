package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"time"
)

// Credential is a verifiable credential.
type Credential struct {
	ID   int64  `json:"id"`
	DID  string `json:"did"`
	Type string `json:"credential_type"`
	// Payload is JSON.
	Payload   json.RawMessage `json:"payload"`
	Revoked   bool            `json:"revoked"`
	CreatedAt time.Time       `json:"created_at"`
}

const credentialsTable = "verifiable_credentials"

type credentialRow struct {
	ID        int64     `db:"id"`
	DID       string    `db:"did"`
	Type      string    `db:"credential_type"`
	Payload   exactText `db:"payload"`
	Revoked   bool      `db:"revoked"`
	CreatedAt moment    `db:"created_at"`
}

const selectCredentials = `SELECT id, did, COALESCE(credential_type, '') AS credential_type, payload,
	COALESCE(revoked, false) AS revoked, created_at FROM verifiable_credentials`

func (r *credentialRow) credential() Credential {
	return Credential{r.ID, r.DID, r.Type, rawJSON(r.Payload), r.Revoked, r.CreatedAt.Time}
}

// AddCredential stores a credential. ID, time and Revoked of c are ignored.
func (s *Store) AddCredential(ctx context.Context, who Actor, c Credential) (*Credential, error) {
	const op = "add a credential"
	if err := checkTexts(checked{"the DID", c.DID, 1, 512}, checked{"the type of the credential", c.Type, 1, maxName},
		checked{"the payload", string(c.Payload), 0, maxText}); err != nil {
		return nil, failed(ctx, op, err)
	}
	if len(c.Payload) > 0 && !json.Valid(c.Payload) {
		return nil, failed(ctx, op, invalid("the payload of a credential must be JSON"))
	}
	c.Revoked = false
	err := s.write(ctx, op, func(t *tx) error {
		if _, err := t.lockChain(credentialsTable); err != nil {
			return err
		}
		c.CreatedAt = t.now
		err := t.get(&c.ID, "INSERT INTO verifiable_credentials (did, credential_type, payload, revoked, created_at) VALUES (?, ?, ?, ?, ?) RETURNING id",
			c.DID, c.Type, orNull(string(c.Payload)), false, c.CreatedAt)
		if err != nil {
			return err
		}
		return t.audit(who, change{table: credentialsTable, record: strconv.FormatInt(c.ID, 10), action: "INSERT", new: c})
	})
	if err != nil {
		return nil, err
	}
	return &c, nil
}

// Credentials lists the credentials of a DID, the newest first.
func (s *Store) Credentials(ctx context.Context, did string, limit int) ([]Credential, error) {
	const op = "list credentials"
	limit, err := pageSize(limit)
	if err != nil {
		return nil, failed(ctx, op, err)
	}
	var rows []credentialRow
	err = s.read(ctx, op, func(t *tx) error {
		return t.list(&rows, selectCredentials+" WHERE did = ? ORDER BY id DESC LIMIT ?", did, limit)
	})
	list := make([]Credential, len(rows))
	for i := range rows {
		list[i] = rows[i].credential()
	}
	return list, err
}

// Credential finds a credential by its ID.
func (s *Store) Credential(ctx context.Context, id int64) (*Credential, error) {
	var c Credential
	err := s.read(ctx, "find a credential", func(t *tx) (err error) {
		c, err = t.credential(id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &c, nil
}

func (t *tx) credential(id int64) (Credential, error) {
	var row credentialRow
	err := t.get(&row, selectCredentials+" WHERE id = CAST(? AS bigint)", id)
	if errors.Is(err, sql.ErrNoRows) {
		err = fault(ErrNotFound, "there is no credential %d", id)
	}
	return row.credential(), err
}

// RevokeCredential revokes a credential, for ever. Doing so again changes nothing.
func (s *Store) RevokeCredential(ctx context.Context, who Actor, id int64) error {
	return s.write(ctx, "revoke a credential", func(t *tx) error {
		if _, err := t.lockChain(credentialsTable); err != nil {
			return err
		}
		before, err := t.credential(id)
		if err != nil || before.Revoked {
			return err
		}
		if _, err := t.exec("UPDATE verifiable_credentials SET revoked = ? WHERE id = ?", true, id); err != nil {
			return err
		}
		after := before
		after.Revoked = true
		return t.audit(who, change{table: credentialsTable, record: strconv.FormatInt(id, 10), action: "REVOKE", old: before, new: after})
	})
}
