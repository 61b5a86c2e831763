#!/bin/sh
# attack: persist into a later build (SLSA): leave files, processes, keys and schedules for the next job
# expect: held
[ "$(id -u)" != 0 ] || { echo "BREACH: the job is root; what follows would damage the machine and is left out"; exit; }
for dir in /tmp /var/tmp /dev/shm "$HOME" /usr/local/bin /etc /var/lib /run /tmp/build/.. /dev; do
  ( echo left-by-an-earlier-job > "$dir/left-by-an-earlier-job" ) 2>/dev/null || :
done
for dir in /usr/local/bin /usr/bin /bin; do
  ( echo 'echo stolen' > "$dir/builder-hostile-tool" ) 2>/dev/null && echo "BREACH: programs can be added to $dir"
done
( setsid sh -c 'while :; do sleep 1; done' left-by-an-earlier-job >/dev/null 2>&1 & )
( trap '' TERM HUP; setsid setsid nohup sleep 4321 >/dev/null 2>&1 & )
( echo '* * * * * true' | crontab - ) 2>/dev/null && echo "BREACH: crontab"
if command -v python3 >/dev/null; then
  python3 - <<'END'
import ctypes, platform
libc = ctypes.CDLL(None, use_errno=True)
add_key = {"x86_64": 248, "aarch64": 217}.get(platform.machine())
for keyring in (-3, -4, -5):  # session, user, user session
    if add_key and libc.syscall(add_key, b"user", b"left-by-an-earlier-job", b"x", 1, keyring) > 0:
        print("BREACH: a key can be left in keyring", keyring)
shm = libc.shmget(0x4275696c, 4096, 0o1666)
END
fi
echo "HELD"
