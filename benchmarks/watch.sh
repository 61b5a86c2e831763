#!/bin/bash
# Live pages, large consoles, first errors and webhooks. Each figure stands beside what is wanted of it.
#   benchmarks/watch.sh PATH-OF-BUILDER [BROWSERS=2000] [LINES=200000] [WEBHOOKS=10000]
# Wants python3 and curl. The program decides: figures that are wanted hold for the native one, and for a machine that does nothing else.
set -eu
builder=$(realpath "$1") browsers=${2:-2000} lines=${3:-200000} webhooks=${4:-10000}
data=$(mktemp -d)
web='' server='' worker='' receiver=''
trap 'kill $web $server $worker $receiver 2>/dev/null || true; wait 2>/dev/null; rm -rf "$data"' EXIT
ulimit -n 8192
mkdir -p "$data/config"
site=http://127.0.0.1:3987 remote=127.0.0.1:3986

say() { printf '%-46s %14s   %s\n' "$@"; } # WHAT FIGURE WANTED
most() { awk -v is="$1" -v wanted="$2" 'BEGIN {print "wanted <= " wanted (is + 0 > wanted + 0 ? "  MISSED" : "")}'; }
resident() { awk '$1 == "VmRSS:" {printf "%d", $2 / 1000}' /proc/"$web"/status; }
ticks() { awk '{print $14 + $15}' /proc/"$web"/stat; }
start() { # the site
  "$builder" web --datadir "$data/web" --configdir "$data/config" --port 3987 --server $remote >>"$data/log" 2>&1 &
  web=$!
  until curl -sf -o /dev/null $site/robots.txt; do sleep 0.1; done
}
say "load of this machine (1 minute)" "$(cut -d' ' -f1 /proc/loadavg)" "figures need less than 1"

"$builder" db migrate --datadir "$data/web" >/dev/null 2>&1
"$builder" db user-add uploader --unrestricted --datadir "$data/web" <<<'long enough' >/dev/null
token=$("$builder" db token-add uploader --scope 'upload:*' --datadir "$data/web")
"$builder" server --port 3986 --dir "$data/server" --config-dir "$data/config" --upload "http://uploader:$token@127.0.0.1:3987/upload" >>"$data/log" 2>&1 &
server=$!
start

