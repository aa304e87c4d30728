#!/usr/bin/env bash
# Installs a built berta into a folder of its own, builds README's C++ example against it, and runs it.
# Usage: tests/package/run.sh BUILD_FOLDER
set -euo pipefail
build=$(realpath "$1")
cd "$(dirname "$0")/../.."
work=$build/package
rm -rf "$work"
mkdir -p "$work"

cmake --install "$build" --prefix "$work/prefix" >"$work/install.log"
awk '/^<!-- example: cpp -->/ { marked = 1; next }
     marked && /^```cpp/ { inside = 1; next }
     inside && /^```/ { exit }
     inside' README.md >"$work/example.cc"
[ -s "$work/example.cc" ] || { echo "README.md has no C++ block after '<!-- example: cpp -->'" >&2; exit 1; }

setting() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
sanitize=$(setting BERTA_SANITIZE)
cmake -S tests/package -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$work/prefix" \
  -DCMAKE_CXX_COMPILER="$(setting CMAKE_CXX_COMPILER)" -DCMAKE_CXX_FLAGS="${sanitize:+-fsanitize=$sanitize}" \
  -DPROGRAM="$work/example.cc" >"$work/configure.log" || { cat "$work/configure.log" >&2; exit 1; }
cmake --build "$work/build" -- --quiet
"$work/build/example"
