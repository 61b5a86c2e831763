#!/bin/sh
# attack: none; the build that overlap-attacker is run beside
# expect: held
echo "secret-of-the-victim" > secret
echo "the victim is ready"
i=0
while [ $i -lt 40 ]; do sleep 0.1; i=$((i + 1)); done
[ "$(cat secret)" = secret-of-the-victim ] || echo "BREACH: the file was changed"
[ "$(ls)" = "$(printf 'script.sh\nsecret')" ] || echo "BREACH: files have come: $(ls)"
rm secret
echo "HELD"
