#!/bin/sh
# A guest that the kernel's netback cuts off, recorded from outside: the trace names the rule and replays the same.
# Needs --bin ringside --bin ringside-lab-tests --lib libbpf.so.1 --lib libpcap.so.0.8.
set -eu
. /lab/lib.sh
trace=/job/out/cutoff.ringtrace

vif_backend_add 0
ringside record --vif vif0.0 -w $trace 2>/job/out/record.log &
recorder=$!
wait_for 240 grep -q recording /job/out/record.log || die "the recorder does not start: $(cat /job/out/record.log)"
ringside-lab-tests cut-off
kill -INT $recorder
wait $recorder
vif_backend_remove 0
dmesg | grep 'vif vif-0-0 .*Cross page boundary' || die "the kernel did not cut the guest off"
ringside show $trace
ringside show --text $trace 2>/dev/null | grep 'disabled rule=' || die "the trace does not show the end"
ringside show $trace | grep -q '^  disabled     tx/page-crossing$' || die "the trace does not name the rule"
ringside replay --on sim $trace
ringside replay --on xen $trace
echo "cutoff: ok"
