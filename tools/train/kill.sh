#!/usr/bin/env bash
# Trains small models straight, and again with kill -9 at random moments and --resume, and compares the weights' sha256.
# Usage: tools/train/kill.sh BERTA CORPUS_TEXT LABELLED_TSV [TRIALS]     the TSV has the label in column 1, the text in 2
set -euo pipefail
cd "$(dirname "$0")/../.."
berta=$(realpath "$1") text=$(realpath "$2") labelled=$(realpath "$3") trials=${4:-100}
model=$PWD/models/sentiment
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"$berta" corpus prepare --quiet --input "$text" --tokenizer "$model" --output corpus --held-out 0.02
cat >config.json <<'J'
{"model_type": "deberta-v2", "hidden_size": 96, "num_hidden_layers": 3, "num_attention_heads": 3, "intermediate_size": 192,
 "relative_attention": true, "pos_att_type": "p2c|c2p", "position_buckets": 256, "norm_rel_ebd": "layer_norm",
 "share_att_key": true, "position_biased_input": false, "max_position_embeddings": 512, "type_vocab_size": 0}
J
pretrain=(pretrain --corpus corpus --tokenizer "$model" --config config.json --max-steps 40 --batch-size 8 --max-length 64
  --learning-rate 1e-3 --warmup 10)
finetune=(finetune "$model" --train "$labelled" --text-column 2 --label-column 1 --dev-share 0.02 --max-samples 400
  --epochs 2 --batch-size 16 --max-length 48)

arguments() {  # arguments KIND: fills `words`
  case $1 in
    mlm) words=("${pretrain[@]}" --objective mlm --accumulation 2) ;;
    gdes | es | none) words=("${pretrain[@]}" --objective rtd --embedding-sharing "$1") ;;
    finetune) words=("${finetune[@]}" --accumulation 2) ;;
    bf16) words=("${finetune[@]}" --bf16 --ema-decay 0.9) ;;
    sift) words=("${finetune[@]}" --sift-weight 1) ;;
    lora) words=("${finetune[@]}" --lora-rank 4) ;;
  esac
}
weights() { (cd "$1" && find . -name '*.safetensors' | sort | xargs sha256sum); }

kinds=(mlm gdes es none finetune bf16 sift lora)
equal=0 kills=0
for kind in "${kinds[@]}"; do
  arguments "$kind"
  "$berta" "${words[@]}" --quiet --output "straight-$kind" >/dev/null
done
for ((trial = 0; trial < trials; ++trial)); do
  kind=${kinds[trial % ${#kinds[@]}]}
  arguments "$kind"
  rm -rf killed
  until [ -e killed/report.html ]; do
    status=0
    # In a shell of its own, whose word that a child was killed goes nowhere.
    (timeout -s KILL "$(awk -v r=$RANDOM 'BEGIN { print 0.4 + r / 32768 * 4 }')" \
      "$berta" "${words[@]}" --quiet --output killed --resume --checkpoint-steps 3 >/dev/null 2>error.txt; exit $?) \
      2>/dev/null || status=$?
    [ $status -ne 137 ] || kills=$((kills + 1))
    [ $status -eq 0 ] || [ $status -eq 137 ] || { cat error.txt >&2; exit 1; }
  done
  if [ "$(weights killed)" = "$(weights "straight-$kind")" ]; then equal=$((equal + 1)); else echo "trial $trial, $kind: DIFFERS" >&2; fi
done
echo "$equal of $trials trials equal, $kills kills"
[ "$equal" -eq "$trials" ]
