#!/usr/bin/env bash
# Tells Spark which NVIDIA GPUs this machine or container has: one JSON object, numbers in nvidia-smi's order. For
# spark.executor.resource.gpu.discoveryScript (YARN, Kubernetes) and spark.worker.resource.gpu.discoveryScript (standalone).
set -euo pipefail

numbers=$(nvidia-smi --query-gpu=index --format=csv,noheader)
[ -n "$numbers" ] || { echo "gpus.sh: nvidia-smi lists no GPU" >&2 && exit 1; }
addresses=$(printf '"%s",' $numbers)
printf '{"name": "gpu", "addresses": [%s]}\n' "${addresses%,}"
