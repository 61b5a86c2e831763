#!/bin/sh
# attack: take all processes of the machine
# expect: limit pids
i=0
while [ $i -lt 5000 ]; do
  sleep 5 &
  i=$((i + 1))
done
