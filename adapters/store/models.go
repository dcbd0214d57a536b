package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/cohortlens/cohortlens/predict"
)

// Models and drift baselines are stored as versions of a name, such as
// "segmentation", "prediction" or "drift-baseline". One version of a name is
// active. All replicas use that one: see [Store.WatchModel].

// ModelVersion describes a stored model.
type ModelVersion struct {
	Name string `json:"name"`
	// Version counts from 1 within the name.
	Version int64 `json:"version"`
	Active  bool  `json:"active"`
	// Metadata is a JSON object of the caller.
	Metadata  json.RawMessage `json:"metadata"`
	Size      int64           `json:"size"`
	SHA256    string          `json:"sha256"`
	CreatedBy string          `json:"created_by"`
	CreatedAt time.Time       `json:"created_at"`
}

// Model is a stored model with its bytes.
type Model struct {
	ModelVersion
	Body []byte `json:"-"`
}

// NewModel is a model to store.
type NewModel struct {
	Name string
	// Body is what the library wrote, at most [predict.MaxModelBytes]. Storing and
	// reading it takes several times its size in memory on PostgreSQL.
	Body []byte
	// Metadata is a JSON object; an empty one when nil.
	Metadata json.RawMessage
	// Activate makes it the active version in the same transaction.
	Activate bool
}

const modelsTable = "model_versions"

