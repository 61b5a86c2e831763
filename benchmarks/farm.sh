#!/usr/bin/env bash
# How many trivial jobs a farm of real processes builds: server and workers of the native executable on this machine, each job a shell that runs `true`.
# Also, in the same run, how much longer such a job takes in the sandbox.
#   benchmarks/farm.sh PATH-OF-BUILDER [JOBS=4000]
set -euo pipefail
builder=$1 jobs=${2:-4000}
server_port=39555 metrics_port=39556
place=$(mktemp -d)
chmod 711 "$place" # the jobs of a worker that is root are another user in their sandbox
pids=()
stop() {
  [ "${#pids[@]}" -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
  wait
  pids=()
}
trap 'stop; rm -rf "$place"' EXIT

echo true >"$place/trivial.sh"
{
  echo "jobs:"
  for number in $(seq "$jobs"); do echo "  - {name: job-$number, platform: bench, script: trivial.sh, period: never}"; done
} >"$place/schedule.yaml"
mkdir "$place/config"

built() { curl -s "http://127.0.0.1:$metrics_port/metrics" | awk '/^builder_results_total/ { sum += $2 } END { print sum + 0 }'; }
until_built() { # COUNT: waits for so many builds, and says how many there are by then
  local count
  until count=$(built) && [ "$count" -ge "$1" ]; do read -rt 0.02 <> <(:) || true; done
  echo "$count"
}
processor_seconds() { # PID...: of the processes and of the children they waited for
  for pid in "$@"; do cat "/proc/$pid/stat"; done | awk -v hertz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); sum += $12 + $13 + $14 + $15 } END { printf "%.2f", sum / hertz }'
}
children() { for pid in "$@"; do cat "/proc/$pid"/task/*/children; done; }

measure() { # NAME WORKERS WANTED-OR-NOTHING [WORKER-OPTION...]: leaves the time of a build in $milliseconds
  local name=$1 count=$2 wanted=$3
  shift 3
  mkdir -m 711 "$place/$name-workers"
  "$builder" server --port $server_port --dir "$place/server-$name" --config-dir "$place/config" --metrics $metrics_port --verbosity error & local server=$!
  pids=("$server")
  until curl -sf -o "$place/health" "http://127.0.0.1:$metrics_port/health"; do read -rt 0.05 <> <(:) || true; done
  "$builder" client apply "$place/schedule.yaml" -r "127.0.0.1:$server_port" >/dev/null
  local workers=()
  for _ in $(seq "$count"); do
    "$builder" worker bench --loop -r "127.0.0.1:$server_port" --workdir "$place/$name-workers" --verbosity error "$@" & workers+=($!)
  done
  pids+=("${workers[@]}")

  # The first tenth is the start of the workers.
  local first begin end
  first=$(until_built $((jobs / 10)))
  begin=$(date +%s%N)
  until_built "$jobs" >/dev/null
  end=$(date +%s%N)
  local supervisors
  supervisors=$(children "${workers[@]}")
  # shellcheck disable=SC2086 # one number a word
  printf '%s: %s builds a minute%s; processor ms a build: server %s, workers %s, jobs with supervisors %s\n' \
    "$name" "$(((jobs - first) * 60000000000 / (end - begin)))" "${wanted:+ (wanted >= $wanted)}" \
    "$(per_build "$(processor_seconds "$server")")" "$(per_build "$(processor_seconds "${workers[@]}")")" "$(per_build "$(processor_seconds $supervisors)")"
  milliseconds=$(awk -v elapsed=$((end - begin)) -v built=$((jobs - first)) 'BEGIN { printf "%.2f", elapsed / 1000000 / built }')
  stop
}
per_build() { awk -v seconds="$1" -v jobs="$jobs" 'BEGIN { printf "%.2f", 1000 * seconds / jobs }'; }

measure 1-worker 1 6000
without=$milliseconds
if "$builder" worker --check --workdir "$place" >/dev/null; then
  measure 1-worker-sandboxed 1 "" --sandbox bubblewrap
  awk -v with="$milliseconds" -v without="$without" 'BEGIN {
    printf "sandbox: %.2f ms a build, without %.2f ms: %.2f ms more (wanted <= 25)\n", with, without, with - without }'
else
  echo "sandbox: this machine cannot have one: $("$builder" worker --check --workdir "$place" || true)"
fi
measure 8-workers 8 15000
