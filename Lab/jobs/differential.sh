#!/bin/bash
# TX cases, put to the kernel's netback or to ours on real grants: differential [kernel|swift]... (twice the kernel's
# unless told otherwise). Answers go to /job/out, numbered. Wants the program ringside-differential (--bin).
set -eu -o pipefail
. /lab/lib.sh

raise_grant_limits
# A vif that was disabled is made anew, which waits for many grace periods.
echo 1 >/sys/kernel/rcu_expedited
echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
[ $# -gt 0 ] || set -- kernel kernel
number=0 failed=0
for backend; do
    number=$((number + 1))
    from=$(now_ms)
    # The kernel's netback, once loaded, would serve what ours is to serve.
    if [ "$backend" = kernel ]; then load_modules xen-netback; else ! is_loaded xen-netback || rmmod xen-netback; fi
    ringside-differential ask "$backend" 2>&1 >"/job/out/$number-$backend.txt" | tee "/job/out/$number-$backend.log" || failed=1
    echo "run $number, $backend: $((($(now_ms) - from) / 1000)) s"
done
exit $failed
