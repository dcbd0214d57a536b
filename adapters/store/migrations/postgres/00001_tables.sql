-- The tables of the Python backend. Where they exist already, with rows, they stay.

-- +goose Up
-- New tables go into the first schema of the search path. They must not hide those of the Python backend in another one.
-- +goose StatementBegin
DO $$
DECLARE hidden text;
BEGIN
    SELECT n.nspname INTO hidden FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid IN (to_regclass('customers'), to_regclass('users'), to_regclass('audit_log')) AND n.nspname <> current_schema();
    IF hidden IS NOT NULL THEN
        RAISE EXCEPTION 'there are tables in the schema %, and new ones would hide them in the schema %: choose one by search_path in the URL',
            hidden, current_schema() USING ERRCODE = 'invalid_schema_name';
    END IF;
END $$;
-- +goose StatementEnd

CREATE TABLE IF NOT EXISTS customers (
    id bigserial PRIMARY KEY,
    customer_id text NOT NULL UNIQUE,
    gender text,
    age integer,
    annual_income numeric(12,2),
    spending_score integer,
    profession text,
    work_experience integer,
    family_size integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
);

CREATE TABLE IF NOT EXISTS segments (
    id bigserial PRIMARY KEY,
    customer_id text NOT NULL,
    cluster integer NOT NULL,
    model_version text,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS predictions (
    id bigserial PRIMARY KEY,
    customer_id text,
    predicted_spending numeric(10,2) NOT NULL,
    model_version text,
    features_snapshot text,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS audit_log (
    id bigserial PRIMARY KEY,
    table_name text NOT NULL,
    record_id text,
    action text NOT NULL,
    old_values text,
    new_values text,
    user_id text,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS user_consents (
    id bigserial PRIMARY KEY,
    customer_id text NOT NULL,
    consent_type text NOT NULL,
    granted boolean NOT NULL,
    verifiable_credential_id text,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS verifiable_credentials (
    id bigserial PRIMARY KEY,
    did text NOT NULL,
    credential_type text NOT NULL,
    payload text,
    revoked boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS ipfs_artifacts (
    id bigserial PRIMARY KEY,
    cid text NOT NULL UNIQUE,
    artifact_type text NOT NULL,
    metadata text,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS subscriptions (
    id bigserial PRIMARY KEY,
    tenant_id text NOT NULL,
    plan text NOT NULL,
    stripe_subscription_id text,
    limits text,
    starts_at timestamptz,
    ends_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS users (
    id bigserial PRIMARY KEY,
    username text NOT NULL UNIQUE,
    email text UNIQUE,
    hashed_password text NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    is_admin boolean NOT NULL DEFAULT false,
    tenant_id text,
    last_login timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS api_usage (
    id bigserial PRIMARY KEY,
    tenant_id text NOT NULL,
    month_key text NOT NULL,
    call_count bigint NOT NULL DEFAULT 0,
    last_called_at timestamptz,
    UNIQUE (tenant_id, month_key)
);
