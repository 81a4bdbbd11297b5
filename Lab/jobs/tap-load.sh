#!/bin/bash
# What the tap costs a backend at half the rate that saturates the machine, and what it loses there: nothing.
# Throughput is measured without and with it, in turn. Recorders come and go while the traffic stands still.
# Usage: Lab/run --bin ringside --lib libbpf.so.1 --out DIR tap-load [ROUNDS [SECONDS]]
set -eu
. /lab/lib.sh
. /lab/recorder.sh
rounds=${1:-3} seconds=${2:-60}
cd /job/out

saturate
halve_traffic

windows() { # FILE: what three windows move, octets a second
    local window
    for window in 1 2 3; do rate 4000 >>"$1"; done
    say "round $round, $1 the tap: $(tail -n 3 "$1" | paste -sd' ') octets/s"
}
for round in $(seq "$rounds"); do
    windows without
    # The last recorder stays.
    if [ "$round" = "$rounds" ]; then record_begin steady; else record_begin "round-$round"; fi
    windows with
    [ "$round" = "$rounds" ] || record_end "round-$round"
done
say "the backend's throughput with the tap: $(($(median <with) * 1000 / $(median <without))) thousandths of that without"

from=$(octets)
sleep "$seconds"
say "recorded at $((($(octets) - from) / seconds)) octets/s for $seconds s"
record_end steady
bulk_stop 0
record_account steady
[ "$lost" = 0 ] && [ "$made" = "$taken" ] || die "steady: events were lost"
echo "tap-load: ok"
