#!/bin/sh
# How fast the site is: a generated data directory, the server on one core, the load (wrk) on another.
#   benchmarks/web.sh PATH-OF-BUILDER [BUILDS-PER-JOB-AND-PLATFORM=50] [SECONDS=5]
set -eu
builder=$1 builds=${2:-50} seconds=${3:-5}
here=$(cd "$(dirname "$0")" && pwd)
data=$(mktemp -d)
trap 'kill "$web" 2>/dev/null || true; rm -rf "$data"' EXIT
dotnet "$here/../artifacts/bin/Builder.Benchmarks/release/Builder.Benchmarks.dll" web-data "$data/web" 100 3 "$builds" >"$data/builds.txt"
taskset -c 0 "$builder" web --datadir "$data/web" --port 3999 --expired-jobs 0 2>"$data/log" &
web=$!
until curl -sf -o "$data/home" http://127.0.0.1:3999/; do sleep 0.2; done
cat >"$data/random.lua" <<'LUA'
local addresses = {}
for line in io.lines(os.getenv("ADDRESSES")) do addresses[#addresses + 1] = line end
math.randomseed(os.time())
request = function() return wrk.format("GET", addresses[math.random(#addresses)]) end
LUA
measure() { # NAME FILE-OF-ADDRESSES
  ADDRESSES=$2 taskset -c 1 wrk -t1 -c16 -d"${seconds}s" --latency -s "$data/random.lua" http://127.0.0.1:3999 >"$data/out"
  awk -v name="$1" '/50%/ {p50=$2} /99%/ {p99=$2} /Requests\/sec/ {rate=$2} /Non-2xx/ {bad=" BAD: " $0} END {printf "%-22s %10s/s  p50 %-9s p99 %-9s%s\n", name, rate, p50, p99, bad}' "$data/out"
}
sed -n 's/^build //p' "$data/builds.txt" >"$data/build"
sed -n 's/^job //p' "$data/builds.txt" >"$data/job"
sed -n 's/^hash //p' "$data/builds.txt" >"$data/hash"
sed -n 's/^compare //p' "$data/builds.txt" >"$data/compare"
echo / >"$data/front"
echo /failed-builds >"$data/failed"
for name in front job build failed hash compare; do measure "$name" "$data/$name"; done
grep VmRSS /proc/"$web"/status
grep VmHWM /proc/"$web"/status
