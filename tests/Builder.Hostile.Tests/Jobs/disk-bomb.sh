#!/bin/sh
# attack: fill the worker's disk, in the directory and in /tmp
# expect: limit max-disk
i=0
while :; do head -c 1000000 /dev/zero > part-$i; head -c 1000000 /dev/zero > /tmp/part-$i; i=$((i + 1)); done
