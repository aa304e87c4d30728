#!/usr/bin/env bash
# Quality of word vectors: a grid of updates and learning rates, then equal time, then three seeds of the best. Writes
# bench/results/wordvec-quality.json and the tables of docs/wordvec.md.
# Usage: bench/wordvec/quality.sh --data DIR [--build DIR] [option of quality.py...]
# DIR holds imdb (prepare_imdb.py), word-similarity and sst2; --help lists the options of quality.py.
set -euo pipefail
cd "$(dirname "$0")/../.."
. bench/wordvec/setup.sh

if [ -z "$help" ]; then
  make_corpus
  case " ${options[*]-} " in *" --berta "*) ;; *) make_berta ;; esac
fi
python3 bench/wordvec/quality.py --work "$work" --data "$data" --berta "$build/berta" ${options[@]+"${options[@]}"}
# Results that go elsewhere are no part of the page.
case "$help ${options[*]-} " in *yes* | *" --output "* | *" --documents "*) ;; *) python3 bench/wordvec/report.py ;; esac
