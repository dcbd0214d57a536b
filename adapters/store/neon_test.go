package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cohortlens/cohortlens/datasource"
)

// The tables of a database that the Python backend runs on, as it makes them in
// fact: by deployment/init_neon.sql or, where that was not run, by create_schema
// of data/db.py, which adds what is missing; api_usage by api/usage.py. (SQLite
// cannot run them.)
const (
	neonInit = `
CREATE TABLE customers (id SERIAL PRIMARY KEY, customer_id VARCHAR(50) UNIQUE NOT NULL, gender VARCHAR(20),
	age INTEGER CHECK (age >= 18 AND age <= 100), annual_income NUMERIC(12,2) NOT NULL,
	spending_score INTEGER CHECK (spending_score >= 0 AND spending_score <= 100), profession VARCHAR(100),
	work_experience INTEGER CHECK (work_experience >= 0), family_size INTEGER CHECK (family_size > 0),
	created_at TIMESTAMPTZ DEFAULT NOW(), updated_at TIMESTAMPTZ DEFAULT NOW(), deleted_at TIMESTAMPTZ);
CREATE INDEX idx_customers_created_at ON customers(created_at);
` + neonTables

	neonSchema = `
CREATE TABLE customers (id SERIAL NOT NULL, customer_id VARCHAR(50) NOT NULL, gender VARCHAR(20), age INTEGER, annual_income NUMERIC(12, 2) NOT NULL,
	spending_score INTEGER, profession VARCHAR(100), work_experience INTEGER, family_size INTEGER, created_at TIMESTAMPTZ DEFAULT NOW(),
	updated_at TIMESTAMPTZ DEFAULT NOW(), deleted_at TIMESTAMPTZ, PRIMARY KEY (id));
CREATE UNIQUE INDEX ix_customers_customer_id ON customers (customer_id);
` + neonTables

	neonTables = `
CREATE TABLE segments (id SERIAL PRIMARY KEY, customer_id VARCHAR(50) NOT NULL, cluster INTEGER NOT NULL, model_version VARCHAR(50), created_at TIMESTAMPTZ DEFAULT NOW());
CREATE TABLE predictions (id SERIAL PRIMARY KEY, customer_id VARCHAR(50) NOT NULL, predicted_spending NUMERIC(10,2) NOT NULL,
	model_version VARCHAR(50), features_snapshot TEXT, created_at TIMESTAMPTZ DEFAULT NOW());
CREATE TABLE audit_log (id SERIAL PRIMARY KEY, table_name VARCHAR(100) NOT NULL, record_id VARCHAR(100), action VARCHAR(20),
	old_values TEXT, new_values TEXT, user_id VARCHAR(100), created_at TIMESTAMPTZ DEFAULT NOW());
CREATE TABLE user_consents (id SERIAL PRIMARY KEY, customer_id VARCHAR(50) NOT NULL, consent_type VARCHAR(100) NOT NULL,
	granted BOOLEAN NOT NULL, verifiable_credential_id VARCHAR(255), created_at TIMESTAMPTZ DEFAULT NOW());
CREATE TABLE verifiable_credentials (id SERIAL PRIMARY KEY, did VARCHAR(255) NOT NULL, credential_type VARCHAR(100), payload TEXT,
	revoked BOOLEAN DEFAULT FALSE, created_at TIMESTAMPTZ DEFAULT NOW());
CREATE TABLE ipfs_artifacts (id SERIAL PRIMARY KEY, cid VARCHAR(100) UNIQUE NOT NULL, artifact_type VARCHAR(50), metadata TEXT, created_at TIMESTAMPTZ DEFAULT NOW());
CREATE TABLE subscriptions (id SERIAL PRIMARY KEY, tenant_id VARCHAR(100) NOT NULL, plan VARCHAR(50) NOT NULL, stripe_subscription_id VARCHAR(255),
	limits TEXT, starts_at TIMESTAMPTZ, ends_at TIMESTAMPTZ, created_at TIMESTAMPTZ DEFAULT NOW());
CREATE TABLE users (id SERIAL NOT NULL, username VARCHAR(100) NOT NULL, email VARCHAR(255) NOT NULL, hashed_password VARCHAR(255) NOT NULL,
	is_active BOOLEAN DEFAULT true, is_admin BOOLEAN DEFAULT false, tenant_id VARCHAR(100), last_login TIMESTAMP, created_at TIMESTAMP DEFAULT NOW(),
	PRIMARY KEY (id), UNIQUE (email));
CREATE UNIQUE INDEX ix_users_username ON users (username);
CREATE TABLE api_usage (id SERIAL PRIMARY KEY, tenant_id VARCHAR(100) NOT NULL, month_key VARCHAR(7) NOT NULL, call_count INTEGER NOT NULL DEFAULT 0,
	last_called_at TIMESTAMP DEFAULT NOW(), UNIQUE(tenant_id, month_key));
INSERT INTO customers (customer_id, gender, age, annual_income, spending_score, profession, work_experience, family_size)
	VALUES ('1', 'Male', 19, 15000.0, 39, 'nan', 1, 4);
INSERT INTO verifiable_credentials (did) VALUES ('did:key:z6Mk');
INSERT INTO ipfs_artifacts (cid) VALUES ('bafy1');
INSERT INTO audit_log (table_name) VALUES ('reports');
INSERT INTO users (username, email, hashed_password, tenant_id) VALUES ('ann', '', '` + pythonHash + `', 'ann');
INSERT INTO subscriptions (tenant_id, plan, stripe_subscription_id, limits) VALUES ('ann', 'enterprise', '', '` + pythonEnterprise + `');
`
)

