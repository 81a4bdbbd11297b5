#!/bin/sh
# Records the kernel's netback at work: ping, TCP both ways with frames still to be cut, one queue.
# Leaves /job/out/loopback.ringtrace; Corpus/field holds one that this job made.
# Usage: Lab/run --bin ringside --lib libbpf.so.1 --out DIR field [SNAPLEN [MIB]]
set -eu
. /lab/lib.sh
snap=${1:-128} mib=${2:-6}

load_modules xen-netback
vif_loopback_add 0 1
ringside record --vif vif0.0 -w /job/out/loopback.ringtrace -s "$snap" 2>/job/out/record.log &
recorder=$!
wait_for 240 grep -q 'recording' /job/out/record.log || die "the recorder does not start: $(cat /job/out/record.log)"
ping_check 0 40
ping_check 0 10 1400
for direction in tx rx; do tcp_bulk 0 $direction "$mib"; done
kill -INT $recorder
wait $recorder
cat /job/out/record.log
ringside show /job/out/loopback.ringtrace
ringside replay --on sim /job/out/loopback.ringtrace
echo "field: ok"
