#!/usr/bin/env bash
# Memory and speed of the native executable with large builds: real processes on loopback, peak resident sizes as the kernel
# counts them (VmHWM). Usage: benchmarks/footprint.sh [EXECUTABLE]; without one it is published first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

builder=${1:-}
if [ -z "$builder" ]; then
  dotnet publish -c Release -r linux-x64 src/Builder.Cli >/dev/null
  builder=$PWD/artifacts/publish/Builder.Cli/release_linux-x64/builder
fi
place=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
  rm -rf "$place"
}
trap cleanup EXIT

web_port=39100 server_port=39101
peak() { awk '/VmHWM/ { printf "%.0f MB", $2 / 1024 }' "/proc/$1/status"; }
now() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%.2f s", b - a }'; }
client() { "$builder" client "$@" -r "127.0.0.1:$server_port"; }

start() { # a fresh web, server and worker, so that each peak is of one job
  mkdir -p "$place/config"
  "$builder" web --port $web_port --datadir "$place/web" --configdir "$place/config" 2>"$place/web.log" & web=$!
  "$builder" server --port $server_port --dir "$place/server" --config-dir "$place/config" \
    --upload "http://bench:secret-of-bench@127.0.0.1:$web_port/upload" 2>"$place/server.log" & server=$!
  for file in web server; do until grep -q 'listening on' "$place/$file.log"; do read -rt 0.05 <> <(:) || true; done; done
  "$builder" worker bench --loop -r "127.0.0.1:$server_port" --workdir "$place" 2>"$place/worker.log" & worker=$!
  pids=("$web" "$server" "$worker")
}
stop() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait "${pids[@]}" 2>/dev/null || true
  pids=()
}
stored() { find "$place/web" -maxdepth 2 -path "*/$1/*" -type d | grep -q .; }

run() { # what, job name, script
  printf '%s\n' "$3" > "$place/$2.sh"
  start
  local begin; begin=$(now)
  client schedule "$2" bench "$place/$2.sh" --period never >/dev/null
  until stored "$2"; do read -rt 0.1 <> <(:) || true; done
  printf '| %s | %s | %s | %s | %s |\n' "$1" "$(since "$begin")" "$(peak "$server")" "$(peak "$worker")" "$(peak "$web")"
  stop
}

"$builder" db migrate --datadir "$place/web" 2>/dev/null
echo "secret-of-bench" | "$builder" db user-add bench --unrestricted --datadir "$place/web" >/dev/null

echo "| build | until stored | server | worker | web |"
echo "| --- | --- | --- | --- | --- |"
run "one line" one-line "echo hello"
run "200,000 console lines" lines "seq 1 200000"
run "an artifact of 100 MB" artifact "mkdir bin; head -c 100000000 /dev/urandom > bin/artifact"
run "an artifact of 1 GB" gigabyte "mkdir bin; head -c 1000000000 /dev/urandom > bin/artifact"

run "an artifact of 200 MB" decode "mkdir bin; head -c 200000000 /dev/urandom > bin/artifact"

start
build=$(find "$place/web/decode" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | head -1)
curl -s "http://127.0.0.1:$web_port/job/decode/build/$build/exec" -o "$place/exec"
stop
for round in 1 2 3; do
  /usr/bin/time -f "decode of $(stat -c %s "$place/exec") bytes into files: %e s, %M KB resident at most" \
    "$builder" inspect "$place/exec" --output "$place/out-$round" >/dev/null
done
