-- Customers with further columns than those of the customer table.

-- +goose Up
-- What is in these columns: a JSON object of numbers and texts by name.
ALTER TABLE customers ADD COLUMN attributes text;

-- The columns of the table that the customers make, in order. Without rows they are those of the customer table.
CREATE TABLE customer_columns (
    name text PRIMARY KEY,
    position integer NOT NULL,
    -- id, numeric, categorical or text; unknown while no customer has a value.
    kind text NOT NULL,
    -- Whether the values are in customers.attributes, or in a column of that table.
    attribute boolean NOT NULL
);

-- What a list of models shows: in the rows themselves some of it stands after the bytes, which would all be walked through.
CREATE INDEX cohortlens_models_listed ON model_versions (name, version, metadata, sha256, size, created_by, created_at);
