#!/usr/bin/env bash
# What pretraining brings a small model at equal compute: no pretraining, MLM, MLM with the Enhanced Mask Decoder, RTD with
# shared (ES) and with gradient-disentangled (GDES) embeddings, each $MINUTES (40) minutes on two cores, then five tasks over
# three seeds, SiFT on two of them, and questions. Every part goes on where it was stopped; tools/train/study_table.py makes
# the tables of docs/training.md.
# $SAMPLES (0: all) are the examples that fine-tuning takes of a task's.
# Usage: [MINUTES=40] [SAMPLES=0] tools/train/study.sh BERTA DATA WORK [corpus|pretrain|finetune|sift|questions]...
# DATA: a folder with imdb, eltec, sst2, cola, mrpc, stsb, wikiann-en and squad1.1, each packed as tasks() and corpus() read it
set -euo pipefail
[ $# -ge 3 ] || { echo "usage: $0 BERTA DATA WORK [STAGE]..." >&2; exit 2; }
berta=$(realpath "$1") data=$(realpath "$2")
mkdir -p "$3" && cd "$3"
shift 3
[ $# -gt 0 ] || set -- corpus pretrain finetune sift questions
minutes=${MINUTES:-40} samples=${SAMPLES:-0}

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

one_pretraining() {  # one_pretraining NAME MILLISECONDS_OF_A_STEP OPTION...
  local name=$1 steps=$((minutes * 60000 / $2))
  shift 2
  [ ! -e "$name/report.html" ] || return 0
  "$berta" pretrain --bf16 --corpus corpus --tokenizer tokenizer --config config.json --max-steps "$steps" --batch-size 32 \
    --max-length 128 --learning-rate 1e-3 --warmup 0.08 --output "$name" --log-every 50 --evaluate-steps 1000 \
    --checkpoint-minutes 5 --resume --quiet --seed 1 "$@"
}

pretrain() {  # the milliseconds of a step were measured in turns on an idle machine
  one_pretraining emd 375 --objective mlm
  one_pretraining gdes 558 --objective rtd --embedding-sharing gdes
  one_pretraining mlm 343 --objective mlm --mlm-decoder plain
  one_pretraining es 558 --objective rtd --embedding-sharing es
  # Random weights: one step that moves nothing.
  minutes=1 one_pretraining none 60000 --objective mlm --mlm-decoder plain --learning-rate 1e-30
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

one_task() {  # one_task MODEL SEED TASK[-VARIANT] OPTION...
  local model=$1 seed=$2 task=$3 folder=$1
  shift 3
  local out=results/$model-$task-$seed
  [ ! -e "$out/eval_results.json" ] || return 0
  [ ! -d "$model/discriminator" ] || folder=$model/discriminator
  local data=(--max-samples "$samples" --train "tasks/${task%%-*}-train.tsv" --dev "tasks/${task%%-*}-dev.tsv" --label-column 1 --text-column 2)
  case $task in
    mrpc*) data+=(--pair-column 3 --metric f1) ;;
    stsb) data+=(--pair-column 3 --task regression) ;;
    cola) data+=(--metric matthews_correlation) ;;
    wikiann) data=(--task token --word-prefix en: --train tasks/wikiann-train.conll --dev tasks/wikiann-dev.conll) ;;
  esac
  "$berta" finetune "$folder" --tokenizer tokenizer --bf16 --batch-size 32 --learning-rate 3e-4 --warmup 0.1 --epochs 3 \
    --max-length 128 --seed "$seed" --checkpoint-minutes 0 --quiet --output "$out" "${data[@]}" "$@"
  rm -f "$out"/*.safetensors  # 75 models, and only their figures are wanted
}

finetune() {
  tasks
  local model seed task
  for seed in 1 2 3; do
    for task in sst2 cola mrpc stsb wikiann; do
      for model in none mlm emd es gdes; do
        [ ! -e "$model/report.html" ] || one_task "$model" "$seed" "$task"
      done
    done
  done
}

sift() {  # Microsoft's settings, on two tasks; finetune() has the same without
  tasks
  local seed task
  for seed in 1 2 3; do
    for task in sst2 mrpc; do one_task emd "$seed" "$task-sift" --sift-weight 5; done
  done
}

questions() {  # SQuAD 1.1: 32 of the 39 articles to train on, 7 to judge by
  [ ! -e results/squad/eval_results.json ] || return 0
  python3 - "$data/squad1.1/train.json.gz" <<'P'
import gzip, json, pathlib, sys
articles = json.load(gzip.open(sys.argv[1]))["data"]
for name, part in ("train", articles[:32]), ("dev", articles[32:]):
    pathlib.Path(f"squad-{name}.json").write_text(json.dumps({"version": "1.1", "data": part}))
P
  "$berta" finetune emd --task qa --tokenizer tokenizer --bf16 --train squad-train.json --dev squad-dev.json --batch-size 32 \
    --max-length 256 --stride 64 --learning-rate 3e-4 --warmup 0.1 --epochs 2 --seed 1 --checkpoint-minutes 5 --resume --quiet \
    --output results/squad
}

for stage in "$@"; do "$stage"; done
