#!/bin/sh
# attack: leave what cannot be removed, so that the worker stumbles over it
# expect: held
mkdir -p closed/inner; : > closed/inner/file; chmod 000 closed/inner/file closed/inner closed
mkdir "$(printf 'new\nline')" "$(printf 'bytes-\377')" -- -rf; : > "$(printf 'tab\there')"
mkdir -p removed-0/x .removed-0; : > removed-0/x/y
name=$(head -c 200 /dev/zero | tr '\0' d); top=$PWD
i=0; while [ $i -lt 50 ]; do mkdir $name && cd -P $name; i=$((i + 1)); done; cd "$top"
chattr +i closed 2>/dev/null || :
chmod 000 .. . 2>/dev/null || :
echo "HELD"
