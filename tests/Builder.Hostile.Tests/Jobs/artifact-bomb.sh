#!/bin/sh
# attack: leave more files than anybody can store
# expect: limit max-artifacts
mkdir many
seq 1 30000 | (cd many && xargs touch)
