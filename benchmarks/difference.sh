#!/usr/bin/env bash
# How long `builder diff` takes beside diffoscope, on the same pair in the same run: time and peak memory of the whole process, lines of the answer.
#   benchmarks/difference.sh PATH-OF-BUILDER LEFT RIGHT [RUNS=5]
# Needs Debian's diffoscope-minimal and time. Without diffoscope only builder is measured.
set -euo pipefail
builder=$1 left=$2 right=$3 runs=${4:-5}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

measure() { # NAME RUNS COMMAND...: the fastest run; both programs end with 1 where the sides differ
  local name=$1 count=$2 best="" memory="" status seconds kilobytes
  shift 2
  for _ in $(seq "$count"); do
    status=0
    /usr/bin/time -f '%e %M' -o "$place/time" "$@" >"$place/answer" 2>"$place/errors" || status=$?
    if [ "$status" -gt 1 ]; then
      cat "$place/errors" >&2
      exit 1
    fi
    # Where a program fails, time writes a line about it first.
    read -r seconds kilobytes < <(tail -n 1 "$place/time")
    if [ -z "$best" ] || awk "BEGIN { exit !($seconds < $best) }"; then best=$seconds memory=$kilobytes; fi
  done
  printf '%-12s %8s s  %6d MB  %9d lines\n' "$name" "$best" "$((memory / 1024))" "$(wc -l <"$place/answer")"
  result=$best
}

printf 'pair: %s, %s bytes; %s, %s bytes\n' "$left" "$(stat -c %s "$left")" "$right" "$(stat -c %s "$right")"
measure builder "$runs" "$builder" diff --color never "$left" "$right"
ours=$result
"$builder" diff "$left" "$right" --color never | head -n 3 || true
if command -v diffoscope >/dev/null; then
  measure diffoscope 1 diffoscope --text - "$left" "$right"
  awk "BEGIN { printf \"diffoscope takes %.0f times as long (wanted >= 40)\n\", $result / ($ours > 0 ? $ours : 0.01) }"
else
  echo "diffoscope is not installed: apt-get install diffoscope-minimal"
fi
