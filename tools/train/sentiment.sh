#!/usr/bin/env bash
# How models/sentiment is made: a pretrained model of tools/train/study.sh, then labelled reviews and sentences, then sentences
# alone. No sentence that it is judged by is trained on (sentiment_data.py), and none chooses a model: the last weights are
# taken. Every part goes on where it was stopped.
# Usage: tools/train/sentiment.sh BERTA DATA STUDY WORK     DATA as for study.sh, and mr; STUDY: what study.sh wrote
set -euo pipefail
[ $# -eq 4 ] || { echo "usage: $0 BERTA DATA STUDY WORK" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
berta=$(realpath "$1") data=$(realpath "$2") study=$(realpath "$3")
mkdir -p "$4" && cd "$4"

train() {  # train MODEL OUTPUT OPTION...
  [ ! -e "$2/report.html" ] || return 0
  "$berta" finetune "$1" --tokenizer "$study/tokenizer" --output "$2" --labels negative,positive --label-column 1 \
    --text-column 2 --max-length 128 --bf16 --batch-size 32 --warmup 0.1 --seed 1 --checkpoint-minutes 5 --resume --quiet \
    --save-dtype f16 "${@:3}"
}

right() {  # right FILE: how many of its sentences the model labels rightly
  "$berta" classify sentiment --input "$1" --label-column label --max-length 128 --format table | tail -1
}

[ -e data/clean.tsv ] || "$here/sentiment_data.py" "$data" data
train "$study/emd" reviews --train data/sentences.tsv --train data/reviews.tsv --epochs 1 --learning-rate 4e-4
train reviews sentiment --train data/sentences.tsv --epochs 3 --learning-rate 1e-4
printf 'SST-2 dev: %s\nof these what MR lacks: %s\n' "$(right data/dev.tsv)" "$(right data/clean.tsv)"
