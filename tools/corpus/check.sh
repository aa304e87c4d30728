#!/bin/sh
# Opens every file of the malformed corpus in a process of its own: each must be refused by a UserError within
# 50 ms of CPU time and 64 MB of memory, the process's start included.
# Usage: tools/corpus/check.sh [build/tests/corpus_judge]
judge=${1:-build/tests/corpus_judge}
for path in "$(dirname "$0")"/../../tests/corpus/fail/*/*; do
  "$judge" "$path" || echo "0 ms	0 KB	died with status $? on $path"
done | awk -F '\t' '
  { files++; time = $1 + 0; memory = $2 + 0 }
  time > slowest { slowest = time }
  memory > largest { largest = memory }
  $3 !~ /^refused: / || time > 50 || memory > 65536 { bad++; print }
  END {
    printf "malformed files %d, refused in bounds %d, slowest %.1f ms, largest %.1f MB\n",
           files, files - bad, slowest, largest / 1024
    exit bad > 0 || files == 0
  }'
