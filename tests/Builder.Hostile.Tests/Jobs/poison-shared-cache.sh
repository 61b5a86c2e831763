#!/bin/sh
# attack: poison a shared cache (SLSA): change what other builds read, or what the worker keeps between jobs
# expect: held
[ "$(id -u)" != 0 ] || { echo "BREACH: the job is root; what follows would damage the machine and is left out"; exit; }
for file in /etc/passwd /etc/hosts /etc/ld.so.cache /usr/bin/env /bin/sh /lib/x86_64-linux-gnu/libc.so.6 /var/lib/dpkg/status /etc/ssl/certs/ca-certificates.crt; do
  [ -e $file ] || continue
  ( : >> $file ) 2>/dev/null && echo "BREACH: $file can be written"
  rm -f $file 2>/dev/null && echo "BREACH: $file was removed"
done
for dir in /usr /etc /var/lib/dpkg /var/cache /opt /proc/sys/kernel; do
  ( : > $dir/poison ) 2>/dev/null && echo "BREACH: files can be added to $dir"
done
( echo poison > /proc/sys/kernel/core_pattern ) 2>/dev/null && echo "BREACH: the kernel's settings can be changed"
unshare --user --map-root-user --mount sh -c 'mount -o remount,rw /usr && : > /usr/poison' 2>/dev/null && echo "BREACH: a namespace of its own made /usr writable"
mount -o remount,rw / 2>/dev/null && echo "BREACH: mounts can be changed"
echo "HELD"
