#!/bin/sh
# A guest that talks over its control ring to the kernel's netback, recorded from outside: once from the beginning, once
# from the midst, when all is set up. Both traces replay the same.
# Needs --bin ringside --bin ringside-lab-tests --lib libbpf.so.1 --lib libpcap.so.0.8.
set -eu
. /lab/lib.sh

record() { # NAME
    ringside record --vif vif0.0 -w "/job/out/$1.ringtrace" 2>"/job/out/$1.log" &
    recorder=$!
    wait_for 240 grep -q '^recording' "/job/out/$1.log" || die "the recorder does not start: $(cat "/job/out/$1.log")"
    ! grep 'control ring is not recorded' "/job/out/$1.log" || die "the control ring is not watched"
}
stop() { # NAME
    kill -INT $recorder
    wait $recorder || die "$1: $(cat "/job/out/$1.log")"
    cat "/job/out/$1.log"
}
events() { ringside show --text "/job/out/$1.ringtrace" 2>/dev/null; }

raise_grant_limits
vif_backend_add 0
record control
ringside-lab-tests control >/job/out/tests.log 2>&1 &
tests=$!
wait_for 120 grep -q '^waiting' /job/out/tests.log || die "the guest does not come to the middle: $(cat /job/out/tests.log)"
stop control
record control-late
sleep 1
touch /run/ringside-go
wait $tests || die "the guest: $(cat /job/out/tests.log)"
cat /job/out/tests.log
stop control-late
vif_backend_remove 0
for name in control control-late; do
    ringside show "/job/out/$name.ringtrace"
    echo "$name: $(events $name | grep -c ' control-response ') control messages, $(events $name | grep -c ' hash=') frames with a hash"
    ringside replay --on sim "/job/out/$name.ringtrace"
    ringside replay --on xen "/job/out/$name.ringtrace"
done
[ "$(events control | grep -c ' control-response ')" = 16 ] || die "not every message is in the first trace"
[ "$(events control-late | grep -c ' control-response ')" = 3 ] || die "not every message is in the second trace"
echo "control: ok"
