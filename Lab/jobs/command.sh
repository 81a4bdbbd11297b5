#!/bin/sh
# The command on a Xen host: what it finds there, and what it says of it.
set -eu
. /lab/lib.sh
load_modules xen-netback

ringside doctor | tee doctor
for verb in 'record --vif' 'replay --on xen' list; do
    grep -qx "ringside $verb: works" doctor || die "the doctor does not expect '$verb' to work"
done
ringside list
vif_loopback_add 0 2
ringside list
ringside list --json 2>/dev/null | grep >/dev/null '"name":"vif0.0","queues":2,.*"recordable":true' || die "vif0.0 is not listed as recordable"
vif_loopback_remove 0
echo "command: ok"
