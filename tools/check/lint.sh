#!/usr/bin/env bash
# clang-tidy over the project's own sources (not the tests). Usage: tools/check/lint.sh BUILD_FOLDER [FILE...]
# Without files all but src/train, where libtorch's headers make each file many times as dear as others:
# tools/check/lint.sh build src/train/*/*.cc
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$1
shift
# A description of the build without precompiled headers: g++'s are nothing to clang.
cmake -S . -B "$build/lint" -G Ninja --log-level=ERROR -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DBERTA_TESTS=OFF \
  -DBERTA_TORCH="$(sed -n 's/^BERTA_TORCH:[A-Z]*=//p' "$build/CMakeCache.txt")" >/dev/null
build=$build/lint
if [ $# -gt 0 ]; then files=("$@"); else mapfile -t files < <(git ls-files 'src/*.cc' ':!src/train'); fi
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "$(nproc)" \
  clang-tidy-16 -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option 2>/dev/null
