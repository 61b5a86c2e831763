#!/usr/bin/env bash
# Runs the hostile jobs against an installation and checks what comes of each.
#   run-against.sh -r HOST:PORT PLATFORM [JOB...]
# BUILDER names the executable ("builder" without it). Further options of clients: BUILDER_CLIENT_OPTIONS="--key-file FILE --tls".
# Two workers of the platform on one machine let the overlapping jobs overlap. Exit status: 0 all held, 1 something did not.
set -euo pipefail
usage() { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ "${1-}" = -r ] && [ $# -ge 3 ] || usage
remote=$2 platform=$3
shift 3
jobs_directory=$(dirname "${BASH_SOURCE[0]}")/Jobs
builder=${BUILDER:-builder}
read -ra options <<<"${BUILDER_CLIENT_OPTIONS-}"
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
client() { "$builder" client "$@" -r "$remote" "${options[@]}"; }

begin() { # JOB: schedules a copy that waits until it is watched, with limits that spare the machine
  local name=hostile-$1-$$ first
  first=$(head -n 1 "$jobs_directory/$1.sh")
  {
    echo "$first"
    case $first in *sh) echo "sleep 4" ;; *awk*) echo 'BEGIN { system("sleep 4") }' ;; esac
    tail -n +2 "$jobs_directory/$1.sh"
  } >"$place/$1.sh"
  cat >"$place/$1.yaml" <<END
jobs:
  - {name: $name, platform: $platform, script: $1.sh, period: never,
     limits: {memory: 256M, processes: 200, disk: 64M, console: 1M, artifacts: 1000, artifact-size: 32M}}
END
  client apply "$place/$1.yaml" >/dev/null || true # without a server, the watch says so
}
watch() { # JOB: follows its console to the end; a build that ends before it is seen, on a busy machine, is made once more
  local name=hostile-$1-$$ console=$place/$1.console uuid info
  for _ in 1 2 3; do
    uuid=""
    for _ in $(seq 600); do
      info=$(client info --json | tr -d '\n') || info=""
      uuid=$(tr '{' '\n' <<<"$info" | grep -F "\"$name\"" | grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' | head -n 1 || true)
      [ -n "$uuid" ] && break
      # In the schedule alone, neither queued nor running.
      if [ "$(grep -oF "\"$name\"" <<<"$info" | wc -l)" = 1 ]; then client execute "$name" >/dev/null 2>&1 || true; fi
      sleep 0.2
    done
    [ -n "$uuid" ] || { echo "no worker of $platform took $name" >"$console"; return; }
    client observe "$uuid" >"$console" 2>&1 || true
    grep -qF "uuid not found" "$console" || return 0
  done
}
check() { # JOB
  local expected console=$place/$1.console
  expected=$(sed -n 's/^# expect: //p' "$jobs_directory/$1.sh")
  client unschedule "hostile-$1-$$" >/dev/null 2>&1 || true
  if grep -q BREACH "$console"; then
    echo "BREACHED  $1"; grep BREACH "$console" | sort -u | head -n 10
  elif [ "$expected" = held ] && grep -q HELD "$console"; then
    echo "held      $1"; return 0
  elif [ "${expected% *}" = limit ] && grep -qF "(limit: ${expected#* })" "$console"; then
    echo "limited   $1"; return 0
  else
    echo "UNCLEAR   $1: expected \"$expected\""; tail -n 3 "$console"
  fi
  return 1
}

failed=0
run() { # JOB... at the same time
  local job
  for job in "$@"; do begin "$job"; done
  for job in "$@"; do watch "$job" & done
  wait
  for job in "$@"; do check "$job" || failed=1; done
}
if [ $# -gt 0 ]; then
  for job in "$@"; do run "$job"; done
else
  run overlap-victim overlap-attacker
  for file in "$jobs_directory"/*.sh; do
    job=$(basename "$file" .sh)
    case $job in overlap-*) ;; *) run "$job" ;; esac
  done
fi
exit $failed
