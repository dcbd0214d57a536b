package store

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cohortlens/cohortlens/datasource"
)

// The tables as the Python backend makes them, in the two ways that its
// description leaves open: by deployment/init_neon.sql, and by SQLAlchemy's
// create_all with its own types. The rows are what that backend would have
// written.
const pythonNeon = `
CREATE TABLE customers (id SERIAL PRIMARY KEY, customer_id VARCHAR(50) UNIQUE NOT NULL, gender VARCHAR(20), age INTEGER,
	annual_income NUMERIC(12,2), spending_score INTEGER, profession VARCHAR(100), work_experience INTEGER, family_size INTEGER,
	created_at TIMESTAMPTZ DEFAULT NOW(), updated_at TIMESTAMPTZ DEFAULT NOW(), deleted_at TIMESTAMPTZ);
CREATE TABLE segments (id SERIAL PRIMARY KEY, customer_id VARCHAR(50) NOT NULL, cluster INTEGER NOT NULL,
	model_version VARCHAR(50), created_at TIMESTAMPTZ DEFAULT NOW());
CREATE TABLE predictions (id SERIAL PRIMARY KEY, customer_id VARCHAR(50), predicted_spending NUMERIC(10,2) NOT NULL,
	model_version VARCHAR(50), features_snapshot TEXT, created_at TIMESTAMPTZ DEFAULT NOW());
CREATE TABLE audit_log (id SERIAL PRIMARY KEY, table_name VARCHAR(100) NOT NULL, record_id VARCHAR(100), action VARCHAR(20) NOT NULL,
	old_values JSONB, new_values JSONB, user_id VARCHAR(100), created_at TIMESTAMPTZ DEFAULT NOW());
CREATE TABLE user_consents (id SERIAL PRIMARY KEY, customer_id VARCHAR(50) NOT NULL, consent_type VARCHAR(50) NOT NULL,
	granted BOOLEAN NOT NULL, verifiable_credential_id VARCHAR(255), created_at TIMESTAMPTZ DEFAULT NOW());
CREATE TABLE verifiable_credentials (id SERIAL PRIMARY KEY, did VARCHAR(255) NOT NULL, credential_type VARCHAR(100) NOT NULL,
	payload JSONB, revoked BOOLEAN DEFAULT FALSE, created_at TIMESTAMPTZ DEFAULT NOW());
CREATE TABLE ipfs_artifacts (id SERIAL PRIMARY KEY, cid VARCHAR(100) UNIQUE NOT NULL, artifact_type VARCHAR(50) NOT NULL,
	metadata JSONB, created_at TIMESTAMPTZ DEFAULT NOW());
CREATE TABLE subscriptions (id SERIAL PRIMARY KEY, tenant_id VARCHAR(100) NOT NULL, plan VARCHAR(50) NOT NULL,
	stripe_subscription_id VARCHAR(100), limits JSONB, starts_at TIMESTAMPTZ, ends_at TIMESTAMPTZ, created_at TIMESTAMPTZ DEFAULT NOW());
CREATE TABLE users (id SERIAL PRIMARY KEY, username VARCHAR(100) UNIQUE NOT NULL, email VARCHAR(255) UNIQUE, hashed_password VARCHAR(255) NOT NULL,
	is_active BOOLEAN DEFAULT TRUE, is_admin BOOLEAN DEFAULT FALSE, tenant_id VARCHAR(100), last_login TIMESTAMPTZ, created_at TIMESTAMPTZ DEFAULT NOW());
CREATE TABLE api_usage (id SERIAL PRIMARY KEY, tenant_id VARCHAR(100) NOT NULL, month_key VARCHAR(7) NOT NULL, call_count INTEGER DEFAULT 0,
	last_called_at TIMESTAMPTZ, UNIQUE (tenant_id, month_key));
`

