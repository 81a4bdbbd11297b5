#!/bin/bash
# A recorder that attaches while TCP runs both ways, many times; what the tap costs at half the rate that saturates the
# machine; what it loses there, and what when its reader stands still.
# Leaves the traces, what `ringside replay --on xen` said of them (xen.txt), and the figures (figures.txt).
# Usage: Lab/run --bin ringside --lib libbpf.so.1 --out DIR attach [TIMES [SECONDS]]
set -eu
. /lab/lib.sh
times=${1:-20} seconds=${2:-60}
cd /job/out

say() { echo "$*" | tee -a figures.txt; }
# Octets that the backend has moved, one way (rx: what the guest sent) or both.
octets() { cat /sys/class/net/vif0.0/statistics/${1:-[rt]x}_bytes | awk '{ sum += $1 } END { printf "%d", sum }'; }
# rate MILLISECONDS [SIDE]: octets per second over so long.
rate() {
    local start from=$(octets "${2:-}")
    start=$(now_ms)
    sleep "$(($1 / 1000)).$(($1 % 1000))"
    echo $((($(octets "${2:-}") - from) * 1000 / ($(now_ms) - start)))
}
median() { sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }
# attach NAME OPTION...: starts a recorder and waits until it records. The kernel checks the tap's programs for
# seconds; traffic that takes both processors would make minutes of them.
attach() {
    local name=$1
    shift
    ringside record --vif vif0.0 -w "$name.ringtrace" -s 128 "$@" >"$name.log" 2>&1 &
    recorder=$!
    renice -n -20 -p $recorder || die "$name: $(cat "$name.log")"
    wait_for 240 grep -q '^recording' "$name.log" || die "$name: the recorder does not start: $(cat "$name.log")"
    renice -n 0 -p $recorder
}
finish() { # NAME
    wait $recorder || die "$1: $(cat "$1.log")"
    grep -E '^(lost|tap):' "$1.log" | paste -sd' ' | sed "s/^/$1: /"
}
limit() { ip netns exec f0 tc qdisc replace dev eth0 root netem rate "$1bit" && tc qdisc replace dev vif0.0 root netem rate "$2bit"; }

load_modules xen-netback sch_netem
raise_grant_limits
vif_loopback_add 0 2
bulk_start 0 tx rx
sleep 2

# The first half of the recorders come while the machine is saturated.
numbers=$(seq -w "$times")
half=$(printf '%s\n' "$numbers" | head -n $((times / 2)))
for number in $half; do
    started=$(now_ms)
    attach "attach-$number" -c 300
    echo "attach-$number: $(($(now_ms) - started)) ms until it records"
    finish "attach-$number"
done

# An overload: the reader stands still, twice, until the smallest buffer is full.
attach overload -B 1
for turn in 1 2; do
    sleep 1
    kill -STOP $recorder
    sleep 5
    kill -CONT $recorder
done
sleep 2
kill -INT $recorder
finish overload

# Half of what saturates the machine, each way.
for side in rx tx; do
    full=$(for window in 1 2 3; do rate 2000 $side; done | median)
    say "saturated, $side: $full octets/s"
    eval "half_$side=$((full * 8 / 2))"
done
limit $half_rx $half_tx
sleep 2
# The second half come here, and pair by pair the throughput is measured without and with the tap.
: >without.txt
: >with.txt
for number in $(printf '%s\n' "$numbers" | tail -n +$((times / 2 + 1))); do
    rate 4000 >>without.txt
    attach "attach-$number"
    rate 4000 >>with.txt
    kill -INT $recorder
    finish "attach-$number"
done
say "at half of it, octets/s: without the tap $(paste -sd' ' without.txt); with it $(paste -sd' ' with.txt)"
share=$(($(median <with.txt) * 1000 / $(median <without.txt)))
say "the backend's throughput with the tap: $share thousandths of that without"

attach steady
from=$(octets)
sleep "$seconds"
say "recorded at $((($(octets) - from) / seconds)) octets/s for $seconds s"
kill -INT $recorder
finish steady
bulk_stop 0

# What was lost is counted in three places: by numbers that are missing, by the kernel's side, by what arrived.
account() { # NAME: sets made, taken, dropped, unplaced, lost, gaps
    read -r made taken dropped unplaced <<<"$(sed -n 's/^tap: \([0-9]*\) records made, \([0-9]*\) taken, \([0-9]*\) found no room, \([0-9]*\) .*/\1 \2 \3 \4/p' "$1.log")"
    lost=$(sed -n 's/^lost: \([0-9]*\) events$/\1/p' "$1.log")
    ringside show "$1.ringtrace" -w "$1.ringtext" >/dev/null
    gaps=$(awk 'match($0, / gap lost=[0-9]+/) { sum += substr($0, RSTART + 10, RLENGTH - 10) } END { printf "%d", sum }' "$1.ringtext")
    rm "$1.ringtext"
}
account overload
say "overload: $made records made, $taken taken, $dropped found no room, $unplaced without a snapshot; lost $lost, gaps $gaps"
[ "$dropped" -gt 0 ] || die "overload: nothing was lost"
[ "$made" = $((taken + dropped)) ] || die "overload: $((made - taken)) records did not arrive, the kernel's side counts $dropped"
[ "$lost" = "$gaps" ] && [ "$lost" = $((dropped + unplaced)) ] || die "overload: the losses do not agree"
account steady
say "steady: $made records made, $taken taken; lost $lost, gaps $gaps"
[ "$lost" = 0 ] && [ "$gaps" = 0 ] && [ "$made" = "$taken" ] || die "steady: events were lost"

# The long traces are for the host: they would take the emulated machine minutes.
started=$(now_ms)
ringside replay --on xen ./attach-*.ringtrace >xen.txt || die "replay on real grants: $(cat xen.txt)"
say "on real grants: $(tail -n 1 xen.txt), in $((($(now_ms) - started) / 1000)) s"
echo "attach: ok"
