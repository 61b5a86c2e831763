#!/bin/sh
# attack: outlive the job by chains of processes that fork and end, each in a session of its own
# expect: held
cat > /tmp/chain <<'END'
setsid sh /tmp/chain left-by-an-earlier-job & exit
END
for i in $(seq 4); do sh /tmp/chain left-by-an-earlier-job & done
sleep 1
echo "HELD"
