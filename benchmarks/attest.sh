#!/usr/bin/env bash
# How long statements for builds of before take: a generated data directory, the signer as a process, `builder db attest`.
#   benchmarks/attest.sh PATH-OF-BUILDER [BUILDS-PER-JOB-AND-PLATFORM=50]      50: 15,000 builds
set -euo pipefail
builder=$1 builds=${2:-50}
here=$(cd "$(dirname "$0")" && pwd)
place=$(mktemp -d)
signer=''
trap 'kill $signer 2>/dev/null || true; wait; rm -rf "$place"' EXIT
dotnet "$here/../artifacts/bin/Builder.Benchmarks/release/Builder.Benchmarks.dll" web-data "$place/data" 100 3 "$builds" >"$place/addresses"

"$builder" signer --state "$place/signer" --datadir "$place/data" --public-url https://builds.example --log-dir "$place/tlog" --verbosity error &
signer=$!
until [ -S "$place/signer/signer.sock" ]; do read -rt 0.05 <> <(:) || true; done
begin=$(date +%s%N)
"$builder" db attest --datadir "$place/data" --signer "$place/signer/signer.sock" >"$place/refused" 2>"$place/said" || true
end=$(date +%s%N)
count=$(head -1 "$place/said" | tr -dc 0-9)
processor=$(awk -v hertz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) / hertz }' "/proc/$signer/stat")
awk -v ns=$((end - begin)) -v count="$count" -v processor="$processor" 'BEGIN {
  printf "%d builds attested in %.1f s (wanted < 60 s for 15,000%s), %.2f ms a build; processor of the signer %.2f ms a build\n",
    count, ns / 1e9, (ns / 1e9 / count * 15000 > 60 ? ": MISSED" : ""), ns / 1e6 / count, processor * 1000 / count }'
tail -1 "$place/said"
head -3 "$place/refused"
du -sh "$place/signer/issued.sqlite3" "$place/tlog" "$place/data/builder.sqlite3" | sed "s|$place/||"
