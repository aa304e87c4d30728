#!/usr/bin/env bash
# Berta against PyTorch, ONNX Runtime and OpenVINO on this machine: makes a virtual environment and the peers' forms of
# the model, measures everything in turns, and writes bench/results/peers-NAME.json and docs/benchmarks.md.
# Usage: bench/peers/run.sh [--venv DIR] [--build DIR] [option of measure.py...]; --help lists those.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=build
venv=
options=()
while [ $# -gt 0 ]; do
  case $1 in
    --venv) venv=$2; shift 2 ;;
    --build) build=$2; shift 2 ;;
    *) options+=("$1"); shift ;;
  esac
done

needs=bench/peers/requirements.txt
if [ -z "$venv" ]; then
  venv=$build/peers-venv
  if ! cmp -s "$needs" "$venv/installed.txt"; then
    echo "installing the peers into $venv"
    mkdir -p "$build"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --requirement "$needs"
    cp "$needs" "$venv/installed.txt"
  fi
fi

make --no-print-directory configure BUILD="$build"
ninja -C "$build" --quiet berta_command berta_worker bench_kernels
"$venv/bin/python" bench/peers/measure.py --build "$(realpath "$build")" ${options[@]+"${options[@]}"}
# Results that go elsewhere are no part of the page.
case " ${options[*]-} " in *" --output "*) ;; *) "$venv/bin/python" bench/peers/report.py ;; esac
