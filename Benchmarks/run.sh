#!/bin/bash
# Prints what this machine is, what a metric costs here, and what the same costs with PyTorch.
set -euo pipefail
cd "$(dirname "$0")/.."

processor() { awk -F ': ' -v key="$1" '$1 ~ "^" key "[ \t]*$" { print $2; exit }' /proc/cpuinfo; }

echo "machine: $(processor 'model name'), $(nproc) cores, $(uname -m), Linux $(uname -r)"
sets=''
for set in fma f16c avx2 avx512f avx512bw avx512vl avx512_fp16; do
  [[ " $(processor flags) " != *" $set "* ]] || sets+=" $set"
done
echo "instruction sets:${sets:- none of those that the kernels know}"
echo "swift: $(swift --version 2>/dev/null | head -n 1)"
echo "load before: $(cut -d ' ' -f 1-3 /proc/loadavg) (above 1: another program disturbs)"
echo

# The C++ reference of the same algorithm, where its source lies beside the project. Fast-math suits it
# most, and is what we are held against; without it, it does the arithmetic that we do.
source=../shared/reference/detector
options=()
if [ -f "$source/main.cpp" ] && compiler=$(command -v g++ || command -v clang++); then
  mkdir -p .build/bench
  for arithmetic in fast-math exact; do
    switch=$([ "$arithmetic" = exact ] || echo -ffast-math)
    "$compiler" -O3 -march=native ${switch:+"$switch"} -std=c++17 -DHH=8 "$source/main.cpp" \
      -o ".build/bench/reference-$arithmetic"
    options+=(--reference "$arithmetic=.build/bench/reference-$arithmetic")
  done
  options+=(--series "$source/expected")
  echo "C++ reference: $("$compiler" --version | head -n 1), -O3 -march=native, with and without -ffast-math"
fi
.build/release/anomalyd-bench "${options[@]}" "$@"

echo
python=python3
[ ! -x .build/torch/bin/python ] || python=.build/torch/bin/python
"$python" Benchmarks/peers/pytorch_incremental.py
