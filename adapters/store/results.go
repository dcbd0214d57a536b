package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"math"
	"strings"
	"time"
)

// SegmentAssignment says in which segment a customer is, by which model.
type SegmentAssignment struct {
	CustomerID   string    `json:"customer_id"`
	Cluster      int64     `json:"cluster"`
	ModelVersion string    `json:"model_version"`
	CreatedAt    time.Time `json:"created_at"`
}

// Prediction is a predicted spending with what it was computed from.
type Prediction struct {
	// CustomerID is empty for someone who is no customer yet.
	CustomerID        string  `json:"customer_id,omitempty"`
	PredictedSpending float64 `json:"predicted_spending"`
	ModelVersion      string  `json:"model_version"`
	// Features is the JSON of the values that the model was given.
	Features  json.RawMessage `json:"features_snapshot,omitempty"`
	CreatedAt time.Time       `json:"created_at"`
}

const (
	segmentsTable    = "segments"
	predictionsTable = "predictions"
	// groupRows is how many rows one statement inserts.
	groupRows = 500
)

// SaveSegments stores the assignments of one model: all of them or none. Their
// own versions and times are ignored. The audit log has one entry for them.
func (s *Store) SaveSegments(ctx context.Context, who Actor, modelVersion string, list []SegmentAssignment) error {
	const op = "save segments"
	if err := checkText("the model version", modelVersion, 1, maxName); err != nil {
		return failed(ctx, op, err)
	}
	for i, a := range list {
		if err := checkText("the customer ID", a.CustomerID, 1, maxName); err != nil {
			return failed(ctx, op, invalidAt(i, err))
		}
		if a.Cluster < -1 || a.Cluster > mostWhole {
			return failed(ctx, op, invalidAt(i, invalid("the cluster must be from -1 to %d, got %d", mostWhole, a.Cluster)))
		}
	}
	return s.batch(ctx, op, func(t *tx) error {
		if _, err := t.lockChain(segmentsTable); err != nil {
			return err
		}
		err := t.insertMany("segments (customer_id, cluster, model_version, created_at)", len(list), func(i int) []any {
			return []any{list[i].CustomerID, list[i].Cluster, modelVersion, t.now}
		})
		if err != nil {
			return err
		}
		return t.audit(who, change{table: segmentsTable, action: "INSERT", new: map[string]any{"model_version": modelVersion, "rows": len(list)}})
	})
}

// SavePredictions stores predictions: all of them or none. Their times are
// ignored, and amounts rounded to cents. The audit log has one entry for them.
func (s *Store) SavePredictions(ctx context.Context, who Actor, list ...Prediction) error {
	const op = "save predictions"
	for i, p := range list {
		if err := p.check(); err != nil {
			return failed(ctx, op, invalidAt(i, err))
		}
	}
	if len(list) == 0 {
		return nil
	}
	return s.batch(ctx, op, func(t *tx) error {
		if _, err := t.lockChain(predictionsTable); err != nil {
			return err
		}
		const columns = "predictions (customer_id, predicted_spending, model_version, features_snapshot, created_at)"
		err := t.insertMany(columns, len(list), func(i int) []any {
			p := list[i]
			return []any{orNull(p.CustomerID), math.Round(p.PredictedSpending*100) / 100, p.ModelVersion, orNull(string(p.Features)), t.now}
		})
		if err != nil {
			return err
		}
		c := change{table: predictionsTable, action: "INSERT", new: map[string]any{"rows": len(list), "model_version": list[0].ModelVersion}}
		if len(list) == 1 {
			c.record, c.new = list[0].CustomerID, list[0]
		}
		return t.audit(who, c)
	})
}

func (p *Prediction) check() error {
	const most = 99_999_999.99 // numeric(10,2)
	if math.IsNaN(p.PredictedSpending) || math.Abs(p.PredictedSpending) > most {
		return invalid("the predicted spending must be a number of at most %.2f, got %v", most, p.PredictedSpending)
	}
	if len(p.Features) > 0 && !json.Valid(p.Features) {
		return invalid("the features must be JSON")
	}
	return checkTexts(checked{"the customer ID", p.CustomerID, 0, maxName}, checked{"the model version", p.ModelVersion, 1, maxName},
		checked{"the features", string(p.Features), 0, maxText})
}

func invalidAt(i int, err error) error { return fault(ErrInvalid, "element %d: %w", i, err) }

// insertMany inserts n rows by few statements.
func (t *tx) insertMany(into string, n int, row func(i int) []any) error {
	for start := 0; start < n; start += groupRows {
		end := min(start+groupRows, n)
		var args []any
		for i := start; i < end; i++ {
			args = append(args, row(i)...)
		}
		marks := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(args)/(end-start)), ", ") + ")"
		query := "INSERT INTO " + into + " VALUES " + strings.TrimSuffix(strings.Repeat(marks+", ", end-start), ", ")
		if _, err := t.exec(query, args...); err != nil {
			return err
		}
	}
	return nil
}

// CustomerSegments lists the segments that a customer was in, the newest first.
func (s *Store) CustomerSegments(ctx context.Context, customerID string, limit int) ([]SegmentAssignment, error) {
	var rows []struct {
		CustomerID string         `db:"customer_id"`
		Cluster    int64          `db:"cluster"`
		Version    sql.NullString `db:"model_version"`
		CreatedAt  moment         `db:"created_at"`
	}
	err := s.ofCustomer(ctx, "list segments", &rows, "SELECT customer_id, cluster, model_version, created_at FROM segments", customerID, limit)
	list := make([]SegmentAssignment, len(rows))
	for i, r := range rows {
		list[i] = SegmentAssignment{r.CustomerID, r.Cluster, r.Version.String, r.CreatedAt.Time}
	}
	return list, err
}

// CustomerPredictions lists the predictions for a customer, the newest first; ""
// lists those for nobody.
func (s *Store) CustomerPredictions(ctx context.Context, customerID string, limit int) ([]Prediction, error) {
	var rows []struct {
		CustomerID sql.NullString  `db:"customer_id"`
		Predicted  sql.NullFloat64 `db:"predicted_spending"`
		Version    sql.NullString  `db:"model_version"`
		Features   exactText       `db:"features_snapshot"`
		CreatedAt  moment          `db:"created_at"`
	}
	const query = "SELECT customer_id, predicted_spending, model_version, features_snapshot, created_at FROM predictions"
	err := s.ofCustomer(ctx, "list predictions", &rows, query, customerID, limit)
	list := make([]Prediction, len(rows))
	for i, r := range rows {
		list[i] = Prediction{r.CustomerID.String, r.Predicted.Float64, r.Version.String, rawJSON(r.Features), r.CreatedAt.Time}
	}
	return list, err
}

// ofCustomer reads the newest rows of one customer, or of nobody.
func (s *Store) ofCustomer(ctx context.Context, op string, rows any, query, customerID string, limit int) error {
	limit, err := pageSize(limit)
	if err == nil {
		err = checkText("the customer ID", customerID, 0, maxName)
	}
	if err != nil {
		return failed(ctx, op, err)
	}
	where, args := " WHERE customer_id = ?", []any{customerID, limit}
	if customerID == "" {
		where, args = " WHERE customer_id IS NULL", []any{limit}
	}
	return s.read(ctx, op, func(t *tx) error { return t.list(rows, query+where+" ORDER BY id DESC LIMIT ?", args...) })
}
