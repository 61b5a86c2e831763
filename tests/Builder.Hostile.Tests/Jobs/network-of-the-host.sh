#!/bin/bash
# attack: reach the platform's secrets (SLSA): speak to server, site, databases and metadata services over the network
# expect: held
# The test replaces PORTS by addresses that somebody listens on.
for target in ${PORTS:-127.0.0.1/1234 127.0.0.1/80 127.0.0.1/22 127.0.0.1/5432} 10.0.2.2/1234 10.0.3.2/1234 169.254.169.254/80; do
  ( exec 3<> /dev/tcp/$target ) 2>/dev/null && echo "BREACH: $target can be reached"
done
for target in ::1/1234 ::ffff:127.0.0.1/1234; do
  ( exec 3<> /dev/tcp/$target ) 2>/dev/null && echo "BREACH: $target can be reached"
done
if command -v python3 >/dev/null; then
  python3 - <<'END'
import socket
try:
    socket.socket(40, socket.SOCK_STREAM)  # AF_VSOCK: to the host of a virtual machine
    print("BREACH: a virtual socket can be made")
except OSError:
    pass
END
fi
echo "HELD"
