#!/usr/bin/env bash
# The main job on real text: labels forty film reviews with the embedded model and counts the right ones.
# Usage: tools/demo.sh BERTA
set -euo pipefail
berta=$(realpath "$1")
cd "$(dirname "$0")/.."
set -- "$berta" classify models/sentiment --input models/demo/reviews.tsv --label-column label --format table
echo "\$ ${1/#$PWD\//} ${*:2}"
exec "$@"
