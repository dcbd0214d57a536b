package store

import (
	"context"
	"time"

	"github.com/cohortlens/cohortlens/datasource"
)

// The interfaces below are what the rest of a program needs to know of a store:
// one for each topic, so that a caller asks for no more than it uses, and that
// something else than SQL can stand behind. [Store] implements all of them;
// package storetest checks an implementation.

// Backend is all of them together.
type Backend interface {
	CustomerStore
	ResultStore
	ModelStore
	AuditLogger
}

// CustomerStore holds customers.
type CustomerStore interface {
	Customer(ctx context.Context, id string) (*Customer, error)
	Customers(ctx context.Context, afterRow int64, limit int) ([]Customer, error)
	CountCustomers(ctx context.Context) (int64, error)
	SaveCustomer(ctx context.Context, who Actor, c Customer) (created bool, err error)
	DeleteCustomer(ctx context.Context, who Actor, id string) error
	ImportCustomers(ctx context.Context, who Actor, t *datasource.Table, progress func(done, total int)) (*Import, error)
	CustomerSource() datasource.Source
}

// ResultStore holds segments and predictions.
type ResultStore interface {
	SaveSegments(ctx context.Context, who Actor, modelVersion string, list []SegmentAssignment) error
	SavePredictions(ctx context.Context, who Actor, list ...Prediction) error
	CustomerSegments(ctx context.Context, customerID string, limit int) ([]SegmentAssignment, error)
	CustomerPredictions(ctx context.Context, customerID string, limit int) ([]Prediction, error)
}

// ModelStore holds models and drift baselines as versions.
type ModelStore interface {
	SaveModel(ctx context.Context, who Actor, m NewModel) (*ModelVersion, error)
	Models(ctx context.Context, name string, limit int) ([]ModelVersion, error)
	Model(ctx context.Context, name string, version int64) (*Model, error)
	ActiveModel(ctx context.Context, name string) (version int64, err error)
	ActivateModel(ctx context.Context, who Actor, name string, version int64) error
	RollBackModel(ctx context.Context, who Actor, name string) (version int64, err error)
	WatchModel(ctx context.Context, name string, every time.Duration, use func(*Model) error) error
}

// AuditLogger tells what was changed, and whether that account is whole.
type AuditLogger interface {
	AuditLog(ctx context.Context, f AuditFilter) ([]AuditEntry, error)
	VerifyAudit(ctx context.Context, kept ...Checkpoint) (*Verification, error)
	Checkpoint(ctx context.Context, who Actor) (*Checkpoint, error)
}

var _ Backend = (*Store)(nil)
