#!/bin/bash
# attack: obtain a signed statement for what this job did not build: speak to the signer, find its keys or the server's, forge a record among the artifacts
# expect: held
for path in /run/builder-signer /var/lib/builder-signer /tmp/*/signer /tmp/*/sockets /etc/builder-web; do
  [ -e "$path" ] && [ -n "$(ls -A "$path" 2>/dev/null)" ] && echo "BREACH: $path is visible"
done
for name in signer.sock operator.sock issued.sqlite3 keys.json _record-key.pem; do
  found=$(find / -xdev -name $name 2>/dev/null | head -1)
  [ -z "$found" ] || echo "BREACH: $found is visible"
done
# Sockets in the abstract namespace have no file.
grep -iE 'signer|operator' /proc/net/unix 2>/dev/null && echo "BREACH: a socket of the signer can be seen"
grep -rlE 'BEGIN (EC )?PRIVATE KEY' /etc /opt /srv /tmp /var 2>/dev/null | head -1 | grep . && echo "BREACH: a private key can be read"
# What the job leaves is listed by its digest, whatever it calls itself: these must not become the build's own record, statement or provenance.
mkdir -p bin
printf 'not built here' > bin/stolen
printf '{"payloadType":"application/vnd.builder.record+json","payload":"e30=","signatures":[{"sig":"AAAA"}]}' > record
cp record provenance; cp record exec; cp record _statements.jsonl
echo "HELD"
