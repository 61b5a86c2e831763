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
uuid_of() { client info --json | tr '{' '\n' | grep -F "\"$1\"" | grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' | head -n 1; }

begin() { # JOB: schedules a copy that waits until it is watched
  local name=hostile-$1-$$
  { head -n 1 "$jobs_directory/$1.sh"; echo "$waiting"; tail -n +2 "$jobs_directory/$1.sh"; } >"$place/$1.sh"
  client schedule "$name" "$platform" "$place/$1.sh" --period never >/dev/null
}
watch() { # JOB: follows its console to the end
  local name=hostile-$1-$$ uuid=""
  for _ in $(seq 600); do
    uuid=$(uuid_of "$name" || true)
    [ -n "$uuid" ] && break
    sleep 0.2
  done
  [ -n "$uuid" ] || { echo "no worker of $platform took $name" >"$place/$1.console"; return; }
  client observe "$uuid" >"$place/$1.console" 2>&1 || true
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
  for job in "$@"; do
    waiting="sleep 4"
    # An interpreter that is no shell cannot wait; its console is long enough to be seen.
    head -n 1 "$jobs_directory/$job.sh" | grep -qE 'sh$' || waiting="#"
    begin "$job"
  done
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
