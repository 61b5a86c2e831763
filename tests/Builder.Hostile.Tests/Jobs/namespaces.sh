#!/bin/sh
# attack: get rights by namespaces, setuid programs, devices and the ways that kernels are attacked through
# expect: held
unshare --user --map-root-user true 2>/dev/null && echo "BREACH: a user namespace can be made"
for file in /usr/bin/su /usr/bin/sudo /usr/bin/passwd /usr/bin/mount; do
  [ -x $file ] && [ "$(cat /proc/self/status | awk '/^NoNewPrivs/ { print $2 }')" != 1 ] && echo "BREACH: $file may give rights"
done
for device in /dev/mem /dev/kmsg /dev/kvm /dev/fuse /dev/net/tun /dev/vda /dev/sda /dev/nvme0n1; do [ ! -e $device ] || echo "BREACH: $device is there"; done
mknod node c 1 3 2>/dev/null && echo "BREACH: devices can be made"
( echo b > /proc/sysrq-trigger ) 2>/dev/null && echo "BREACH: sysrq"
dmesg >/dev/null 2>&1 && [ "$(cat /proc/sys/kernel/dmesg_restrict)" = 1 ] && echo "BREACH: the kernel's log"
echo "HELD"
