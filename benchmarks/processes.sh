#!/bin/bash
# What several web processes on one PostgreSQL bring and cost against one: pages a second, and processor time of the web processes for a page, as ratios within this run.
# One process with SQLite stands beside them.
#   benchmarks/processes.sh PATH-OF-BUILDER [BUILDS-PER-JOB-AND-PLATFORM=20] [SECONDS=5]
# Wants wrk and PostgreSQL (its programs in /usr/lib/postgresql/VERSION/bin). Three processes serve three times as much only where there are processors for them,
# for PostgreSQL, and for wrk.
set -eu
builder=$1 builds=${2:-20} seconds=${3:-5}
here=$(cd "$(dirname "$0")" && pwd)
benchmarks="dotnet $here/../artifacts/bin/Builder.Benchmarks/release/Builder.Benchmarks.dll"
programs=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
data=$(mktemp -d)
pids='' as=''
cleanup() {
  kill $pids 2>/dev/null || true
  (cd / && $as "$programs/pg_ctl" stop -s -D "$data/pg" -m immediate) 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$data"
}
trap cleanup EXIT
chmod 755 "$data"
mkdir "$data/pg"
if [ "$(id -u)" = 0 ]; then
  as="setpriv --reuid=postgres --regid=postgres --clear-groups"
  chown postgres "$data/pg"
fi
(
  cd /
  $as "$programs/initdb" -D "$data/pg" -U builder --auth=trust --encoding=UTF8 --no-locale --no-sync >/dev/null
  $as "$programs/pg_ctl" start -s -w -D "$data/pg" -l "$data/pg/log" -o "-k $data/pg -c listen_addresses= -c fsync=off -c max_connections=200"
  $as "$programs/createdb" -h "$data/pg" -U builder builder
)
database="Host=$data/pg;Username=builder;Database=builder;Maximum Pool Size=20"
$benchmarks web-data "$data/web" 100 3 "$builds" >"$data/addresses"
"$builder" db migrate --datadir "$data/web" --database "$database" >/dev/null 2>&1
"$builder" db copy --datadir "$data/web" --to "$database" >/dev/null

for kind in build job; do sed -n "s/^$kind //p" "$data/addresses"; done >"$data/paths"
cat >"$data/random.lua" <<'LUA'
local addresses = {}
for line in io.lines(os.getenv("ADDRESSES")) do addresses[#addresses + 1] = line end
math.randomseed(os.time())
request = function() return wrk.format("GET", addresses[math.random(#addresses)]) end
LUA

start() { # FIRST-PORT COUNT [OPTION…]: web processes, until each answers and its pictures are drawn
  local port=$1 count=$2
  shift 2
  pids=''
  for ((i = 0; i < count; i++)); do
    "$builder" web --datadir "$data/web" --port $((port + i)) --expired-jobs 0 --scrub-rate 0 "$@" >"$data/log" 2>&1 &
    pids="$pids $!"
  done
  for ((i = 0; i < count; i++)); do
    until curl -sf -o /dev/null "http://127.0.0.1:$((port + i))/robots.txt"; do sleep 0.1; done
  done
  # Each process makes each page once, as each keeps its own; then the compiler and the pictures come to rest.
  for ((i = 0; i < count; i++)); do
    sed "s|.*|url = \"http://127.0.0.1:$((port + i))&\"\noutput = /dev/null|" "$data/paths" >"$data/urls$i"
    curl -s -K "$data/urls$i"
  done
  load "$port" "$count" 10
}
stop() {
  kill $pids
  wait $pids 2>/dev/null || true
}
ticks() { for pid in $pids; do awk '{print $14 + $15}' "/proc/$pid/stat"; done | awk '{sum += $1} END {print sum}'; }
load() { # FIRST-PORT COUNT SECONDS: sets rate and bad; a wrk for each process
  local waiting=''
  for ((i = 0; i < $2; i++)); do
    ADDRESSES=$data/paths wrk -t1 -c$((24 / $2)) -d"$3s" -s "$data/random.lua" "http://127.0.0.1:$(($1 + i))" >"$data/out$i" &
    waiting="$waiting $!"
  done
  wait $waiting
  rate=$(for ((i = 0; i < $2; i++)); do awk '/Requests\/sec/ {print $2}' "$data/out$i"; done | awk '{sum += $1} END {print sum}')
  bad=$(for ((i = 0; i < $2; i++)); do grep -h "Non-2xx" "$data/out$i" || true; done)
}
measure() { # NAME FIRST-PORT COUNT [OPTION…]: sets rate and cost, in µs of processor time a page
  local name=$1 port=$2 count=$3
  shift 3
  start "$port" "$count" "$@"
  local before after
  before=$(ticks)
  load "$port" "$count" "$seconds"
  after=$(ticks)
  cost=$(awk -v ticks=$((after - before)) -v hertz="$(getconf CLK_TCK)" -v pages="$rate" -v seconds="$seconds" 'BEGIN {printf "%.0f", ticks / hertz / (pages * seconds) * 1e6}')
  stop
  printf '%-36s %10.0f pages/s %8s µs of processor time a page %s\n' "$name" "$rate" "$cost" "$bad"
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", a / b}'; }

echo "$(nproc) processors, 24 connections, pages of builds and jobs at random"
measure "one process, SQLite" 3990 1
measure "one process, PostgreSQL" 3990 1 --database "$database"
one=$rate one_cost=$cost
measure "three processes, PostgreSQL" 3990 3 --database "$database"
echo "three against one: $(ratio "$rate" "$one") times the pages, $(ratio "$cost" "$one_cost") times the processor time a page"
if [ "$(nproc)" -lt 8 ]; then
  echo "wanted >= 2.5 times the pages: not to be seen with $(nproc) processors; wanted here <= 1.25 times the processor time a page$(awk -v a="$cost" -v b="$one_cost" 'BEGIN {if (a > 1.25 * b) print "  MISSED"}')"
else
  echo "wanted >= 2.5 times the pages$(awk -v a="$rate" -v b="$one" 'BEGIN {if (a < 2.5 * b) print "  MISSED"}')"
fi
