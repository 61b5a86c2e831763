#!/usr/bin/env bash
# A server with thousands of connected workers, simulated in one process, and a long queue: how long a job waits for a worker and a worker for a job, and the server's memory.
#   benchmarks/workers.sh PATH-OF-BUILDER [WORKERS=5000 [JOBS=100000]]
set -euo pipefail
builder=$1 workers=${2:-5000} jobs=${3:-100000}
# Two descriptors a connection in the server, one here.
wanted=$((2 * workers + 1024))
if [ "$(ulimit -n)" -lt "$wanted" ] && ! ulimit -n "$wanted" 2>/dev/null; then
  echo "$0: $workers workers need $wanted file descriptors, the limit is $(ulimit -Hn): raise it as root (ulimit -n, LimitNOFILE=), or give fewer workers" >&2
  exit 1
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec dotnet run -c Release --project benchmarks/Builder.Benchmarks -- workers "$(realpath "$builder")" "$workers" "$jobs"
