#!/bin/sh
# Programs that ringside show --as c made, against the kernel's netback, which must answer as they expect:
# programs NAME... Wants each of them (--bin).
set -eu
. /lab/lib.sh
# A vif that was disabled is made anew, which waits for many grace periods.
echo 1 >/sys/kernel/rcu_expedited
# No frames but those of the programs.
echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6

number=0 failed=''
for program; do
    vif_backend_add $number
    ip link set "vif0.$number" up
    echo "--- $program"
    "$program" "device/vif/$number" || failed="$failed $program"
    vif_backend_remove $number
    number=$((number + 1))
done
[ -z "$failed" ] || die "answered differently:$failed"
echo "programs: ok, $number answered as they expect"
