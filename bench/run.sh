#!/usr/bin/env bash
# Measures CohortLens beside its Python peers. With arguments it measures only
# the cases named; README.md in this folder says what they are.
set -euo pipefail
cd "$(dirname "$0")"

# The interpreter of the peers; the pins need Python 3.11 or newer.
python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
	printf 'bench: the peers need Python 3.11 or newer; name one with PYTHON=\n' >&2
	exit 2
fi
if ! cat requirements*.txt | cmp -s - .venv/installed.txt; then
	rm -rf .venv
	"$python" -m venv .venv
	install() { .venv/bin/pip install --quiet --disable-pip-version-check --requirement "$1"; }
	install requirements.txt
	install requirements-intelex.txt || printf 'bench: measuring without scikit-learn-intelex\n' >&2
	cat requirements*.txt >.venv/installed.txt
fi

mkdir -p .work/bin
go build -C .. -o bench/.work/bin/ ./adapters/cmd/cohortlens
for package in segment predict insights explain internal/tree; do
	go test -C .. -c -o "bench/.work/bin/$(basename "$package").test" "./$package"
done
go build -o .work/bin/ ./readcsv

"$python" -m unittest --quiet harness.test_agreement

# The harness runs on the bare interpreter: it must stay small, because a child
# process starts with the peak memory of its parent.
exec "$python" -m harness "$@"
