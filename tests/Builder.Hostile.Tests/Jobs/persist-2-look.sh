#!/bin/sh
# attack: persist into a later build (SLSA): look for what persist-1-leave left
# expect: held
find / -xdev -name left-by-an-earlier-job 2>/dev/null | grep . && echo "BREACH: a file survived"
for pid in /proc/[0-9]*; do
  { tr '\0' ' ' < "$pid/cmdline"; } 2>/dev/null | grep -qE 'left-by-an-earlier-job|sleep 4321' && [ "${pid#/proc/}" != $$ ] && echo "BREACH: process ${pid#/proc/} survived"
done
ipcs -m 2>/dev/null | grep -qi 0x4275696c && echo "BREACH: shared memory survived"
command -v builder-hostile-tool >/dev/null && echo "BREACH: a program survived"
echo "HELD"
