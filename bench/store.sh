#!/usr/bin/env bash
# Measures the store on SQLite and on a PostgreSQL server of its own: calls of one
# tenant counted in a second by two processes of 64 callers each, and the import of
# 200,000 customers. PostgreSQL's server programs must be installed. The figures go
# to .work/store.txt too, from where run.sh takes them into docs/benchmarks.md.
set -euo pipefail
cd "$(dirname "$0")"
export COHORTLENS_REQUIRE_ALL=1
mkdir -p .work
{
	printf 'On %s, at commit %s.\n\n' "$(date +%F)" "$(git rev-parse --short HEAD)"
	go test -C ../adapters -run '^$' -bench '^BenchmarkUsage$' -benchtime 200000x -count "${1:-3}" ./store
	go test -C ../adapters -run '^$' -bench '^BenchmarkImport$' -benchtime 1x -count "${1:-3}" ./store
} | tee .work/store.new
mv .work/store.new .work/store.txt
