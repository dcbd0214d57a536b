#!/usr/bin/env bash
# Runs each fuzz target of the workspace for a short while, 10 seconds or as the
# first argument says. What it finds goes to testdata/fuzz, to be kept. (Making an
# interesting input smaller may take a minute: it gets few tries, or none would be
# left for new inputs.)
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-10s}
go list -f '{{.Dir}}' work | while read -r dir; do
	{ grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$dir"/*_test.go 2>/dev/null || true; } | sed 's/^func //' | while read -r target; do
		echo "$target in ${dir#"$PWD"/}"
		(cd "$dir" && go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 10x .)
	done
done
