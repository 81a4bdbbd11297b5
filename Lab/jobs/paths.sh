#!/bin/sh
# The rows that every netback must pass, against our backend on real grants: with the data of packets mapped, at once or
# when it is touched, with a header area, with pages that stay mapped as requests or messages say, and with two groups
# of workers. Needs --bin ringside-lab-tests --lib libpcap.so.0.8.
set -eu
. /lab/lib.sh
raise_grant_limits
# No frames but those of the rows.
echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
is_loaded xen-netback && die "the kernel's netback would serve our backend's vifs"
ringside-lab-tests halves-map halves-lazy halves-header halves-persistent halves-staged halves-groups
