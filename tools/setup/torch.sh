#!/usr/bin/env bash
# Installs the torch wheel, whose libtorch the training commands stand on, into .venv of the project; silent when it is
# there. BERTA_TORCH=FOLDER names an installed torch package instead, BERTA_TORCH=no does without; BERTA_INSTALL=no leaves
# the machine alone. What can't be installed is said and no error: everything but training builds without it.
# pip takes the wheel from where its own configuration says; there are wheels with and without CUDA.
set -euo pipefail
[ "${BERTA_INSTALL:-yes}" = no ] && exit 0
[ -n "${BERTA_TORCH:-}" ] && exit 0
version=2.13.0
venv=$(cd "$(dirname "$0")/../.." && pwd)/.venv
compgen -G "$venv/lib/python3*/site-packages/torch-$version*" >/dev/null && exit 0

echo "setup: installing torch $version for the training commands (BERTA_TORCH=no does without)"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { python3 -m venv "$venv" && "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "torch==$version"; } >"$log" 2>&1; then
  tail -n 3 "$log" >&2
  echo "setup: torch $version could not be installed, so the training commands are left out" >&2
fi
