#!/bin/sh
# Our frontend on real grants, the same rows against our backend and against the kernel's: handshakes, frames both ways,
# guests cut off, removal without a leak. Needs --bin ringside-lab-tests --lib libpcap.so.0.8.
set -eu
. /lab/lib.sh
raise_grant_limits
# No frames but those of the rows.
echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
is_loaded xen-netback && die "the kernel's netback would serve our backend's vifs"
ringside-lab-tests halves
load_modules xen-netback
ringside-lab-tests netfront