// pythonAlchemy is what create_all makes on either database: times without a
// zone, in UTC, and IDs of customers as numbers.
const pythonAlchemy = `
CREATE TABLE customers (id SERIAL NOT NULL, customer_id INTEGER NOT NULL, gender VARCHAR(20), age INTEGER,
	annual_income NUMERIC(12, 2), spending_score INTEGER, profession VARCHAR(100), work_experience INTEGER, family_size INTEGER,
	created_at TIMESTAMP, updated_at TIMESTAMP, deleted_at TIMESTAMP, PRIMARY KEY (id), UNIQUE (customer_id));
CREATE TABLE segments (id SERIAL NOT NULL, customer_id INTEGER NOT NULL, cluster INTEGER NOT NULL, model_version VARCHAR(50), created_at TIMESTAMP, PRIMARY KEY (id));
CREATE TABLE predictions (id SERIAL NOT NULL, customer_id INTEGER, predicted_spending NUMERIC(10, 2), model_version VARCHAR(50),
	features_snapshot TEXT, created_at TIMESTAMP, PRIMARY KEY (id));
CREATE TABLE audit_log (id SERIAL NOT NULL, table_name VARCHAR(100) NOT NULL, record_id VARCHAR(100), action VARCHAR(20) NOT NULL,
	old_values TEXT, new_values TEXT, user_id VARCHAR(100), created_at TIMESTAMP, PRIMARY KEY (id));
CREATE TABLE user_consents (id SERIAL NOT NULL, customer_id INTEGER NOT NULL, consent_type VARCHAR(50) NOT NULL, granted BOOLEAN NOT NULL,
	verifiable_credential_id INTEGER, created_at TIMESTAMP, PRIMARY KEY (id));
CREATE TABLE verifiable_credentials (id SERIAL NOT NULL, did VARCHAR(255) NOT NULL, credential_type VARCHAR(100) NOT NULL, payload TEXT,
	revoked BOOLEAN, created_at TIMESTAMP, PRIMARY KEY (id));
CREATE TABLE ipfs_artifacts (id SERIAL NOT NULL, cid VARCHAR(100) NOT NULL, artifact_type VARCHAR(50) NOT NULL, metadata TEXT, created_at TIMESTAMP,
	PRIMARY KEY (id), UNIQUE (cid));
CREATE TABLE subscriptions (id SERIAL NOT NULL, tenant_id VARCHAR(100) NOT NULL, plan VARCHAR(50) NOT NULL, stripe_subscription_id VARCHAR(100),
	limits TEXT, starts_at TIMESTAMP, ends_at TIMESTAMP, created_at TIMESTAMP, PRIMARY KEY (id));
CREATE TABLE users (id SERIAL NOT NULL, username VARCHAR(100) NOT NULL, email VARCHAR(255), hashed_password VARCHAR(255) NOT NULL, is_active BOOLEAN,
	is_admin BOOLEAN, tenant_id VARCHAR(100), last_login TIMESTAMP, created_at TIMESTAMP, PRIMARY KEY (id), UNIQUE (username), UNIQUE (email));
CREATE TABLE api_usage (id SERIAL NOT NULL, tenant_id VARCHAR(100) NOT NULL, month_key VARCHAR(7) NOT NULL, call_count INTEGER,
	last_called_at TIMESTAMP, PRIMARY KEY (id), UNIQUE (tenant_id, month_key));
`

// pythonHash is bcrypt of "s3cret!" at cost 4:
// python3 -c "import bcrypt; print(bcrypt.hashpw(b's3cret!', bcrypt.gensalt(4)))" with bcrypt 5.0.0.
const pythonHash = "$2b$04$eEYUfnimETBadHVIAjiBJO.X8ADuq9zky74SsiYvayJKuvWTlIwrq"

