#!/usr/bin/env bash
# On a machine with a card: shows what has run on a stand-in only so far. Six minutes at most; one table comes last.
# Wheels that lie in the folder `wheels` beside this file are installed, and nothing is fetched then.
set -uo pipefail
cd "$(dirname "$0")/.."
wheels=benchmarks/wheels
if [ -d "$wheels" ]; then
    python -m pip install --quiet --no-index --find-links "$wheels" ".[cuda13]" pytest || exit 1
fi
export KERASISH_BACKEND=cupy PYTHONPATH=. KERASISH_NATIVE=1
table=""
check() { # name, most seconds, command
    local name=$1 most=$2 start=$SECONDS
    shift 2
    echo "== $name: $*"
    timeout "$most" "$@"
    local code=$?
    table+=$(printf '%-34s %-10s %4d s' "$name" "$([ $code = 0 ] && echo passed || echo "failed $code")" $((SECONDS - start)))$'\n'
}
check "devices" 20 python -m kerasish devices
check "the device" 80 python -m pytest -q --device cupy tests/backend/cupy/test_cupy_device.py
check "cuDNN finds plans" 40 python -m benchmarks.gpu_convolutions
check "cuDNN attends" 30 python -m benchmarks.gpu_attention
check "primitives beside NumPy" 70 python -m pytest -q --device cupy tests/backend/primitives/test_primitives.py -k "values_eagerly or compiled_and_run_twice"
check "training, op by op" 50 env KERASISH_GPU_FUSION=0 python -m benchmarks.gpu_steps --steps 50
check "training, groups of our own" 70 python -m benchmarks.gpu_steps --steps 200
echo
echo "$table"
