#!/usr/bin/env bash
# Layout of all C++ sources after .clang-format. Usage: tools/check/format.sh [--fix]
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ "${1:-}" = --fix ]; then how=(-i); else how=(--dry-run --Werror); fi
git ls-files -z --cached --others --exclude-standard '*.cc' '*.h' |
  xargs -0 -r -n 20 -P 2 clang-format-14 --style=file "${how[@]}"