const pythonRows = `
INSERT INTO customers (customer_id, gender, age, annual_income, spending_score, profession, work_experience, family_size, created_at, updated_at, deleted_at) VALUES
	('1', 'Male', 19, 15000, 39, 'Healthcare', 1, 4, '2025-03-01 10:00:00.123456', '2025-03-01 10:00:00.123456', NULL),
	('2', 'Female', 21, 35000.5, 81, NULL, 3, 3, '2025-03-01 10:00:00', '2025-03-02 10:00:00', NULL),
	('3', 'Female', 40, 61000, 5, 'Artist', 7, 1, '2025-03-01 10:00:00', '2025-03-01 10:00:00', '2025-04-01 00:00:00');
INSERT INTO segments (customer_id, cluster, model_version, created_at) VALUES ('1', 0, 'v1', '2025-03-03 00:00:00'), ('2', 1, 'v1', '2025-03-03 00:00:00');
INSERT INTO predictions (customer_id, predicted_spending, model_version, features_snapshot, created_at)
	VALUES ('1', 47.25, 'v1', '{"age": 19}', '2025-03-03 00:00:00'), (NULL, 50, 'v1', NULL, '2025-03-03 00:00:00');
INSERT INTO audit_log (table_name, record_id, action, old_values, new_values, user_id, created_at) VALUES
	('customers', '1', 'INSERT', NULL, '{"age": 19, "gender": "Male"}', 'ann', '2025-03-01 10:00:00.5'),
	('user_consents', '1', 'INSERT', NULL, '{"granted": true}', NULL, '2025-03-01 11:00:00'),
	('customers', '3', 'DELETE', '{"age": 40}', NULL, 'ann', '2025-04-01 00:00:00');
INSERT INTO verifiable_credentials (did, credential_type, payload, revoked, created_at) VALUES ('did:key:z6Mk', 'consent', '{"a": 1}', FALSE, '2025-03-01 10:00:00');
INSERT INTO user_consents (customer_id, consent_type, granted, verifiable_credential_id, created_at) VALUES
	('1', 'marketing', FALSE, NULL, '2025-03-01 10:00:00'), ('1', 'marketing', TRUE, '1', '2025-03-05 10:00:00');
INSERT INTO ipfs_artifacts (cid, artifact_type, metadata, created_at) VALUES ('bafy1', 'report', '{"pages": 3}', '2025-03-01 10:00:00');
INSERT INTO subscriptions (tenant_id, plan, stripe_subscription_id, limits, starts_at, ends_at, created_at) VALUES
	('acme', 'basic', 'sub_1', NULL, '2025-01-01 00:00:00', '2025-02-01 00:00:00', '2025-01-01 00:00:00'),
	('acme', 'professional', 'sub_2', '{"max_api_calls_per_month": 7, "max_customers": null}', '2025-02-01 00:00:00', NULL, '2025-02-01 00:00:00');
INSERT INTO users (username, email, hashed_password, is_active, is_admin, tenant_id, last_login, created_at) VALUES
	('ann', 'ann@example.com', '` + pythonHash + `', TRUE, TRUE, 'acme', NULL, '2025-01-01 00:00:00'),
	('bob', NULL, '` + pythonHash + `', FALSE, FALSE, 'acme', '2025-02-02 00:00:00', '2025-01-01 00:00:00');
INSERT INTO api_usage (tenant_id, month_key, call_count, last_called_at) VALUES ('acme', '2025-03', 42, '2025-03-03 00:00:00');
`

// pythonDatabases makes databases as that backend leaves them.
var pythonDatabases = map[string]struct{ kind, script string }{
	"postgres, init_neon":  {"postgres", pythonNeon},
	"postgres, SQLAlchemy": {"postgres", pythonAlchemy},
	"sqlite, SQLAlchemy":   {"sqlite", strings.NewReplacer("SERIAL NOT NULL", "INTEGER NOT NULL", "TIMESTAMP", "DATETIME").Replace(pythonAlchemy)},
}

// onPython runs a test on an adopted database of each kind.
func onPython(t *testing.T, test func(t *testing.T, s *Store)) {
	for name, d := range pythonDatabases {
		t.Run(name, func(t *testing.T) {
			url := databases[d.kind](t)
			pythonMakes(t, url, d.kind, d.script+pythonRows)
			test(t, open(t, url, Options{AuditKey: testKey}))
		})
	}
}

var testKey = []byte("a key of at least thirty-two bytes")

