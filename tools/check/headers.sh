#!/usr/bin/env bash
# Each public header compiles alone, with nothing but include/ in reach. Usage: tools/check/headers.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
for header in include/berta/*.h; do
  [ -e "$header" ] || continue
  ${CXX:-g++} -std=c++20 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -Iinclude -x c++ - <<<"#include <${header#include/}>"
done
