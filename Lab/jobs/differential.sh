#!/bin/bash
# Cases, put to the kernel's netback or to ours on real grants: differential SET[,SET...] [kernel|swift]... SET is one of
# ringside-differential's, or a part of one, such as tx:sequence/; the kernel's is asked twice unless told otherwise. Answers go to
# /job/out, by run, backend and set. Wants the program ringside-differential (--bin).
set -eu -o pipefail
. /lab/lib.sh

raise_grant_limits
# A vif that was disabled is made anew, which waits for many grace periods.
echo 1 >/sys/kernel/rcu_expedited
echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
sets=${1//,/ }
shift
[ $# -gt 0 ] || set -- kernel kernel
number=0 failed=0
for backend; do
    number=$((number + 1))
    # The kernel's netback, once loaded, would serve what ours is to serve.
    if [ "$backend" = kernel ]; then load_modules xen-netback; else ! is_loaded xen-netback || rmmod xen-netback; fi
    for set in $sets; do
        from=$(now_ms) out=/job/out/$number-$backend-${set%%:*}
        ringside-differential "$set" ask "$backend" 2>&1 >>"$out.txt" | tee -a "$out.log" || failed=1
        echo "run $number, $backend, $set: $((($(now_ms) - from) / 1000)) s"
    done
done
exit $failed
