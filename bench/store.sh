#!/usr/bin/env bash
# Measures the store on SQLite and on a PostgreSQL server of its own: calls of one
# tenant counted in a second by two processes of 64 callers each, and the import of
# 200,000 customers. PostgreSQL's server programs must be installed.
set -euo pipefail
cd "$(dirname "$0")/../adapters"
export COHORTLENS_REQUIRE_ALL=1
go test -run '^$' -bench '^BenchmarkUsage$' -benchtime 200000x -count "${1:-3}" ./store
go test -run '^$' -bench '^BenchmarkImport$' -benchtime 1x -count "${1:-3}" ./store
