#!/bin/bash
# How fast the site is: a generated data directory, the server on one core, the load on another. Each figure stands beside what is wanted of it.
#   benchmarks/web.sh PATH-OF-BUILDER [BUILDS-PER-JOB-AND-PLATFORM=50] [SECONDS=5] [TIMES]
# With TIMES the pages are asked for once more with so many times the builds (60: a gigabyte, two minutes to make).
# Wants wrk, and nginx to compare downloads with.
set -eu
builder=$1 builds=${2:-50} seconds=${3:-5} times=${4:-1}
here=$(cd "$(dirname "$0")" && pwd)
benchmarks="dotnet $here/../artifacts/bin/Builder.Benchmarks/release/Builder.Benchmarks.dll"
data=$(mktemp -d)
web='' nginx=''
trap 'kill $web $nginx 2>/dev/null || true; wait 2>/dev/null; rm -rf "$data"' EXIT
site=http://127.0.0.1:3999
cat >"$data/random.lua" <<'LUA'
local addresses = {}
for line in io.lines(os.getenv("ADDRESSES")) do addresses[#addresses + 1] = line end
local anew, number = os.getenv("ANEW") == "yes", 0
math.randomseed(os.time())
request = function()
  local address = addresses[math.random(#addresses)]
  number = number + 1
  return wrk.format("GET", anew and address .. (address:find("?") and "&" or "?") .. "x=" .. os.time() .. number or address)
end
LUA

say() { printf '%-42s %12s   %s\n' "$@"; }                    # WHAT FIGURE WANTED
least() { awk -v is="$1" -v wanted="$2" 'BEGIN {print "wanted >= " wanted (is + 0 < wanted + 0 ? "  MISSED" : "")}'; }
most() { awk -v is="$1" -v wanted="$2" 'BEGIN {print "wanted <= " wanted (is + 0 > wanted + 0 ? "  MISSED" : "")}'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", a / b}'; }

make() { # BUILDS: a data directory and files of addresses to ask for, one for each kind of page
  $benchmarks web-data "$data/$1" 100 3 "$1" >"$data/$1.txt"
  for name in build job long hash compare large download; do sed -n "s/^$name //p" "$data/$1.txt" >"$data/$name"; done
  echo / >"$data/front"
  echo /failed-builds >"$data/failed"
}
start() { # BUILDS
  taskset -c 0 "$builder" web --datadir "$data/$1" --port 3999 --expired-jobs 0 >"$data/log" 2>&1 &
  web=$!
  until curl -sf -o /dev/null "$site/robots.txt"; do sleep 0.1; done
}
resident() { awk -v of="$1:" '$1 == of {printf "%d", $2 / 1000}' /proc/"$web"/status; }
run() { # FILE-OF-ADDRESSES CONNECTIONS SECONDS [SITE]: sets rate, p50 and p99 in ms, and what went wrong
  ADDRESSES=$data/$1 taskset -c 1 wrk -t1 -c"$2" -d"$3s" --latency -s "$data/random.lua" "${4:-$site}" >"$data/out"
  read -r rate p50 p99 bad < <(awk 'function ms(t) {return t ~ /us$/ ? t / 1000 : t ~ /ms$/ ? t + 0 : t * 1000}
    $1 == "50%" {p50 = ms($2)} $1 == "99%" {p99 = ms($2)} /Requests\/sec/ {rate = $2} /Non-2xx/ {bad = "BAD: " $0} END {print rate, p50, p99, bad}' "$data/out")
}
pages() { # NAME WANTED-RATE: kept pages, after a second in which they are made
  run "$1" 16 1
  run "$1" 16 "$seconds"
  say "$1" "$rate/s" "$(least "$rate" "$2") $bad"
  say "" "p99 $p99 ms" "$(most "$(ratio "$p99" "$p50")" 10) x p50 of $p50 ms"
  echo "$1 $rate" >>"$data/kept"
}
anew() { # NAME: no page is ever asked for twice
  ANEW=yes run "$1" 16 1
  ANEW=yes run "$1" 16 "$seconds"
  say "$1, each made anew" "$rate/s" "p50 $p50 ms, p99 $p99 ms, $(bytes "$1") bytes $bad"
  echo "$1 $rate $(bytes "$1")" >>"$data/anew"
}
bytes() { curl -s "$site$(head -n 1 "$data/$1")" | wc -c; } # NAME: of the first of these pages
slower() { # NAME FILE-OF-RATES: how many times the last rate is slower than the one there
  ratio "$(sed -n "s/^$1 \([0-9.]*\).*/\1/p" "$data/$2")" "$rate"
}

make "$builds"
"$builder" db user-add uploader --unrestricted --datadir "$data/$builds" <<<secret >/dev/null
start "$builds"
curl -sf -o /dev/null "$site/"
# Pictures of a new data directory are drawn first.
sleep 15
say "resident memory at rest" "$(resident VmRSS) MB" "$(most "$(resident VmRSS)" 50) MB, built natively"

echo "-- pages, 16 connections"
pages front 500
pages job 600
pages long 600
pages build 4000
pages failed 5000
pages hash 15000
pages large 300
for name in front job long build failed hash; do anew "$name"; done
anew compare
say "(the last: 3,000 different pairs)" "" "$(least "$rate" 300)"

echo "-- build pages beside a crawler that asks for comparisons, each made anew"
run build 16 "$seconds"
say "alone" "$rate/s" "p99 $p99 ms"
ANEW=yes ADDRESSES=$data/compare taskset -c 1 wrk -t1 -c16 -d$((seconds + 2))s -s "$data/random.lua" "$site" >"$data/crawler" &
crawler=$!
sleep 1
run build 16 "$seconds"
say "beside the crawler" "$rate/s" "p99 $p99 ms $bad"
wait $crawler

echo "-- 50 uploads of 5 MB, 8 at a time, each stored and flushed"
for round in 1 2 3; do
  took=$(taskset -c 1 $benchmarks web-uploads "$site" uploader:secret 50 5000000 | sed 's/.*: \([0-9,]*\) ms/\1/; s/,//')
  say "round $round" "$took ms" "$(most "$took" 1000) ms"
done

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
    run download 4 "$seconds"
    ours=$rate
    run download 4 "$seconds" http://127.0.0.1:3998
    say "round $round" "$(ratio "$ours" "$rate")" "$(least "$(ratio "$ours" "$rate")" 0.8) of nginx: $ours and $rate/s"
  done
fi
say "resident memory after all of it" "$(resident VmRSS) MB" "$(most "$(resident VmRSS)" 200) MB"
say "at its peak" "$(resident VmHWM) MB" "$(most "$(resident VmHWM)" 200) MB"

if [ "$times" -gt 1 ]; then
  echo "-- $times x the builds: kept pages, then each made anew; how many times slower, and what a page has more to show"
  kill $web
  wait $web 2>/dev/null || true
  for name in kept anew; do mv "$data/$name" "$data/few-$name"; done
  make $((builds * times))
  start $((builds * times))
  for name in front job long build failed hash; do
    run "$name" 16 1
    run "$name" 16 "$seconds"
    say "$name" "$rate/s" "$(slower "$name" few-kept) x slower, $(most "$(slower "$name" few-kept)" 1.5) $bad"
  done
  for name in front job long build failed hash compare; do
    ANEW=yes run "$name" 16 1
    ANEW=yes run "$name" 16 "$seconds"
    before=$(sed -n "s/^$name [0-9.]* //p" "$data/few-anew")
    say "$name, each made anew" "$rate/s" "$(slower "$name" few-anew) x slower, $before bytes before, $(bytes "$name") now $bad"
  done
  say "at its peak" "$(resident VmHWM) MB" "$(most "$(resident VmHWM)" 200) MB"
fi
