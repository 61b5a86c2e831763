#!/bin/bash
# How fast the site is: a generated data directory, the server on one core, the load on another.
#   benchmarks/web.sh PATH-OF-BUILDER [BUILDS-PER-JOB-AND-PLATFORM=50] [SECONDS=5]
# Wants wrk, and nginx to compare downloads with.
set -eu
builder=$1 builds=${2:-50} seconds=${3:-5}
here=$(cd "$(dirname "$0")" && pwd)
benchmarks="dotnet $here/../artifacts/bin/Builder.Benchmarks/release/Builder.Benchmarks.dll"
data=$(mktemp -d)
web='' nginx=''
trap 'kill $web $nginx 2>/dev/null || true; wait 2>/dev/null; rm -rf "$data"' EXIT
site=http://127.0.0.1:3999

$benchmarks web-data "$data/web" 100 3 "$builds" >"$data/builds.txt"
"$builder" db user-add uploader --unrestricted --datadir "$data/web" <<<secret >/dev/null
for name in build job hash compare large download; do sed -n "s/^$name //p" "$data/builds.txt" >"$data/$name"; done
echo / >"$data/front"
echo /failed-builds >"$data/failed"
cat >"$data/random.lua" <<'LUA'
local addresses = {}
for line in io.lines(os.getenv("ADDRESSES")) do addresses[#addresses + 1] = line end
local anew, number = os.getenv("ANEW") == "yes", 0
math.randomseed(os.time())
request = function()
  local address = addresses[math.random(#addresses)]
  number = number + 1
  return wrk.format("GET", anew and address .. (address:find("?") and "&" or "?") .. "x=" .. number or address)
end
LUA

memory() { awk -v when="$1" '/VmHWM/ {peak=$2} /VmRSS/ {now=$2} END {printf "resident memory %-16s %d MB, peak %d MB\n", when, now / 1000, peak / 1000}' /proc/"$web"/status; }
load() { # NAME FILE-OF-ADDRESSES CONNECTIONS [SITE]
  ADDRESSES=$2 taskset -c 1 wrk -t1 -c"$3" -d"${seconds}s" --latency -s "$data/random.lua" "${4:-$site}" >"$data/out"
  awk -v name="$1" '$1 == "50%" {p50=$2} $1 == "99%" {p99=$2} /Requests\/sec/ {rate=$2} /Transfer\/sec/ {bytes=$2} /Non-2xx/ {bad=" BAD: " $0}
    END {printf "%-26s %10s/s %10s/s  p50 %-9s p99 %-9s%s\n", name, rate, bytes, p50, p99, bad}' "$data/out"
}

taskset -c 0 "$builder" web --datadir "$data/web" --port 3999 --expired-jobs 0 >"$data/log" 2>&1 &
web=$!
until curl -sf -o "$data/home" "$site/"; do sleep 0.2; done
sleep 3
memory "at rest:"
echo "-- pages, 16 connections"
for name in front job build failed hash compare large; do load "$name" "$data/$name" 16; done
echo "-- the same, each made anew"
for name in front job build failed hash compare; do ANEW=yes load "$name" "$data/$name" 16; done
memory "after pages:"

echo "-- build pages beside a crawler that asks for comparisons, each made anew"
load "alone" "$data/build" 16
ANEW=yes ADDRESSES=$data/compare taskset -c 1 wrk -t1 -c16 -d$((seconds + 2))s -s "$data/random.lua" "$site" >"$data/crawler" &
crawler=$!
sleep 1
load "beside the crawler" "$data/build" 16
wait $crawler
memory "after the crawler:"

echo "-- 50 uploads of 5 MB, 8 at a time, each stored and flushed"
taskset -c 1 $benchmarks web-uploads "$site" uploader:secret 50 5000000
memory "after uploads:"

if command -v nginx >/dev/null; then
  echo "-- a download of 10 MB, 4 connections, beside nginx"
  path=$(cat "$data/download")
  mkdir -p "$data/nginx/$(dirname "$path")"
  curl -s -o "$data/nginx$path" "$site$path"
  cat >"$data/nginx.conf" <<CONF
daemon off; worker_processes 1; pid $data/nginx.pid; error_log $data/nginx.log;
events { worker_connections 64; }
http { access_log off; sendfile on; tcp_nopush on; root $data/nginx; client_body_temp_path $data; proxy_temp_path $data; fastcgi_temp_path $data; uwsgi_temp_path $data; scgi_temp_path $data; server { listen 127.0.0.1:3998; } }
CONF
  chmod 755 "$data"
  taskset -c 0 nginx -c "$data/nginx.conf" -e "$data/nginx.log" &
  nginx=$!
  until curl -sf -o /dev/null "http://127.0.0.1:3998$path"; do sleep 0.2; done
  for round in 1 2 3; do
    load "builder $round" "$data/download" 4
    load "nginx $round" "$data/download" 4 http://127.0.0.1:3998
  done
  memory "after downloads:"
fi
