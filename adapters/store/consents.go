package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Consent is one statement of a customer. Statements are only added: the newest
// one of a type counts, and of two with the same time the one that was added
// later. The customer need not be known, and the statements of one who was deleted
// stay.
type Consent struct {
	ID         int64  `json:"id"`
	CustomerID string `json:"customer_id"`
	Type       string `json:"consent_type"`
	Granted    bool   `json:"granted"`
	// CredentialID refers to a verifiable credential, "" to none. It is stored as
	// it is given, up to 255 characters, since the credential may be kept
	// elsewhere. A credential that is revoked withdraws no consent: add a
	// statement that does.
	CredentialID string    `json:"verifiable_credential_id,omitempty"`
	CreatedAt    time.Time `json:"created_at"`
}

const (
	consentsTable = "user_consents"
	// newestConsents is their order. Statements that were taken over from
	// elsewhere may be older than those with lower IDs.
	newestConsents = " ORDER BY created_at IS NULL, created_at DESC, id DESC"
)

// RegisterConsent adds a statement, which is the newest one of the customer also
// when the clocks of replicas differ. ID and time of c are ignored.
func (s *Store) RegisterConsent(ctx context.Context, who Actor, c Consent) (*Consent, error) {
	const op = "register a consent"
	if err := checkTexts(checked{"the customer ID", c.CustomerID, 1, maxName}, checked{"the type of the consent", c.Type, 1, maxName},
		checked{"the ID of the credential", c.CredentialID, 0, 255}); err != nil {
		return nil, failed(ctx, op, err)
	}
	err := s.write(ctx, op, func(t *tx) error {
		if _, err := t.lockChain(consentsTable); err != nil {
			return err
		}
		var newest moment
		err := t.get(&newest, "SELECT created_at FROM user_consents WHERE customer_id = ? AND created_at IS NOT NULL"+newestConsents+" LIMIT 1", c.CustomerID)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		c.CreatedAt = later(t.now, newest.Time)
		err = t.get(&c.ID, `INSERT INTO user_consents (customer_id, consent_type, granted, verifiable_credential_id, created_at)
			VALUES (?, ?, ?, ?, ?) RETURNING id`, c.CustomerID, c.Type, c.Granted, orNull(c.CredentialID), c.CreatedAt)
		if err != nil {
			return err
		}
		return t.audit(who, change{table: consentsTable, record: c.CustomerID, action: "INSERT", new: c})
	})
	if err != nil {
		return nil, err
	}
	return &c, nil
}

// Consents lists the statements of a customer, the newest first, of one type or
// of all when it is empty.
func (s *Store) Consents(ctx context.Context, customerID, consentType string, limit int) ([]Consent, error) {
	const op = "list consents"
	limit, err := pageSize(limit)
	if err == nil {
		err = checkText("the customer ID", customerID, 1, maxName)
	}
	if err != nil {
		return nil, failed(ctx, op, err)
	}
	var rows []struct {
		ID         int64          `db:"id"`
		CustomerID string         `db:"customer_id"`
		Type       string         `db:"consent_type"`
		Granted    bool           `db:"granted"`
		Credential sql.NullString `db:"verifiable_credential_id"`
		CreatedAt  moment         `db:"created_at"`
	}
	err = s.read(ctx, op, func(t *tx) error {
		return t.list(&rows, `SELECT id, customer_id, consent_type, granted, verifiable_credential_id, created_at FROM user_consents
			WHERE customer_id = ? AND (consent_type = ? OR ? = '')`+newestConsents+" LIMIT ?", customerID, consentType, consentType, limit)
	})
	list := make([]Consent, len(rows))
	for i, r := range rows {
		list[i] = Consent{r.ID, r.CustomerID, r.Type, r.Granted, r.Credential.String, r.CreatedAt.Time}
	}
	return list, err
}

// HasConsent reports whether the newest statement of a type grants it.
func (s *Store) HasConsent(ctx context.Context, customerID, consentType string) (bool, error) {
	const op = "look for a consent"
	if err := checkText("the type of the consent", consentType, 1, maxName); err != nil {
		return false, failed(ctx, op, err)
	}
	newest, err := s.Consents(ctx, customerID, consentType, 1)
	return len(newest) > 0 && newest[0].Granted, err
}
