# A build whose test fails: see how the failure shows, and where the console says why.
export LC_ALL=C TZ=UTC

echo 'sum() { echo $(($1 - $2)); }' > sum.sh
sha256sum sum.sh > build-inputs
printf 'LC_ALL=%s\nTZ=%s\n' "$LC_ALL" "$TZ" > build-environment
dpkg-query -W -f '${Package}=${Version}\n' > system-packages

. ./sum.sh
tests=0
for expected in '1 0 1' '2 0 2' '2 3 5'; do
  set -- $expected
  tests=$((tests + 1))
  actual=$(sum "$1" "$2")
  if [ "$actual" -eq "$3" ]; then
    echo "ok $tests - sum $1 $2 is $3"
  else
    echo "not ok $tests - sum $1 $2 is $3"
    echo "error: expected $3, got $actual (sum.sh, line 1)" >&2
    exit 1
  fi
done
