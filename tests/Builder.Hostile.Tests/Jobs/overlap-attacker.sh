#!/bin/sh
# attack: influence an overlapping build (SLSA): its files, its console, its processes
# expect: held
for dir in / /tmp /var/tmp /dev/shm /var/lib /run; do
  grep -rlsa secret-of-the-victim --exclude=script.sh "$dir" --exclude-dir=proc --exclude-dir=usr --exclude-dir=sys 2>/dev/null | grep -q . && echo "BREACH: a file of the other job under $dir"
done
find / -xdev \( -type p -o -name 'builder-*' \) ! -path '/usr/*' ! -path '/proc/*' 2>/dev/null | grep . && echo "BREACH: pipes or directories of the worker"
for fd in /proc/[0-9]*/fd/[0-9]*; do
  case $fd in /proc/$$/*) continue ;; esac
  target=$(readlink "$fd" 2>/dev/null) || continue
  case $target in
    pipe:*)
      own=no
      for mine in /proc/$$/fd/*; do [ "$(readlink "$mine" 2>/dev/null)" = "$target" ] && own=yes; done
      [ $own = yes ] || { ( echo "forged by the attacker" > "$fd" ) 2>/dev/null && echo "BREACH: wrote to $fd"; }
      ;;
  esac
done
for pid in /proc/[0-9]*; do
  pid=${pid#/proc/}
  [ "$pid" -ne 1 ] && [ "$pid" -ne $$ ] && [ "$(readlink /proc/$pid/ns/pid 2>/dev/null)" != "$(readlink /proc/self/ns/pid)" ] && kill -STOP "$pid" 2>/dev/null && echo "BREACH: stopped process $pid"
done
[ -z "$(ipcs -m 2>/dev/null | awk 'NR > 3 && NF')" ] || echo "BREACH: shared memory of others"
echo "HELD"