// TestNeonDatabaseIsAdopted does on such a database what its own rules would
// refuse: they are those of one program, and rows without a value, or with one
// that is out of its range and was kept, are stored on every other database.
func TestNeonDatabaseIsAdopted(t *testing.T) {
	for name, script := range map[string]string{"init_neon.sql": neonInit, "create_schema": neonSchema,
		"create_schema, in local time": strings.ReplaceAll(neonSchema, "TIMESTAMPTZ", "TIMESTAMP")} {
		t.Run(name, func(t *testing.T) {
			url := databases["postgres"](t)
			pythonMakes(t, url, "postgres", script)
			s := open(t, url, Options{AuditKey: testKey})
			checkNeonReads(t, s)
			checkNeonWrites(t, s)
			if v := verify(t, s); !v.Intact {
				t.Errorf("%+v", v)
			}
		})
	}
}

func checkNeonReads(t *testing.T, s *Store) {
	t.Helper()
	if list, err := s.Credentials(t.Context(), "did:key:z6Mk", 0); err != nil || len(list) != 1 || list[0].Type != "" || list[0].Payload != nil {
		t.Errorf("got %+v, %v", list, err)
	}
	if list, err := s.Artefacts(t.Context(), "", 0); err != nil || len(list) != 1 || list[0].Type != "" {
		t.Errorf("got %+v, %v", list, err)
	}
	if list, err := s.AuditLog(t.Context(), AuditFilter{}); err != nil || len(list) != 1 || list[0].Action != "" {
		t.Errorf("got %+v, %v", list, err)
	}
	if u, err := s.Authenticate(t.Context(), "ann", "s3cret!"); err != nil || u.Role != Analyst || u.Tenant != "ann" {
		t.Errorf("got %+v, %v", u, err)
	}
	if err := s.CountCall(t.Context(), "ann", ""); err != nil {
		t.Errorf("enterprise: %v", err)
	}
}

func checkNeonWrites(t *testing.T, s *Store) {
	t.Helper()
	for i := range 2 {
		if _, err := s.AddUser(t.Context(), Actor{}, NewUser{Username: fmt.Sprint("bob", i), Password: "long enough"}); err != nil {
			t.Errorf("a user without an address: %v", err)
		}
	}
	if err := s.SavePredictions(t.Context(), Actor{}, Prediction{PredictedSpending: 50, ModelVersion: "v1"}); err != nil {
		t.Errorf("a prediction for nobody that is known: %v", err)
	}
	csv := "CustomerID,Gender,Age,Annual Income ($),Spending Score (1-100),Profession,Work Experience,Family Size\n1,Male,5,,101,,-1,0\n2,,,1,,,,\n"
	table, err := datasource.Load(t.Context(), datasource.NewCSVBytes("customers.csv", []byte(csv), datasource.CSVConfig{}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ImportCustomers(t.Context(), Actor{}, table, ImportOptions{}); err != nil {
		t.Errorf("a customer who breaks the rules and was kept: %v", err)
	}
}

// neonStatements are what the Python backend runs where it stores something.
const neonStatements = `
INSERT INTO customers (customer_id, gender, age, annual_income, spending_score, profession, work_experience, family_size)
	VALUES ('1', 'Male', 20, 1.5, 39, 'nan', 1, 4) ON CONFLICT (customer_id) DO UPDATE SET age = EXCLUDED.age, updated_at = NOW();
INSERT INTO segments (customer_id, cluster, model_version) VALUES ('1', 0, 'v1.0.0');
INSERT INTO predictions (customer_id, predicted_spending, model_version, features_snapshot) VALUES ('api_ann', 50.5, 'v1.0.0', NULL);
INSERT INTO user_consents (customer_id, consent_type, granted, verifiable_credential_id) VALUES ('1', 'marketing', TRUE, NULL);
INSERT INTO users (username, email, hashed_password, tenant_id, is_admin) VALUES ('py', 'py@example.com', '` + pythonHash + `', 'py', FALSE);
UPDATE users SET last_login = NOW() WHERE username = 'py';
INSERT INTO subscriptions (tenant_id, plan, stripe_subscription_id, limits, starts_at, ends_at) VALUES ('py', 'enterprise', '', '` + pythonEnterprise + `', NULL, NULL);
INSERT INTO api_usage (tenant_id, month_key, call_count, last_called_at) VALUES ('py', '2025-01', 1, NOW())
	ON CONFLICT (tenant_id, month_key) DO UPDATE SET call_count = api_usage.call_count + 1, last_called_at = NOW();
`

// TestPythonBackendWritesHere lets that backend go on beside this one, on a
// database that it made and on one that is new.
func TestPythonBackendWritesHere(t *testing.T) {
	for name, script := range map[string]string{"new": "", "adopted": neonInit} {
		t.Run(name, func(t *testing.T) {
			url := databases["postgres"](t)
			if script != "" {
				pythonMakes(t, url, "postgres", script)
			}
			s := open(t, url, Options{})
			pythonMakes(t, url, "postgres", neonStatements)
			if c, err := s.Customer(t.Context(), "1"); err != nil || c.Age == nil || *c.Age != 20 {
				t.Errorf("got %+v, %v", c, err)
			}
			if ok, err := s.HasConsent(t.Context(), "1", "marketing"); err != nil || !ok {
				t.Errorf("got %v, %v", ok, err)
			}
			if u, err := s.Authenticate(t.Context(), "py", "s3cret!"); err != nil || !u.Active || u.Role != Analyst {
				t.Errorf("got %+v, %v", u, err)
			}
			if sub, err := s.Subscription(t.Context(), "py"); err != nil || sub.MaxCalls != Unlimited {
				t.Errorf("got %+v, %v", sub, err)
			}
		})
	}
}
