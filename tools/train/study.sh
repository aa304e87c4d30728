#!/usr/bin/env bash
# What pretraining brings a small model at equal compute: no pretraining, MLM, MLM with the Enhanced Mask Decoder, RTD with
# shared (ES) and with gradient-disentangled (GDES) embeddings, each 40 minutes on two cores, then five tasks over three
# seeds. Every part goes on where it was stopped; tools/train/study_table.py makes the table of docs/training.md.
# Usage: tools/train/study.sh BERTA DATA WORK [corpus|pretrain|finetune]...     DATA: see data() below
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
berta=$(realpath "$1") data=$(realpath "$2")
mkdir -p "$3" && cd "$3"
shift 3
[ $# -gt 0 ] || set -- corpus pretrain finetune

corpus() {  # IMDB's reviews without their labels, and ELTeC's English novels
  [ ! -e corpus/corpus.json ] || return 0
  { for part in train test; do zcat "$data/imdb/$part.tsv.gz" | tail -n +2 | cut -f2-; done
    zcat "$data/imdb/unlabelled.txt.gz"; } >imdb.txt
  "$berta" tokenizer train --input imdb.txt --input "$data/eltec/novels.txt.gz" --output tokenizer --vocab-size 8000 \
    --max-sentences 200000 --quiet
  "$berta" corpus prepare --input imdb.txt --input "$data/eltec/novels.txt.gz" --tokenizer tokenizer --output corpus \
    --held-out 0.01 --quiet
  cat >config.json <<'J'
{"model_type": "deberta-v2", "hidden_size": 192, "num_hidden_layers": 4, "num_attention_heads": 3, "intermediate_size": 768,
 "relative_attention": true, "pos_att_type": "p2c|c2p", "position_buckets": 256, "norm_rel_ebd": "layer_norm",
 "share_att_key": true, "position_biased_input": false, "max_position_embeddings": 512, "type_vocab_size": 0}
J
}

one_pretraining() {  # one_pretraining NAME STEPS OPTION...
  local name=$1 steps=$2
  shift 2
  [ ! -e "$name/report.html" ] || return 0
  "$berta" pretrain --bf16 --corpus corpus --tokenizer tokenizer --config config.json --max-steps "$steps" --batch-size 32 \
    --max-length 128 --learning-rate 1e-3 --warmup 500 --output "$name" --log-every 50 --evaluate-steps 1000 \
    --checkpoint-minutes 5 --resume --quiet --seed 1 "$@"
}

pretrain() {
  # 2,400 s over the seconds of a step, measured in turns on an idle machine: 0.338, 0.377, 0.561, 0.550.
  one_pretraining emd 6400 --objective mlm
  one_pretraining gdes 4300 --objective rtd --embedding-sharing gdes
  one_pretraining mlm 7000 --objective mlm --mlm-decoder plain
  one_pretraining es 4300 --objective rtd --embedding-sharing es
  # Random weights: one step that moves nothing.
  one_pretraining none 1 --objective mlm --mlm-decoder plain --learning-rate 1e-30
}

tasks() {  # the tasks' files as label, text, text
  [ ! -e tasks/done ] || return 0
  mkdir -p tasks
  local part
  for part in train dev; do
    zcat "$data/sst2/$part.tsv.gz" >tasks/sst2-$part.tsv
    zcat "$data/cola/$part.tsv.gz" | awk -F'\t' -v OFS='\t' '{ print $2, $1 }' >tasks/cola-$part.tsv
    zcat "$data/stsb/$part.tsv.gz" | cut -f5-7 >tasks/stsb-$part.tsv
    zcat "$data/mrpc/${part/dev/test}.tsv.gz" | tail -n +2 | cut -f1,4,5 | tr -d '\r' >tasks/mrpc-$part.tsv
    zcat "$data/wikiann-en/$part.conll.gz" | awk 'BEGIN { RS = ""; ORS = "\n\n" } NR <= 5000' >tasks/wikiann-$part.conll
  done
  touch tasks/done
}

one_task() {  # one_task MODEL SEED TASK OPTION...
  local model=$1 seed=$2 task=$3 folder=$1
  shift 3
  local out=results/$model-$task-$seed
  [ ! -e "$out/eval_results.json" ] || return 0
  [ ! -d "$model/discriminator" ] || folder=$model/discriminator
  "$berta" finetune "$folder" --tokenizer tokenizer --batch-size 32 --learning-rate 3e-4 --warmup 0.1 --seed "$seed" \
    --max-length 128 --checkpoint-minutes 0 --quiet --output "$out" "$@"
  rm -f "$out"/*.safetensors  # 75 models, and only their figures are wanted
}

finetune() {
  tasks
  local model seed
  for seed in 1 2 3; do
    for model in none mlm emd es gdes; do
      [ -e "$model/report.html" ] || continue
      one_task "$model" "$seed" sst2 --train tasks/sst2-train.tsv --dev tasks/sst2-dev.tsv --label-column 1 --text-column 2 \
        --epochs 4
      one_task "$model" "$seed" cola --train tasks/cola-train.tsv --dev tasks/cola-dev.tsv --label-column 1 --text-column 2 \
        --epochs 6 --metric matthews_correlation
      one_task "$model" "$seed" mrpc --train tasks/mrpc-train.tsv --dev tasks/mrpc-dev.tsv --label-column 1 --text-column 2 \
        --pair-column 3 --epochs 6 --metric f1
      one_task "$model" "$seed" stsb --task regression --train tasks/stsb-train.tsv --dev tasks/stsb-dev.tsv \
        --label-column 1 --text-column 2 --pair-column 3 --epochs 6
      one_task "$model" "$seed" wikiann --task token --train tasks/wikiann-train.conll --dev tasks/wikiann-dev.conll \
        --word-prefix en: --epochs 6
    done
  done
}

for stage in "$@"; do "$stage"; done
