#!/bin/bash
# Our netback as the backend of the kernel's netfront, both ends here, through tap devices: TCP with and without
# segmentation offload, the backend killed and started again in traffic, netfront unbound and loaded anew, an end in
# traffic; data mapped instead of copied; several workers, between which queues move; nothing is left. Needs --bin ringside.
set -eu
. /lab/lib.sh

# gso H on|off: whether either end of vif H may send what is still to be cut.
gso() {
    ip netns exec "f$1" ethtool -K eth0 tso "$2" gso "$2" gro "$2" >/dev/null
    ethtool -K "vif0.$1" tso "$2" gso "$2" gro "$2" >/dev/null
}
bulk_both() { # H
    tcp_bulk "$1" tx 16 || die "checksums differ"
    tx_mean=$bulk_mean
    tcp_bulk "$1" rx 16 || die "checksums differ"
}
# Kills the backend as a crash does and starts it again, which must take every vif over.
replace_backend() {
    local before
    before=$(serve_count 'taken over')
    serve_kill
    sleep 0.3
    serve_start
    wait_for 30 serve_says 'taken over' $((before + vifs)) || die "not every vif was taken over"
}
serve_count() { grep -c "$1" /job/out/serve.log || true; }
serve_says() { [ "$(serve_count "$1")" -ge "$2" ]; }

is_gone() { rmmod "$1"; }

[ "$(mapped_grants)" = 0 ] || die "grants are mapped before anything was"
serve_start
vifs=2
for h in 1 2; do
    vif_served_add $h $h
    ping_check $h || die "packets lost"
    echo "--- vif $h: $h queues, with offload"
    bulk_both $h
    [ "$tx_mean" -gt 1514 ] || die "frames of $tx_mean octets are cut ones" # one that is longer on average has uncut ones
    gso $h off
    echo "--- without"
    bulk_both $h
    [ "$tx_mean" -le 1514 ] || die "frames of $tx_mean octets are not cut"
    gso $h on
done
serve_statistics

echo "--- the backend is killed five times, with 100 pings a second on each vif"
for h in 1 2; do ping_start $h 0.01; done
for round in 1 2 3 4 5; do
    sleep 1
    replace_backend
done
sleep 1
for h in 1 2; do ping_stop $h; done

echo "--- killed three times in TCP"
{ tcp_bulk 2 tx 32 >/tmp/bulk.log 2>&1 || touch /tmp/bulk.failed; } &
bulk=$!
for round in 1 2 3; do
    sleep 1.5
    replace_backend
done
wait $bulk
cat /tmp/bulk.log
[ ! -e /tmp/bulk.failed ] || die "checksums differ"

echo "--- a ring that cannot be had: serve says what to run, and leaves the guest alone"
ref=$(xenstore-read "$(frontend_path 1)/tx-ring-ref")
serve_kill
xenstore-write "$(frontend_path 1)/tx-ring-ref" 60000
serve_start
wait_for 10 serve_says 'vif0.1: cannot be taken over: .*echo vif-1 >unbind' 1 || die "nothing was said"
key_is "$(backend_path 1)/state" 4 || die "the state was written"
serve_kill
xenstore-write "$(frontend_path 1)/tx-ring-ref" "$ref"
serve_start
wait_for 10 ping -q -c 1 -W 1 10.9.1.2 >/dev/null || die "it was not taken over after all"

grants=$(mapped_grants)
echo "grants mapped: $grants"
[ "$grants" -ge 6 ] || die "six ring pages are mapped"
echo "--- netfront is unbound, removed and loaded anew"
for h in 1 2; do
    echo "vif-$h" >/sys/bus/xen/drivers/vif/unbind
    wait_key 10 "$(backend_path $h)/state" 6 || die "the backend does not close"
    ip netns del f$h
done
wait_for 10 is_gone xen-netfront || die "netfront cannot be removed"
modprobe xen-netfront
for h in 1 2; do
    wait_key 20 "$(backend_path $h)/state" 4 || die "vif $h does not connect again"
    vif_frontend_up $h
    ping_check $h || die "packets lost"