func pythonMakes(t *testing.T, url, driver, script string) {
	t.Helper()
	db, err := sql.Open(driver, strings.TrimPrefix(url, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	if driver == "postgres" {
		script = "SET TIME ZONE 'UTC';\n" + script
	}
	for statement := range strings.SplitSeq(script, ";\n") {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%v in %s", err, statement)
		}
	}
}

func TestPythonDatabaseIsAdopted(t *testing.T) {
	onPython(t, func(t *testing.T, s *Store) {
		t.Run("customers", func(t *testing.T) { checkPythonCustomers(t, s) })
		t.Run("results", func(t *testing.T) { checkPythonResults(t, s) })
		t.Run("consents", func(t *testing.T) { checkPythonConsents(t, s) })
		t.Run("plans", func(t *testing.T) { checkPythonPlans(t, s) })
		t.Run("users", func(t *testing.T) { checkPythonUsers(t, s) })
		t.Run("audit", func(t *testing.T) { checkPythonAudit(t, s) })
	})
}

func checkPythonCustomers(t *testing.T, s *Store) {
	table, err := datasource.Load(t.Context(), s.CustomerSource())
	if err != nil || table.Rows() != 2 {
		t.Fatalf("got %v, %v; want the two who were not deleted", table, err)
	}
	var cells []string
	for _, c := range table.Columns() {
		cells = append(cells, c.Cell(0)+" "+c.Cell(1))
	}
	want := []string{"1 2", "Male Female", "19 21", "15000 35000.5", "39 81", "Healthcare ", "1 3", "4 3"}
	if !slices.Equal(cells, want) {
		t.Errorf("got %q, want %q", cells, want)
	}
	if created, err := s.SaveCustomer(t.Context(), Actor{}, Customer{CustomerID: strings.Repeat("x", maxName), Age: pointer(30)}); err != nil || !created {
		t.Errorf("a long ID: got %v, %v", created, err)
	}
	if created, err := s.SaveCustomer(t.Context(), Actor{}, Customer{CustomerID: "2", Age: pointer(22)}); err != nil || created {
		t.Errorf("a known customer: got %v, %v", created, err)
	}
	if err := s.DeleteCustomer(t.Context(), Actor{}, "1"); err != nil {
		t.Error(err)
	}
	out, err := s.ImportCustomers(t.Context(), Actor{}, table, ImportOptions{})
	if err != nil || out.Inserted != 0 || out.Updated != 2 {
		t.Errorf("an import of both: got %+v, %v", out, err)
	}
}

func pointer(v int64) *int64 { return &v }

func checkPythonResults(t *testing.T, s *Store) {
	segments, err := s.CustomerSegments(t.Context(), "2", 0)
	if err != nil || len(segments) != 1 || segments[0].Cluster != 1 || segments[0].ModelVersion != "v1" || !segments[0].CreatedAt.Equal(time.Date(2025, 3, 3, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("got %+v, %v", segments, err)
	}
	predictions, err := s.CustomerPredictions(t.Context(), "1", 0)
	if err != nil || len(predictions) != 1 || predictions[0].PredictedSpending != 47.25 || string(predictions[0].Features) != `{"age": 19}` {
		t.Errorf("got %+v, %v", predictions, err)
	}
	more := Prediction{CustomerID: strings.Repeat("y", maxName), PredictedSpending: 1, ModelVersion: strings.Repeat("v", maxName)}
	if err := s.SavePredictions(t.Context(), Actor{}, more, Prediction{PredictedSpending: 2, ModelVersion: "v2"}); err != nil {
		t.Error(err)
	}
	if err := s.SaveSegments(t.Context(), Actor{}, "v2", []SegmentAssignment{{CustomerID: "A12"}}); err != nil {
		t.Error(err)
	}
	if all, err := s.CustomerPredictions(t.Context(), "", 0); err != nil || len(all) != 2 {
		t.Errorf("for nobody: got %+v, %v", all, err)
	}
}

func checkPythonConsents(t *testing.T, s *Store) {
	consents, err := s.Consents(t.Context(), "1", "marketing", 0)
	if err != nil || len(consents) != 2 || !consents[0].Granted || consents[0].CredentialID != "1" || consents[1].CredentialID != "" {
		t.Errorf("got %+v, %v", consents, err)
	}
	credentials, err := s.Credentials(t.Context(), "did:key:z6Mk", 0)
	if err != nil || len(credentials) != 1 || string(credentials[0].Payload) != `{"a": 1}` {
		t.Fatalf("got %+v, %v", credentials, err)
	}
	if err := s.RevokeCredential(t.Context(), Actor{}, credentials[0].ID); err != nil {
		t.Error(err)
	}
	if _, err := s.RegisterConsent(t.Context(), Actor{}, Consent{CustomerID: "A12", Type: "marketing", CredentialID: "urn:x"}); err != nil {
		t.Error(err)
	}
	if a, err := s.Artefact(t.Context(), "bafy1"); err != nil || string(a.Metadata) != `{"pages": 3}` {
		t.Errorf("got %+v, %v", a, err)
	}
	if _, err := s.AddArtefact(t.Context(), Actor{}, Artefact{CID: "bafy2", Type: "x", Metadata: []byte(`{"b":2}`)}); err != nil {
		t.Error(err)
	}
}

func checkPythonPlans(t *testing.T, s *Store) {
	sub, err := s.Subscription(t.Context(), "acme")
	if err != nil || sub.Plan != (Plan{Name: "professional", MaxCalls: 7, MaxCustomers: 10_000}) || sub.StripeID != "sub_2" {
		t.Errorf("got %+v, %v", sub, err)
	}
	if history, err := s.Subscriptions(t.Context(), "acme", 0); err != nil || len(history) != 2 || history[1].EndsAt.IsZero() {
		t.Errorf("got %+v, %v", history, err)
	}
	var granted int
	for range 9 {
		err := s.CountCall(t.Context(), "acme", "")
		if err == nil {
			granted++
		} else if !errors.Is(err, ErrLimit) {
			t.Fatal(err)
		}
	}
	if granted != 7 {
		t.Errorf("%d calls were granted, want 7", granted)
	}
	if _, err := s.Subscribe(t.Context(), Actor{}, NewSubscription{Tenant: "acme", Plan: "basic", MaxCalls: pointer(1 << 40)}); err != nil {
		t.Fatal(err)
	}
	if err := s.CountCall(t.Context(), "acme", ""); err != nil {
		t.Error(err)
	}
	var old int64
	if err := s.pool.GetContext(t.Context(), &old, "SELECT call_count FROM api_usage WHERE month_key = '2025-03'"); err != nil || old != 42 {
		t.Errorf("the count of an earlier month: got %d, %v", old, err)
	}
}

func checkPythonUsers(t *testing.T, s *Store) {
	users, err := s.Users(t.Context(), "", 0)
	if err != nil || len(users) != 2 || users[0].Role != Admin || users[1].Role != Analyst || users[1].Active || users[1].LastLogin.IsZero() {
		t.Errorf("got %+v, %v", users, err)
	}
	if err := s.SetRole(t.Context(), Actor{}, "bob", Viewer); err != nil {
		t.Error(err)
	}
	if _, err := s.AddUser(t.Context(), Actor{}, NewUser{Username: "cleo", Password: "long enough"}); err != nil {
		t.Error(err)
	}
}

func checkPythonAudit(t *testing.T, s *Store) {
	entries, err := s.AuditLog(t.Context(), AuditFilter{Limit: 1000})
	if err != nil || len(entries) < 3 {
		t.Fatalf("got %v, %v", entries, err)
	}
	oldest := entries[len(entries)-1]
	if oldest.Table != "customers" || string(oldest.New) != `{"age": 19, "gender": "Male"}` || oldest.User != "ann" || oldest.Old != nil ||
		oldest.CreatedAt.Format(timeLayout) != "2025-03-01 10:00:00.500000" {
		t.Errorf("got %+v", oldest)
	}
	if v := verify(t, s); !v.Intact || !v.Keyed {
		t.Errorf("%+v", v)
	}
	tamper(t, s, "UPDATE audit_log SET user_id = 'eve' WHERE id = 1")
	if v := verify(t, s); v.Problems != 1 {
		t.Errorf("an old entry was changed: %+v", v)
	}
}

// TestPythonTablesAreNotHidden: with the search path that a server has by itself, a
// schema with the name of the user comes before the one of the tables.
func TestPythonTablesAreNotHidden(t *testing.T) {
	mine, theirs := databases["postgres"](t), databases["postgres"](t)
	pythonMakes(t, theirs, "postgres", pythonNeon+pythonRows)
	schema := theirs[strings.LastIndex(theirs, "=")+1:]
	_, err := Open(t.Context(), mine+","+schema, Options{})
	wantKind(t, "tables in a later schema", err, ErrNoDatabase)
	s := open(t, theirs, Options{})
	if n, err := s.CountCustomers(t.Context()); err != nil || n != 2 {
		t.Errorf("got %d customers, %v", n, err)
	}
}
