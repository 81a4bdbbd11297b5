#!/bin/bash
# Traces' guests in front of live backends, Linux's netback and then ours: field traces, and advisories that cut a guest off
# or have it refused, with their control messages and the frames for them. Each backend does what the trace says, and what
# our netback does in simulation.
# Needs --bin ringside --lib libpcap.so.0.8 --in Corpus/field --in Corpus/advisories. Leaves what is said in *.txt.
set -eu -o pipefail
. /lab/lib.sh
raise_grant_limits
# A vif that was disabled is made anew, which waits for many grace periods.
echo 1 >/sys/kernel/rcu_expedited
# No frames but those of the traces.
echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6

advisories='xsa-039-missing-slot xsa-039-producer xsa-039-wrapped-walk xsa-090-goes-on xsa-423-split-headers xsa-432-wrapped-count xsa-448-empty-slots'
mkdir /tmp/traces
cp /job/in/field/*.ringtrace /tmp/traces
for name in $advisories; do ringside show "/job/in/advisories/$name/case.scenario" -w "/tmp/traces/$name.ringtrace"; done

failed=0
live() { # NAME OPTION...
    local from out=/job/out/$1.txt
    from=$(now_ms)
    shift
    # On a busy emulated machine Linux may take a minute to come to a guest.
    ringside replay /tmp/traces --on vif --patience 60 "$@" | tee "$out" || failed=1
    echo "--- $out: $((($(now_ms) - from) / 1000)) s"
    ! grep 'frames unseen' "$out" || die "the vif has no interface"
    ! grep -A 9 'loopback.ringtrace:' "$out" | grep 'frames not given' || die "frames for the guest are not given"
}

code=0
ringside replay /tmp/traces/cutoff.ringtrace --on vif --patience 1 2>/run/errors || code=$?
[ $code = 4 ] && grep -q 'no backend took the vif' /run/errors || die "without a backend: code $code, $(cat /run/errors)"

load_modules xen-netback
live kernel
live kernel-sim --against sim
rmmod xen-netback
serve_start
live serve
live serve-sim --against sim
serve_stop
[ -z "$(xenstore-ls /local/domain/0/backend/vif/0 2>/dev/null)" ] || die "a vif is left"
[ "$(mapped_grants)" = 0 ] || die "grants are still mapped"
[ $failed = 0 ] || die "a backend does something else"
echo "live: ok"