func (m *NewModel) check() error {
	if len(m.Body) == 0 || len(m.Body) > predict.MaxModelBytes {
		return invalid("a model must have 1 to %d bytes, got %d", predict.MaxModelBytes, len(m.Body))
	}
	if m.Metadata == nil {
		m.Metadata = json.RawMessage("{}")
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(m.Metadata, &object); err != nil || object == nil {
		return invalid("the metadata of a model must be a JSON object")
	}
	return checkTexts(checked{"the name of a model", m.Name, 1, maxName}, checked{"the metadata", string(m.Metadata), 0, maxText})
}

// SaveModel stores a model as the next version of its name.
func (s *Store) SaveModel(ctx context.Context, who Actor, m NewModel) (*ModelVersion, error) {
	const op = "save a model"
	if err := m.check(); err != nil {
		return nil, failed(ctx, op, err)
	}
	sum := sha256.Sum256(m.Body)
	v := &ModelVersion{
		Name: m.Name, Active: m.Activate, Metadata: m.Metadata, Size: int64(len(m.Body)), SHA256: hex.EncodeToString(sum[:]), CreatedBy: who.User,
	}
	err := s.bulk(ctx, op, func(t *tx) error {
		if _, err := t.lockChain(modelsTable); err != nil {
			return err
		}
		v.CreatedAt = t.now
		if err := t.get(&v.Version, "SELECT COALESCE(MAX(version), 0) + 1 FROM model_versions WHERE name = ?", m.Name); err != nil {
			return err
		}
		_, err := t.exec(`INSERT INTO model_versions (name, version, metadata, body, sha256, size, created_by, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, v.Name, v.Version, string(v.Metadata), m.Body, v.SHA256, v.Size, orNull(v.CreatedBy), v.CreatedAt)
		if err != nil {
			return err
		}
		if err := t.audit(who, change{table: modelsTable, record: v.record(), action: "INSERT", new: v}); err != nil || !m.Activate {
			return err
		}
		return t.activate(who, v.Name, v.Version)
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

func (v *ModelVersion) record() string { return fmt.Sprintf("%s/%d", v.Name, v.Version) }

// activate makes a version the active one. The chain of models is locked.
func (t *tx) activate(who Actor, name string, version int64) error {
	before, err := t.activeVersion(name)
	if err != nil || before == version {
		return err
	}
	if _, err := t.exec("INSERT INTO model_activations (name, version, created_at) VALUES (?, ?, ?)", name, version, t.now); err != nil {
		return err
	}
	return t.auditActivation(who, "ACTIVATE", name, before, version)
}

func (t *tx) auditActivation(who Actor, action, name string, before, after int64) error {
	return t.audit(who, change{
		table: modelsTable, record: name, action: action, old: map[string]int64{"version": before}, new: map[string]int64{"version": after},
	})
}

// activation is the condition of the activation that counts.
const activation = `id = (SELECT MAX(id) FROM model_activations WHERE name = ? AND rolled_back_at IS NULL)`

// activeVersion returns the active version of a name, 0 when there is none.
func (t *tx) activeVersion(name string) (version int64, err error) {
	err = t.get(&version, "SELECT version FROM model_activations WHERE "+activation, name)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return version, err
}

// ActivateModel makes a stored version the active one of its name.
func (s *Store) ActivateModel(ctx context.Context, who Actor, name string, version int64) error {
	return s.write(ctx, "activate a model", func(t *tx) error {
		if _, err := t.lockChain(modelsTable); err != nil {
			return err
		}
		var n int
		if err := t.get(&n, "SELECT COUNT(*) FROM model_versions WHERE name = ? AND version = ?", name, version); err != nil {
			return err
		}
		if n == 0 {
			return fault(ErrNotFound, "there is no version %d of %q", version, name)
		}
		return t.activate(who, name, version)
	})
}

// RollBackModel makes the version active again that was active before the
// current one, and returns it. Doing so again goes further back.
func (s *Store) RollBackModel(ctx context.Context, who Actor, name string) (version int64, err error) {
	err = s.write(ctx, "roll back a model", func(t *tx) error {
		if _, err := t.lockChain(modelsTable); err != nil {
			return err
		}
		before, err := t.activeVersion(name)
		if err != nil {
			return err
		}
		if _, err := t.exec("UPDATE model_activations SET rolled_back_at = ? WHERE "+activation, t.now, name); err != nil {
			return err
		}
		if version, err = t.activeVersion(name); err != nil {
			return err
		}
		if version == 0 {
			return fault(ErrNotFound, "there is no earlier active version of %q", name)
		}
		return t.auditActivation(who, "ROLLBACK", name, before, version)
	})
	if err != nil {
		return 0, err
	}
	return version, nil
}

// modelRow is a model as it is stored.
type modelRow struct {
	Name      string         `db:"name"`
	Version   int64          `db:"version"`
	Metadata  string         `db:"metadata"`
	Body      []byte         `db:"body"`
	SHA256    string         `db:"sha256"`
	Size      int64          `db:"size"`
	CreatedBy sql.NullString `db:"created_by"`
	CreatedAt moment         `db:"created_at"`
}

const modelColumns = "name, version, metadata, sha256, size, created_by, created_at"

func (r *modelRow) version(active int64) ModelVersion {
	return ModelVersion{r.Name, r.Version, r.Version == active, json.RawMessage(r.Metadata), r.Size, r.SHA256, r.CreatedBy.String, r.CreatedAt.Time}
}

// Models lists the versions of a name, the newest first.
func (s *Store) Models(ctx context.Context, name string, limit int) ([]ModelVersion, error) {
	const op = "list models"
	limit, err := pageSize(limit)
	if err != nil {
		return nil, failed(ctx, op, err)
	}
	list := []ModelVersion{}
	err = s.read(ctx, op, func(t *tx) error {
		active, err := t.activeVersion(name)
		if err != nil {
			return err
		}
		var rows []modelRow
		err = t.list(&rows, "SELECT "+modelColumns+" FROM model_versions WHERE name = ? ORDER BY version DESC LIMIT ?", name, limit)
		for _, r := range rows {
			list = append(list, r.version(active))
		}
		return err
	})
	return list, err
}

// Model reads a version of a name, the active one when version is 0. Bytes that
// are not those that were stored are an [ErrCorrupt].
func (s *Store) Model(ctx context.Context, name string, version int64) (*Model, error) {
	var m *Model
	err := s.scan(ctx, "read a model", func(t *tx) error {
		active, err := t.activeVersion(name)
		if err != nil {
			return err
		}
		if version == 0 {
			version = active
		}
		var row modelRow
		err = t.get(&row, "SELECT body, "+modelColumns+" FROM model_versions WHERE name = ? AND version = ?", name, version)
		if errors.Is(err, sql.ErrNoRows) {
			return fault(ErrNotFound, "there is no version %d of %q, where 0 is the active one", version, name)
		}
		if err != nil {
			return err
		}
		if sum := sha256.Sum256(row.Body); hex.EncodeToString(sum[:]) != row.SHA256 {
			return fault(ErrCorrupt, "the bytes of version %d of %q were changed", version, name)
		}
		m = &Model{row.version(active), row.Body}
		return nil
	})
	return m, err
}

// WatchModel calls use with the active version of a name, now and each time that
// it changes, until the context ends or use fails. It asks the database in
// intervals. While the database is not available it goes on with what it has. Who
// is to go on without a model that cannot be used returns nil from use.
func (s *Store) WatchModel(ctx context.Context, name string, every time.Duration, use func(*Model) error) error {
	const op = "watch a model"
	if every <= 0 {
		return failed(ctx, op, invalid("the interval must be positive, got %v", every))
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	var current int64
	for {
		version, err := s.ActiveModel(ctx, name)
		if err == nil && version != current && version != 0 {
			if err = s.useModel(ctx, name, version, use); err == nil {
				current = version
			}
		}
		if err != nil && !errors.Is(err, ErrUnavailable) {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return failed(ctx, op, ctx.Err())
		}
	}
}

func (s *Store) useModel(ctx context.Context, name string, version int64, use func(*Model) error) error {
	m, err := s.Model(ctx, name, version)
	if err != nil {
		return err
	}
	return use(m)
}

// ActiveModel returns the active version of a name, 0 when there is none. It
// costs one small query.
func (s *Store) ActiveModel(ctx context.Context, name string) (version int64, err error) {
	err = s.read(ctx, "find the active model", func(t *tx) error {
		version, err = t.activeVersion(name)
		return err
	})
	return version, err
}
