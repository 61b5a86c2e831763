#!/bin/sh
# attack: take all processes of the machine
# expect: limit pids
bomb() { bomb | bomb & bomb; }
( bomb ) 2>/dev/null &
# The shell itself stays in the way: it cannot fork any more.
exec sleep 5
