#!/bin/bash
# What the tap costs a backend at half the rate that saturates the machine, and what it loses there: nothing.
# Throughput is measured without and with it, in turn. Recorders come and go while the traffic stands still: an emulated
# processor that runs the very code which they patch may stand still for good.
# Usage: Lab/run --at-once --bin ringside --lib libbpf.so.1 --out DIR tap-load [PAIRS [SECONDS]]
set -eu
. /lab/lib.sh
. /lab/recorder.sh
pairs=${1:-10} seconds=${2:-60}
cd /job/out

load_modules xen-netback sch_netem
raise_grant_limits
vif_loopback_add 0 2
bulk_start 0 tx rx
sleep 2
halve_traffic

: >without.txt
: >with.txt
# The traffic rests while a recorder comes or goes.
begin() { bulk_pause 0; record_start "$1"; bulk_resume 0; sleep 1; }
end() { bulk_pause 0; record_stop "$1"; bulk_resume 0; sleep 1; }
for pair in $(seq "$pairs"); do
    rate 4000 >>without.txt
    begin pair
    rate 4000 >>with.txt
    end pair
done
say "at half of it, octets/s: without the tap $(paste -sd' ' without.txt); with it $(paste -sd' ' with.txt)"
say "the backend's throughput with the tap: $(($(median <with.txt) * 1000 / $(median <without.txt))) thousandths of that without"

begin steady
from=$(octets)
sleep "$seconds"
say "recorded at $((($(octets) - from) / seconds)) octets/s for $seconds s"
end steady
bulk_stop 0
record_account steady
[ "$lost" = 0 ] && [ "$made" = "$taken" ] || die "steady: events were lost"
echo "tap-load: ok"
