#!/usr/bin/env bash
# Checks formatting, vets and lints every module of the workspace. The linter's
# version is pinned in tools/go.mod, apart from the modules that users build.
set -euo pipefail
cd "$(dirname "$0")/.."

unformatted=$(gofmt -l .)
if [ -n "$unformatted" ]; then
	printf 'not formatted by gofmt:\n%s\n' "$unformatted" >&2
	exit 1
fi
go vet work

mkdir -p bin
GOWORK=off go build -C tools -o ../bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
for module in . adapters examples; do
	(cd "$module" && "$OLDPWD/bin/golangci-lint" run ./...)
done
