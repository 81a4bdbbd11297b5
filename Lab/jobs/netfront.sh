#!/bin/sh
# Our frontend against the kernel's xen-netback, on real grants: handshakes, frames both ways, a guest cut off, removal.
# Needs --bin ringside-lab-tests --lib libpcap.so.0.8.
set -eu
. /lab/lib.sh
load_modules xen-netback
raise_grant_limits
ringside-lab-tests netfront
