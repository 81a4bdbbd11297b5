#!/bin/bash
# A recorder that attaches while TCP runs both ways, many times, and one whose reader stands still until it loses.
# Leaves the traces, what `ringside replay --on xen` said of them (xen.txt), and the figures (figures.txt).
# Usage: Lab/run --bin ringside --lib libbpf.so.1 --out DIR attach [TIMES]
set -eu
. /lab/lib.sh
. /lab/recorder.sh
times=${1:-20}
cd /job/out

saturate

# The first half of the recorders come while the machine is saturated.
numbers=$(seq -w "$times")
for number in $(printf '%s\n' "$numbers" | head -n $((times / 2))); do
    started=$(now_ms)
    record_start "attach-$number" -c 300
    echo "attach-$number: $(($(now_ms) - started)) ms until it records"
    record_wait "attach-$number"
done

# An overload: the reader stands still, twice, while more goes by than the smallest buffer has room for.
has_moved() { [ "$(octets)" -ge "$1" ]; }
record_start overload -B 1
for turn in 1 2; do
    sleep 1
    kill -STOP $recorder
    wait_for 120 has_moved $(($(octets) + 10000000)) || die "overload: the traffic stands still"
    kill -CONT $recorder
done
sleep 2
record_stop overload

# The second half come at half of that rate.
halve_traffic
for number in $(printf '%s\n' "$numbers" | tail -n +$((times / 2 + 1))); do
    record_start "attach-$number"
    sleep 3
    record_stop "attach-$number"
done
bulk_stop 0

record_account overload
[ "$dropped" -gt 0 ] || die "overload: nothing was lost"

# The long trace is for the host: it would take the emulated machine minutes.
started=$(now_ms)
ringside replay --on xen ./attach-*.ringtrace >xen.txt || die "replay on real grants: $(cat xen.txt)"
say "on real grants: $(tail -n 1 xen.txt), in $((($(now_ms) - started) / 1000)) s"
echo "attach: ok"
