#!/bin/sh
# attack: have files of the worker sent as artifacts, through links of every kind
# expect: held
ln -s /etc/shadow shadow; ln -s /proc/self/environ environ; ln -s / root; ln -s ../../../../../../etc/passwd passwd
mkdir -p bin; ln -s ../../job/../../etc bin/etc; ln -s loop loop; ln -s /tmp/build/../../etc/passwd climbing
ln -s /dev/zero endless; mkfifo pipe
echo "HELD"
