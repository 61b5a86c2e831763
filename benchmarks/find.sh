#!/bin/bash
# How fast packages, advisories and texts are found: generated indexes, one request at a time, each answer made anew. Each figure stands beside what is wanted of it.
#   benchmarks/find.sh PATH-OF-BUILDER [SETS=20000] [CONSOLES=20000] [CONNECTION-STRING]
# SETS package sets of 200 members stand for 50 builds each; CONSOLES have 2,000 lines. With a connection string the tables are in PostgreSQL (an empty database).
set -eu
builder=$1 sets=${2:-20000} consoles=${3:-20000} connection=${4:-}
here=$(cd "$(dirname "$0")" && pwd)
data=$(mktemp -d)
web=''
trap 'kill $web 2>/dev/null || true; wait 2>/dev/null; rm -rf "$data"' EXIT
port=${FIND_PORT:-3998}
site=http://127.0.0.1:$port
say() { printf '%-44s %10s   %s\n' "$@"; }                    # WHAT FIGURE WANTED
most() { awk -v is="$1" -v wanted="$2" 'BEGIN {print "wanted <= " wanted (is + 0 > wanted + 0 ? "  MISSED" : "")}'; }

dotnet "$here/../artifacts/bin/Builder.Benchmarks/release/Builder.Benchmarks.dll" find-data "$data/site" "$sets" "$consoles" ${connection:+"$connection"}
mkdir -p "$data/site/_advisories"
for n in $(seq 1 50); do
  printf '```\nid: TEST-%02d\naffected: "package-%d" {< "1.10.0"}\n```\n\n# A fault\n' "$n" $((n * 7)) >"$data/site/_advisories/TEST-$n.md"
done
if [ -n "$connection" ]; then
  printf '%s' "$connection" >"$data/connection"
  chmod 600 "$data/connection"
  "$builder" web --datadir "$data/site" --database-file "$data/connection" --port "$port" >"$data/log" 2>&1 &
else
  "$builder" web --datadir "$data/site" --port "$port" >"$data/log" 2>&1 &
fi
web=$!
until curl -sf -o /dev/null "$site/robots.txt"; do sleep 0.2; done

n=0
milliseconds() { # ADDRESS: the median of eleven, none of them kept
  for _ in 1 2 3 4 5 6 7 8 9 10 11; do
    n=$((n + 1))
    curl -sf -o /dev/null -H 'Accept: application/json' -w '%{time_total}\n' "$site$1$(case $1 in *\?*) echo '&' ;; *) echo '?' ;; esac)x=$n" || echo 99
  done | sort -n | awk 'NR == 6 {printf "%.1f", $1 * 1000}'
}
figure() { # WHAT ADDRESS MOST
  is=$(milliseconds "$2")
  say "$1" "$is ms" "$(most "$is" "$3")"
}
figure "find package with a constraint" "/package/opam/package-7?versions=%3C1.10.0" 50
figure "package page" "/package/opam/package-7/1.19.0" 20
figure "an advisory against everything" "/advisories/TEST-01" 1000
figure "50 advisories against everything" "/advisories" 50000
figure "a text that is in one of 1,000 consoles" "/search?q=%22undefined+reference+to+%60caml_ml%22" 200
figure "a text that is nowhere" "/search?q=%22undefined+reference+to+nothing%22" 200
figure "a text that is everywhere" "/search?q=%22the%22" 200
if [ -z "$connection" ]; then
  "$builder" db --help >/dev/null
  size=$(sqlite3 "$data/site/builder.sqlite3" "SELECT SUM(pgsize) / 1e6 FROM dbstat WHERE name LIKE '%package%'" 2>/dev/null || true)
  [ -z "$size" ] || say "index of contents" "$size MB" "$(most "$size" 150)"
fi
