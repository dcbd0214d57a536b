-- What this project adds. Nothing is renamed or dropped.

-- +goose Up
CREATE INDEX IF NOT EXISTS cohortlens_segments_customer ON segments (customer_id);
CREATE INDEX IF NOT EXISTS cohortlens_predictions_customer ON predictions (customer_id);
CREATE INDEX IF NOT EXISTS cohortlens_consents_customer ON user_consents (customer_id);
CREATE INDEX IF NOT EXISTS cohortlens_credentials_did ON verifiable_credentials (did);
CREATE INDEX IF NOT EXISTS cohortlens_subscriptions_tenant ON subscriptions (tenant_id);
CREATE INDEX IF NOT EXISTS cohortlens_subscriptions_stripe ON subscriptions (stripe_subscription_id);

-- The hashes of bcrypt that are left: each login asks for the highest cost of them.
CREATE INDEX cohortlens_users_bcrypt ON users (SUBSTR(hashed_password, 5, 2)) WHERE SUBSTR(hashed_password, 1, 2) = '$2';

-- The role of a user who is no admin.
ALTER TABLE users ADD COLUMN role text;

-- The place of an entry in the chain of its table, and its hash over all of it and the hash before.
ALTER TABLE audit_log ADD COLUMN chain_seq integer;
ALTER TABLE audit_log ADD COLUMN chain_key text;
ALTER TABLE audit_log ADD COLUMN chain_hash text;
CREATE UNIQUE INDEX cohortlens_audit_chain ON audit_log (table_name, chain_seq);

-- The end of each chain.
CREATE TABLE audit_chains (
    table_name text PRIMARY KEY,
    entries integer NOT NULL,
    last_hash text NOT NULL,
    last_key text NOT NULL
);
CREATE TABLE audit_checkpoints (
    id integer PRIMARY KEY AUTOINCREMENT,
    body text NOT NULL,
    created_at timestamp NOT NULL
);

-- How many calls the last update of a counter granted, so that one statement counts and answers.
ALTER TABLE api_usage ADD COLUMN last_grant integer NOT NULL DEFAULT 0;
CREATE TABLE usage_keys (
    tenant_id text NOT NULL,
    idempotency_key text NOT NULL,
    created_at timestamp NOT NULL,
    PRIMARY KEY (tenant_id, idempotency_key)
);

CREATE TABLE model_versions (
    id integer PRIMARY KEY AUTOINCREMENT,
    name text NOT NULL,
    version integer NOT NULL,
    metadata text NOT NULL,
    body blob NOT NULL,
    sha256 text NOT NULL,
    size integer NOT NULL,
    created_by text,
    created_at timestamp NOT NULL,
    UNIQUE (name, version)
);
-- The version in use is that of the newest activation that was not rolled back.
CREATE TABLE model_activations (
    id integer PRIMARY KEY AUTOINCREMENT,
    name text NOT NULL,
    version integer NOT NULL,
    rolled_back_at timestamp,
    created_at timestamp NOT NULL,
    FOREIGN KEY (name, version) REFERENCES model_versions (name, version)
);
CREATE INDEX cohortlens_activations_name ON model_activations (name);

CREATE TABLE stripe_events (
    event_id text PRIMARY KEY,
    event_type text NOT NULL,
    effect text NOT NULL,
    stripe_subscription_id text,
    event_created_at timestamp NOT NULL,
    received_at timestamp NOT NULL
);
CREATE INDEX cohortlens_stripe_subscription ON stripe_events (stripe_subscription_id);
