#!/usr/bin/env bash
# Builds ringside-fuzz for a farm: one program for each target, which differs in its name alone.
set -eu
export RINGSIDE_FUZZ=1
# Of two sanitizers that stand apart the Swift compiler takes the last alone, and the engine would see no coverage.
build=(swift build -c release --sanitize=fuzzer --sanitize=address -Xswiftc -sanitize=fuzzer,address --product ringside-fuzz)
"${build[@]}"
for target in tx rx control xenbus trace text replay; do
    cp "$("${build[@]}" --show-bin-path)/ringside-fuzz" "$OUT/ringside-fuzz-$target"
    printf '[libfuzzer]\nuse_value_profile = 1\nmax_len = 4096\n' >"$OUT/ringside-fuzz-$target.options"
done
