#!/usr/bin/env bash
# Line coverage of src/io and src/tokenizer by the whole test suite; exits 1 under 90%.
# Usage: tools/coverage.sh [GCOVR_FLAG...]     e.g. tools/coverage.sh --html-details build/coverage/report.html
set -euo pipefail
cd "$(dirname "$0")/.."
tools/setup/install.sh debian fuzz

# Counters are atomic: threads would make some of them negative, which gcovr refuses.
build=build/coverage
cmake -S . -B $build -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS="-O0 --coverage -fprofile-update=atomic" --log-level=WARNING >/dev/null
ninja -C $build --quiet
find $build -name '*.gcda' -delete
ctest --test-dir $build -j"$(nproc)" --output-on-failure -E '^package$' | tail -n 4
gcovr --root . --filter src/io/ --filter src/tokenizer/ --fail-under-line 90 "$@" $build
