#!/bin/sh
# attack: take all processes of the machine
# expect: limit pids
bomb() { bomb | bomb & bomb; }
( bomb ) 2>/dev/null &
sleep 5
