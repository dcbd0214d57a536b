package store

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"strconv"
	"time"
)

// Checkpoint is a signed statement of where each chain of the audit log ends. It
// shows later that the end of a chain was cut off: keep it outside of the
// database too, since someone who can cut the log can remove checkpoints.
type Checkpoint struct {
	CreatedAt time.Time         `json:"created_at"`
	Chains    []CheckpointChain `json:"chains"`
	// KeyID tells the audit key, Signature is that of Ed25519 by a key derived
	// from it over the JSON of the rest.
	KeyID     string `json:"key_id"`
	Signature []byte `json:"signature,omitempty"`
}

// CheckpointChain is the last entry of a chain.
type CheckpointChain struct {
	Table   string `json:"table_name"`
	Entries int64  `json:"entries"`
	Hash    string `json:"hash"`
}

// message is what is signed.
func (c Checkpoint) message() ([]byte, error) {
	c.Signature = nil
	return json.Marshal(c)
}

const checkpointsTable = "audit_checkpoints"

// Checkpoint signs the ends of all chains and stores the statement. It needs an
// audit key.
func (s *Store) Checkpoint(ctx context.Context, who Actor) (*Checkpoint, error) {
	const op = "make a checkpoint"
	key := s.chains.current
	if key.signer == nil {
		return nil, failed(ctx, op, invalid("a checkpoint is signed: set an audit key"))
	}
	var c *Checkpoint
	err := s.write(ctx, op, func(t *tx) error {
		const table = checkpointsTable
		// Its own chain is locked first: it is the last one that any other
		// transaction takes.
		if _, err := t.lockChain(table); err != nil {
			return err
		}
		var err error
		if c, err = t.signEnds(key); err != nil {
			return err
		}
		body, err := json.Marshal(c)
		if err != nil {
			return err
		}
		var id int64
		if err := t.get(&id, "INSERT INTO audit_checkpoints (body, created_at) VALUES (?, ?) RETURNING id", string(body), t.now); err != nil {
			return err
		}
		return t.audit(who, change{table: table, record: strconv.FormatInt(id, 10), action: "INSERT", new: c})
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (t *tx) signEnds(key *chainKey) (*Checkpoint, error) {
	var ends []chainEnd
	err := t.list(&ends, "SELECT table_name, entries, last_hash, last_key FROM audit_chains WHERE entries > 0 ORDER BY table_name")
	if err != nil {
		return nil, err
	}
	c := &Checkpoint{CreatedAt: t.now, KeyID: key.id}
	for _, e := range ends {
		c.Chains = append(c.Chains, CheckpointChain{e.Table, e.Entries, e.Hash})
	}
	message, err := c.message()
	if err != nil {
		return nil, err
	}
	c.Signature = ed25519.Sign(key.signer, message)
	return c, nil
}

// check says what is wrong with the signature of a checkpoint, "" for nothing.
func (k *keyring) check(c *Checkpoint) string {
	key := k.known[c.KeyID]
	if key == nil || key.signer == nil {
		return "it was signed under an audit key that is not known (" + c.KeyID + ")"
	}
	message, err := c.message()
	if err != nil || !ed25519.Verify(key.signer.Public().(ed25519.PublicKey), message, c.Signature) {
		return "its signature is wrong"
	}
	return ""
}