echo "-- $browsers browsers on /events, a change each second"
before=$(resident)
cat >"$data/browsers.py" <<'PY'
import asyncio, subprocess, sys, time
count, builder, remote, seconds = int(sys.argv[1]), sys.argv[2], sys.argv[3], 10
seen = []
async def browse(ready):
    reader, writer = await asyncio.open_connection("127.0.0.1", 3987)
    writer.write(b"GET /events HTTP/1.1\r\nHost: 127.0.0.1:3987\r\nAccept: text/event-stream\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    ready.append(1)
    while True:
        line = await reader.readline()
        if not line:
            raise SystemExit("the site ended a stream")
        if line.startswith(b"event: change"):
            seen.append(time.monotonic())
async def main():
    ready = []
    tasks = []
    for at in range(count):
        tasks.append(asyncio.create_task(browse(ready)))
        if at % 50 == 49:
            await asyncio.sleep(0.02)
    while len(ready) < count:
        await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    print("ready", flush=True)
    sys.stdin.readline()
    delays = []
    for second in range(seconds):
        seen.clear()
        begun = time.monotonic()
        done = await asyncio.create_subprocess_exec(builder, "client", ["drain", "undrain"][second % 2], "w", "-r", remote, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        await done.wait()
        ended = time.monotonic()
        while len(seen) < count and time.monotonic() < ended + 5:
            await asyncio.sleep(0.005)
        if len(seen) < count:
            raise SystemExit(f"only {len(seen)} of {count} browsers were told")
        delays.append(1000 * (sorted(seen)[count // 2] - ended))
        await asyncio.sleep(max(0, 1 - (time.monotonic() - begun)))
    print(f"{sorted(delays)[len(delays) // 2]:.0f}", flush=True)
    sys.stdin.readline()
asyncio.run(main())
PY
mkfifo "$data/go"
python3 "$data/browsers.py" "$browsers" "$builder" $remote <"$data/go" >"$data/told" 2>&1 &
clients=$!
exec 9>"$data/go"
until grep -q ready "$data/told"; do sleep 0.2; kill -0 $clients || { cat "$data/told"; exit 1; }; done
say "memory for $browsers browsers" "$(($(resident) - before)) MB" "$(most $(($(resident) - before)) 150) MB"
from=$(ticks)
echo >&9
until [ "$(wc -l <"$data/told")" -ge 2 ]; do sleep 0.2; kill -0 $clients || { cat "$data/told"; exit 1; }; done
say "processor at a change each second" "$((($(ticks) - from) * 100 / 1000)) %" "$(most $((($(ticks) - from) * 100 / 1000)) 20) % of a core"
say "from the server's answer to half of all browsers" "$(tail -1 "$data/told") ms" "$(most "$(tail -1 "$data/told")" 200) ms"
echo >&9
exec 9>&-
wait $clients || true

echo "-- a console of $lines lines, of a failed build"
cat >"$data/job.sh" <<SH
#!/bin/sh
seq -f 'compiling part %g of the program with its usual flags' 1 $((lines / 2))
echo "src/a.c:1:10: fatal error: gmp.h: No such file or directory"
seq -f 'compiling part %g of the program with its usual flags' 1 $((lines / 2))
echo "make: *** [Makefile:2: a.o] Error 1"
exit 1
SH
"$builder" worker debian-99 -r $remote --workdir "$data/work" --sandbox none >>"$data/log" 2>&1 &
worker=$!
"$builder" client schedule long debian-99 "$data/job.sh" --period never -r $remote >/dev/null
build=''
for _ in $(seq 600); do
  build=$(curl -s -H 'Accept: application/json' "$site/job/long?failed" | grep -o '[0-9a-f]\{8\}-[0-9a-f-]\{27\}' | head -1) || true
  [ -z "$build" ] || break
  build=$(curl -s $site/failed-builds | grep -o '/job/long/build/[0-9a-f-]*' | head -1 | sed 's/.*\///') || true
  [ -z "$build" ] || break
  sleep 0.2
done
[ -n "$build" ] || { echo "the build did not come" >&2; tail "$data/log" >&2; exit 1; }
before=$(resident)
for which in first second; do
  from=$(ticks)
  took=$(curl -s -o "$data/page" -w '%{time_total}' "$site/job/long/build/$build/log")
  say "processor time of its page, $which time" "$((($(ticks) - from) * 10)) ms"  ""
  say "its page, $which time" "$(awk -v t="$took" 'BEGIN {printf "%d", t * 1000}') ms" "$(most "$(awk -v t="$took" 'BEGIN {print t * 1000}')" 150) ms, $(($(wc -c <"$data/page") / 1000)) kB"
done
grep -q 'gmp.h' "$data/page" || { echo "the page does not show the first error" >&2; exit 1; }
say "memory that it took" "$(($(resident) - before)) MB" "$(most $(($(resident) - before)) 50) MB"

echo "-- first errors: processor time, without the start of the program"
none() { "$builder" triage "$1" --json >"$data/found" || true; }
milliseconds() { # of processor time
  local TIMEFORMAT='%U %S'
  { time none "$1"; } 2>&1 | awk 'NF == 2 {printf "%d", ($1 + $2) * 1000}'
}
echo 'a.c:1:1: error: x' >"$data/one.log"
{ seq -f 'compiling part %g of the program with its usual flags' 1 10000; echo 'a.c:1:10: fatal error: gmp.h: No such file or directory'; } >"$data/ten.log"
sh "$data/job.sh" >"$data/all.log" || true
base=$(milliseconds "$data/one.log"); base=$(milliseconds "$data/one.log")
took=$(($(milliseconds "$data/ten.log") - base))
say "10,000 lines" "$took ms" "$(most $took 20) ms"
took=$(($(milliseconds "$data/all.log") - base))
say "$lines lines" "$took ms" "$(most $took $((lines / 500))) ms"

echo "-- $webhooks webhooks to a target that answers in 10 ms"
cat >"$data/receiver.py" <<'PY'
import asyncio, sys
got = set()
async def serve(reader, writer):
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            break
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
        await reader.readexactly(int(fields.get(b"content-length", b"0")))
        got.add(fields[b"webhook-id"])
        await asyncio.sleep(0.01)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        if len(got) == int(sys.argv[1]):
            open(sys.argv[2], "w").close()
    writer.close()
async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", 3985) as server:
        await server.serve_forever()
asyncio.run(main())
PY
python3 "$data/receiver.py" "$webhooks" "$data/all-there" &
receiver=$!
(umask 077; printf 'whsec_'; openssl rand -base64 32) >"$data/config/hook.secret" 2>/dev/null
chmod 600 "$data/config/hook.secret"
cat >"$data/config/notify.yaml" <<YAML
targets:
  - name: hook
    type: webhook
    url: http://127.0.0.1:3985/hook
    allow-private: 127.0.0.1
    secret-file: hook.secret
    events: [worker.lost]
    parallel: 4
YAML
known() { python3 -c 'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute("SELECT COUNT(*) FROM outbox_target").fetchone()[0])' "$data/web/builder.sqlite3"; }
until [ "$(known)" = 1 ]; do sleep 0.3; done
python3 - "$data/web/builder.sqlite3" "$webhooks" <<'PY'
import sqlite3, sys, time
base = sqlite3.connect(sys.argv[1], timeout=30)
now = int(time.time() * 1000)
base.executemany("INSERT INTO outbox_event (event_key, kind, job, platform, data, created) VALUES (?, 'worker.lost', ?, 'p', '{\"version\":1,\"worker\":\"w\"}', ?)",
                 [(f"worker.lost/w/{n}", f"job-{n % 50}", now) for n in range(int(sys.argv[2]))])
base.commit()
PY
begun=$(date +%s%N)
until [ -e "$data/all-there" ]; do sleep 0.05; [ $((($(date +%s%N) - begun) / 1000000000)) -lt 600 ] || { echo "they did not all arrive" >&2; exit 1; }; done
took=$((($(date +%s%N) - begun) / 1000000))
say "delivered in" "$took ms" "$(most $took $((webhooks * 6))) ms"