done

echo "--- the backend ends in traffic"
bulk_start 2 tx rx
sleep 2
serve_stop
bulk_stop 2
for h in 1 2; do key_is "$(backend_path $h)/state" 6 || die "vif $h is not closed"; done
is_absent /sys/class/net/vif0.1 || die "a tap device is left"
serve_start
for h in 1 2; do
    echo "vif-$h" >/sys/bus/xen/drivers/vif/unbind
    ip netns del f$h
    echo "vif-$h" >/sys/bus/xen/drivers/vif/bind
    wait_key 20 "$(backend_path $h)/state" 4 || die "vif $h does not connect again"
    wait_for 10 test -e /sys/class/net/vif0.$h || die "no tap device"
    ip addr add 10.9.$h.1/24 dev vif0.$h
    vif_frontend_up $h
    ping_check $h || die "packets lost"
done
for h in 1 2; do vif_served_remove $h; done
serve_stop

# workers_have N...: how many queues each worker has.
workers_have() {
    local worker=0 count
    serve_statistics
    for count; do
        worker=$((worker + 1))
        grep "^worker $worker: " /job/out/serve.log | tail -n 1 | tee /tmp/worker
        grep -q ": $count queue" /tmp/worker || die "worker $worker does not have $count queues"
    done
}
echo "--- what lies behind a packet's first octets is mapped"
serve_start --path map
vif_served_add 3 1
tcp_bulk 3 tx 1 || die "checksums differ" # an emulated processor takes long to unmap
vif_served_remove 3
serve_stop

echo "--- the same by two workers"
serve_start --path map --workers 2
vif_served_add 3 2
workers_have 1 1
tcp_bulk 3 tx 1 || die "checksums differ"
tcp_bulk 3 rx 4 || die "checksums differ"
vif_served_remove 3
[ "$(mapped_grants)" = 0 ] || die "grants are still mapped"
serve_stop

echo "--- two workers, a vif of two queues, killed under 100 pings a second"
serve_start --workers 2
vif_served_add 4 2
[ "$(ls -d /sys/class/net/vif0.4/queues/rx-* | wc -l)" = 2 ] || die "the tap device does not have a queue for each"
ping_check 4 || die "packets lost"
bulk_both 4
gso 4 off
bulk_both 4
gso 4 on
workers_have 1 1
ping_start 4 0.01
sleep 1
serve_kill
sleep 0.3
taken=$(serve_count 'taken over')
serve_start --workers 2 --hand-over
wait_for 30 serve_says 'taken over' $((taken + 1)) || die "the vif was not taken over"
sleep 1
ping_stop 4
bulk_both 4
echo "--- a queue moves from worker to worker under 100 pings a second"
for h in 5 6 7; do vif_served_add $h 1; done
workers_have 3 2
ping_start 7 0.01
sleep 1
vif_served_remove 6
workers_have 2 2
sleep 1
ping_stop 7
wait_for 5 echoes_answered 7 || die "packets lost"
for h in 4 5 7; do ping_check $h || die "packets lost"; done
echo "--- workers hand over, and end, in traffic"
bulk_start 4 tx rx
sleep 1
taken=$(serve_count 'taken over')
serve_stop
serve_start --workers 3
wait_for 30 serve_says 'taken over' $((taken + 3)) || die "not every vif was taken over"
workers_have 2 1 1
for h in 5 7; do ping_check $h || die "packets lost"; done
serve_stop
bulk_stop 4
for h in 4 5 7; do
    key_is "$(backend_path $h)/state" 6 || die "vif $h is not closed"
    vif_served_remove $h
done
[ "$(mapped_grants)" = 0 ] || die "grants are still mapped"
! dmesg | grep -i 'still in use\|oops\|warning:' || die "the kernel complains"
echo "serve: ok"
