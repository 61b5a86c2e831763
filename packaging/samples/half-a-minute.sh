# Takes half a minute and prints as it goes: watch it on the Activity page while it runs.
export LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=1763769600

printf 'rounds 30\n' > rounds
sha256sum rounds > build-inputs
printf 'LC_ALL=%s\nSOURCE_DATE_EPOCH=%s\nTZ=%s\n' "$LC_ALL" "$SOURCE_DATE_EPOCH" "$TZ" > build-environment
dpkg-query -W -f '${Package}=${Version}\n' > system-packages

mkdir bin
for round in $(seq 1 30); do
  printf '\033[32m[%2d/30]\033[0m hashing, round %d\n' "$round" "$round"
  printf 'round %d\n' "$round" | sha256sum >> bin/rounds.txt
  sleep 1
done
echo "done: $(wc -l < bin/rounds.txt) rounds"
rm rounds
