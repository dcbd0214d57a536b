#!/usr/bin/env bash
# Makes the pictures of the README: the report on the sample data, as Chromium
# shows it.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go run ./adapters/cmd/cohortlens run --output "$work/report.html" --figures "$work/figures" >/dev/null
chromium --headless --no-sandbox --disable-gpu --no-first-run --hide-scrollbars \
	--disable-background-networking --disable-component-update --disable-sync --user-data-dir="$work/profile" \
	--window-size=1100,1180 --screenshot="$PWD/docs/report.png" "file://$work/report.html" 2>/dev/null
cp "$work/figures/clusters.png" docs/clusters.png
