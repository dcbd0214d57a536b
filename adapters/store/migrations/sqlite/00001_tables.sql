-- The tables of the Python backend. Where they exist already, with rows, they stay.

-- +goose Up
CREATE TABLE IF NOT EXISTS customers (
    id integer PRIMARY KEY AUTOINCREMENT,
    customer_id text NOT NULL UNIQUE,
    gender text,
    age integer,
    annual_income numeric(12,2),
    spending_score integer,
    profession text,
    work_experience integer,
    family_size integer,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    deleted_at timestamp
);

CREATE TABLE IF NOT EXISTS segments (
    id integer PRIMARY KEY AUTOINCREMENT,
    customer_id text NOT NULL,
    cluster integer NOT NULL,
    model_version text,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS predictions (
    id integer PRIMARY KEY AUTOINCREMENT,
    customer_id text,
    predicted_spending numeric(10,2) NOT NULL,
    model_version text,
    features_snapshot text,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS audit_log (
    id integer PRIMARY KEY AUTOINCREMENT,
    table_name text NOT NULL,
    record_id text,
    action text NOT NULL,
    old_values text,
    new_values text,
    user_id text,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS user_consents (
    id integer PRIMARY KEY AUTOINCREMENT,
    customer_id text NOT NULL,
    consent_type text NOT NULL,
    granted boolean NOT NULL,
    verifiable_credential_id text,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS verifiable_credentials (
    id integer PRIMARY KEY AUTOINCREMENT,
    did text NOT NULL,
    credential_type text NOT NULL,
    payload text,
    revoked boolean NOT NULL DEFAULT false,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS ipfs_artifacts (
    id integer PRIMARY KEY AUTOINCREMENT,
    cid text NOT NULL UNIQUE,
    artifact_type text NOT NULL,
    metadata text,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS subscriptions (
    id integer PRIMARY KEY AUTOINCREMENT,
    tenant_id text NOT NULL,
    plan text NOT NULL,
    stripe_subscription_id text,
    limits text,
    starts_at timestamp,
    ends_at timestamp,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS users (
    id integer PRIMARY KEY AUTOINCREMENT,
    username text NOT NULL UNIQUE,
    email text UNIQUE,
    hashed_password text NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    is_admin boolean NOT NULL DEFAULT false,
    tenant_id text,
    last_login timestamp,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS api_usage (
    id integer PRIMARY KEY AUTOINCREMENT,
    tenant_id text NOT NULL,
    month_key text NOT NULL,
    call_count integer NOT NULL DEFAULT 0,
    last_called_at timestamp,
    UNIQUE (tenant_id, month_key)
);
