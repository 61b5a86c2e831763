#!/bin/sh
# attack: reach the platform's secrets (SLSA): memory, environment, descriptors and files of worker, server and site
# expect: held
for pid in /proc/[0-9]*; do
  case $pid in /proc/$$ | /proc/self) continue ;; esac
  # What the job itself started is its own.
  [ "$(readlink $pid/ns/pid 2>/dev/null)" = "$(readlink /proc/self/ns/pid)" ] && continue
  ( : < $pid/mem ) 2>/dev/null && echo "BREACH: $pid/mem can be opened"
  # Those of the kernel's own threads can be opened, and are empty.
  for file in environ maps; do [ -z "$(head -c 8 $pid/$file 2>/dev/null | tr -d '\0')" ] || echo "BREACH: $pid/$file can be read"; done
done
for path in /etc/shadow /etc/ssl/private /etc/builder* /etc/default/builder* /var/lib/builder* /root /home /run/builder* /run/docker.sock /var/run/docker.sock /run/systemd/private /run/dbus; do
  [ -e "$path" ] || continue
  [ -z "$(ls -A "$path" 2>/dev/null)" ] || echo "BREACH: $path is visible"
done
sockets=$(find / -xdev -type s 2>/dev/null | head -3)
[ -z "$sockets" ] || echo "BREACH: sockets can be seen: $sockets"
env | grep -iE '(password|secret|token|key)=' && echo "BREACH: secrets in the environment"
grep -q '^CapEff:[[:space:]]*0*$' /proc/self/status || echo "BREACH: the job has capabilities"
[ "$(id -u)" != 0 ] || echo "BREACH: the job is root"
echo "HELD"
