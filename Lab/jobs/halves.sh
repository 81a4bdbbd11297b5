#!/bin/sh
# A netback without netfront (for a program that plays the frontend), and netfront without a netback.
set -eu
. /lab/lib.sh

raise_grant_limits
echo "gntalloc limit: $(cat /sys/module/xen_gntalloc/parameters/limit)"
vif_backend_add 1
echo "netback alone: state $(xenstore-read "$(backend_path 1)/state"), features: $(xenstore-ls "$(backend_path 1)" | grep -c feature)"
vif_backend_remove 1
no_key "$(backend_path 1)" || die "keys are left"
load_modules xen-netfront
vif_backend_add 2 /local/domain/0/program/vif/2
vif_backend_remove 2 /local/domain/0/program/vif/2
rmmod xen-netback
vif_frontend_add 3
wait_for 5 test -e /sys/bus/xen/devices/vif-3 || die "netfront has no device"
echo "netfront alone: state $(xenstore-read "$(frontend_path 3)/state")"
vif_frontend_remove 3
vif_loopback_add 4 2
ping_start 4
bulk_start 4 tx
sleep 3
bulk_stop 4
ping_stop 4
vif_loopback_remove 4
echo "halves: ok"
