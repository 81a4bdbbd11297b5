#!/bin/sh
# The machine itself: Xen, dom0's devices, BPF's needs, and live vifs with one queue and with two.
set -eu
. /lab/lib.sh

echo "Linux $(uname -r), Xen $(xl info | awk '$1 == "xen_version" {print $3}'), $(xl info | awk '$1 == "nr_cpus" {print $3}') CPUs, domains: $(xl list | tail -n +2 | wc -l)"
echo "/dev/xen: $(ls /dev/xen | xargs)"
for device in gntdev gntalloc evtchn privcmd xenbus; do [ -e /dev/xen/$device ] || die "/dev/xen/$device is missing"; done
load_modules xen-netback
for needed in /sys/kernel/btf/vmlinux /sys/kernel/btf/xen_netback /sys/kernel/tracing/events /sys/kernel/debug/tracing /sys/fs/bpf; do
    [ -e $needed ] || die "$needed is missing"
done
grep -q ' bpf ' /proc/mounts || die "no bpf file system"
grep -w xenvif_tx_action /proc/kallsyms | grep -vq '^0000000000000000' || die "symbol addresses are hidden"
echo "bpf: BTF of the kernel and of xen_netback, tracefs, debugfs, bpffs, symbol addresses; memlock $(ulimit -l)"

for queues in 1 2; do
    vif_loopback_add $queues $queues
    negotiated=$(xenstore-read "$(frontend_path $queues)/multi-queue-num-queues")
    echo "vif0.$queues: $negotiated queue(s), backend state $(xenstore-read "$(backend_path $queues)/state"), interface queues: $(ls -d /sys/class/net/vif0.$queues/queues/tx-* | wc -l)"
    [ "$negotiated" = $queues ] || die "wanted $queues queues"
    ping_check $queues 10
    ping_check $queues 5 1400
    for direction in tx rx; do
        tcp_bulk $queues $direction 4
        [ "$bulk_mean" -gt 1600 ] || die "no frame above 1500 octets: GSO is off"
    done
    vif_loopback_remove $queues
    echo "vif0.$queues: removed"
done
echo "smoke: ok"
