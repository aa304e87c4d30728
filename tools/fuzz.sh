#!/usr/bin/env bash
# Builds the libFuzzer targets with clang and runs one. New inputs grow in build/fuzz/corpus/NAME; a finding is
# written to build/fuzz/findings: mend it, then keep the file in tests/corpus/NAME, which the tests run again.
# Usage: tools/fuzz.sh NAME SECONDS [LIBFUZZER_FLAG...]     e.g. tools/fuzz.sh safetensors 1200
set -euo pipefail
cd "$(dirname "$0")/.."
if [ $# -lt 2 ]; then
  echo "usage: tools/fuzz.sh NAME SECONDS; NAME is one of:" >&2
  ls fuzz | sed -n 's/_fuzz\.cc$//p' >&2
  exit 2
fi
name=$1 seconds=$2
shift 2
tools/setup/install.sh debian fuzz

build=build/fuzz
cmake -S . -B $build -G Ninja -DCMAKE_CXX_COMPILER=clang++-16 -DBERTA_FUZZ=ON -DBERTA_TESTS=OFF \
  -DBERTA_SANITIZE=address,undefined --log-level=WARNING >/dev/null
ninja -C $build "${name}_fuzz"
mkdir -p "$build/corpus/$name" $build/findings "tests/corpus/$name"
exec "$build/fuzz/${name}_fuzz" "$build/corpus/$name" "tests/corpus/$name" -max_total_time="$seconds" -timeout=5 \
  -rss_limit_mb=1024 -malloc_limit_mb=512 -print_final_stats=1 -artifact_prefix="$build/findings/$name-" "$@"
