#!/bin/bash
# Our frontend and our backend on real grants, both in one process: a vif whose pages are all staged beside one whose data
# Xen copies, in turn. Packets a second each way, and the time of one frame to the guest.
# Usage: Lab/run --bin ringside-bench --out DIR staged-rate [OPTION...], options of `ringside-bench staged-rate`
set -eu -o pipefail
. /lab/lib.sh
raise_grant_limits
is_loaded xen-netback && die "the kernel's netback would serve our backend's vifs"
ringside-bench staged-rate --on xen "$@" | tee /job/out/figures.txt
