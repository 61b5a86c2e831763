#!/usr/bin/env bash
# How long appending to a large transparency log and proving an entry takes, everything synced to the disk of the temporary directory.
#   benchmarks/log.sh [ENTRIES=10000000]
# 10,000,000 entries take 2 GB and some minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
dotnet build -c Release benchmarks/Builder.Benchmarks >/dev/null
artifacts/bin/Builder.Benchmarks/release/Builder.Benchmarks log "${1:-10000000}"
