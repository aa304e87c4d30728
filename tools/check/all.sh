#!/usr/bin/env bash
# All checks of the sources, the cheap ones first. Usage: tools/check/all.sh BUILD_FOLDER
set -euo pipefail
cd "$(dirname "$0")/../.."

run() {
  local start=$SECONDS
  "$@" || { echo "check failed: $*" >&2; exit 1; }
  echo "$(basename "$1"): fine ($((SECONDS - start)) s)"
}

run tools/check/format.sh
run tools/check/includes.py
run tools/check/sources.py
run tools/check/headers.sh
run tools/check/lint.sh "${1:-build}"
