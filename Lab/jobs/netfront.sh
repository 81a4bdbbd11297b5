#!/bin/sh
# Our frontend on real grants, the same rows against our backend and against the kernel's: handshakes, frames both ways,
# guests cut off, removal without a leak. Needs --bin ringside-lab-tests --lib libpcap.so.0.8.
set -eu
. /lab/lib.sh
raise_grant_limits
is_loaded xen-netback && die "the kernel's netback would serve our backend's vifs"
ringside-lab-tests halves
load_modules xen-netback
ringside-lab-tests netfront
