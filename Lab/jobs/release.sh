#!/bin/bash
# The program that is released, alone: no library comes with it but glibc. It records a guest on the kernel's netback, replays what
# it recorded in simulation and on real grants, and serves a guest in the kernel's place.
# Needs --bin ringside, the one that Scripts/dist makes. Leaves /job/out/release.ringtrace.
set -eu
. /lab/lib.sh
raise_grant_limits

ringside --version
case $(ringside --version) in *'built in: libxen '*) ;; *) die "this is not the program that is released" ;; esac
is_shared() { /lib64/ld-linux-x86-64.so.2 --list "$(command -v ringside)" | grep -vE 'linux-vdso|ld-linux|/libc\.so|/libm\.so'; }
! is_shared || die "it needs more than glibc"

echo "--- it records the kernel's netback"
load_modules xen-netback
vif_loopback_add 0 2
ringside list
ringside record --vif vif0.0 -w /job/out/release.ringtrace -s 128 2>/job/out/record.log &
recorder=$!
wait_for 240 grep -q '^recording' /job/out/record.log || die "the recorder does not start: $(cat /job/out/record.log)"
ping_check 0 20 || die "packets lost"
for direction in tx rx; do tcp_bulk 0 $direction 2 || die "checksums differ"; done
kill -INT $recorder
wait $recorder || die "the recorder: $(cat /job/out/record.log)"
cat /job/out/record.log

echo "--- and replays it, in simulation and on real grants"
ringside show /job/out/release.ringtrace
for world in sim xen; do
    ringside replay --on $world /job/out/release.ringtrace | tee /run/replay.txt
    grep -q ': the same$' /run/replay.txt || die "it does not replay on $world"
done
vif_loopback_remove 0

echo "--- and serves a guest in the kernel's place"
wait_for 10 rmmod xen-netback || die "the kernel's netback stays: $(rmmod xen-netback 2>&1)"
serve_start
for queues in 1 2; do
    vif_served_add $queues $queues
    ping_check $queues || die "packets lost"
    for direction in tx rx; do tcp_bulk $queues $direction 4 || die "checksums differ"; done
done
serve_statistics
for h in 1 2; do vif_served_remove $h; done
serve_stop

echo "--- what it has no library for it says"
code=0
ringside serve --savefile /run/%d-%h.pcap 2>/run/errors || code=$?
cat /run/errors
[ $code = 3 ] && grep -q 'apt install libpcap0.8' /run/errors || die "serve --savefile should end with 3 and name libpcap0.8, and ended with $code"

[ "$(mapped_grants)" = 0 ] || die "grants are still mapped"
echo "release: ok"
