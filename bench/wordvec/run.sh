#!/usr/bin/env bash
# Speed and memory of word-vector training: Berta against koan and word2vec.c on this machine. Builds the peers, writes
# the corpus, measures all in turns, and writes bench/results/wordvec.json and the tables of docs/wordvec.md.
# Usage: bench/wordvec/run.sh --data DIR [--build DIR] [--koan DIR] [--word2vec DIR] [--eigen DIR] [option of speed.py...]
# DIR/imdb holds the reviews (prepare_imdb.py); --koan and --word2vec take checkouts that are there instead of cloning;
# --help lists the options of speed.py.
set -euo pipefail
cd "$(dirname "$0")/../.."
. bench/wordvec/setup.sh

if [ -z "$help" ]; then
  make_corpus
  make_koan
  make_word2vec
  write_versions
  case " ${options[*]-} " in *" --berta "*) ;; *) make_berta ;; esac
fi
python3 bench/wordvec/speed.py --work "$work" --berta "$build/berta" ${options[@]+"${options[@]}"}
# Results that go elsewhere are no part of the page.
case "$help ${options[*]-} " in *yes* | *" --output "* | *" --documents "*) ;; *) python3 bench/wordvec/report.py ;; esac
