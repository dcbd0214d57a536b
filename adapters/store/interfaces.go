package store

import (
	"context"
	"time"

	"github.com/cohortlens/cohortlens/datasource"
)

// The interfaces below are what the rest of a program needs to know of a store:
// one for each topic, so that a caller asks for no more than it uses, and that
// something else than SQL can stand behind. [Store] implements all of them, and
// its methods say what those of the same names do. Package storetest checks an
// implementation, also one of some interfaces only.

// Backend is all of them together.
type Backend interface {
	CustomerStore
	ResultStore
	ModelStore
	AuditLogger
	UserStore
	ConsentStore
	CredentialStore
	ArtefactStore
	SubscriptionStore
	UsageMeter
}

// CustomerStore holds customers.
type CustomerStore interface {
	Customer(ctx context.Context, id string) (*Customer, error)
	Customers(ctx context.Context, afterRow int64, limit int) ([]Customer, error)
	CountCustomers(ctx context.Context) (int64, error)
	SaveCustomer(ctx context.Context, who Actor, c Customer) (created bool, err error)
	DeleteCustomer(ctx context.Context, who Actor, id string) error
	ImportCustomers(ctx context.Context, who Actor, t *datasource.Table, o ImportOptions) (*Import, error)
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

// UserStore holds users.
type UserStore interface {
	AddUser(ctx context.Context, who Actor, u NewUser) (*User, error)
	User(ctx context.Context, username string) (*User, error)
	Users(ctx context.Context, after string, limit int) ([]User, error)
	SetPassword(ctx context.Context, who Actor, username, password string) error
	SetActive(ctx context.Context, who Actor, username string, active bool) error
	SetRole(ctx context.Context, who Actor, username string, role Role) error
	Authenticate(ctx context.Context, username, password string) (*User, error)
}

// ConsentStore holds the consents of customers.
type ConsentStore interface {
	RegisterConsent(ctx context.Context, who Actor, c Consent) (*Consent, error)
	Consents(ctx context.Context, customerID, consentType string, limit int) ([]Consent, error)
	HasConsent(ctx context.Context, customerID, consentType string) (bool, error)
}

// CredentialStore holds verifiable credentials.
type CredentialStore interface {
	AddCredential(ctx context.Context, who Actor, c Credential) (*Credential, error)
	Credential(ctx context.Context, id int64) (*Credential, error)
	Credentials(ctx context.Context, did string, limit int) ([]Credential, error)
	RevokeCredential(ctx context.Context, who Actor, id int64) error
}

// ArtefactStore holds what was put into IPFS.
type ArtefactStore interface {
	AddArtefact(ctx context.Context, who Actor, a Artefact) (*Artefact, error)
	Artefact(ctx context.Context, cid string) (*Artefact, error)
	Artefacts(ctx context.Context, artefactType string, limit int) ([]Artefact, error)
}

// SubscriptionStore holds the subscriptions of tenants.
type SubscriptionStore interface {
	Subscribe(ctx context.Context, who Actor, n NewSubscription) (*Subscription, error)
	EndSubscription(ctx context.Context, who Actor, stripeID string) error
	Subscription(ctx context.Context, tenant string) (*Subscription, error)
	Subscriptions(ctx context.Context, tenant string, limit int) ([]Subscription, error)
	ApplyStripeEvent(ctx context.Context, e StripeEvent) (StripeEffect, error)
}

// UsageMeter counts calls.
type UsageMeter interface {
	CountCall(ctx context.Context, tenant, key string) error
	Usage(ctx context.Context, tenant string) (*Usage, error)
	ForgetKeys(ctx context.Context, before time.Time) (int64, error)
}

var _ Backend = (*Store)(nil)
