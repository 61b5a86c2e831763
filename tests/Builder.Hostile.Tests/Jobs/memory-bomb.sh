#!/usr/bin/awk -f
# attack: take all memory of the machine
# expect: limit memory
BEGIN { s = "xxxxxxxxxxxxxxxx"; while (1) { s = s s; a[n++] = s } }
