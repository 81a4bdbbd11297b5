#!/bin/bash
# Netbacks beside each other, under the same real guest and the same traffic, in turn: frames a second of 64, 1400 and
# 32000 octets (TCP still to be cut) each way. The kernel's; ours with its frames in a tap device and in a pair of veth
# (packet socket), by any data path. Then where ours spends its time: in which system calls, and outside of them.
# Usage: Lab/run --bin ringside --bin ringside-lab-tests --lib libpcap.so.0.8 --out DIR serve-rate [ROUNDS [SECONDS [KIND...]]]
# A KIND is kernel, tap, veth, tap:PATH or veth:PATH; the first is what the others are compared with.
set -eu
. /lab/lib.sh
. /lab/guests.sh
rounds=${1:-5} seconds=${2:-2}
shift $(($# < 2 ? $# : 2))
[ $# -gt 0 ] || set -- kernel tap veth
kinds=("$@")
cd /job/out

over=/tmp/over
guest_prepare $over
guest_add_program $over ringside-lab-tests

# backend_start KIND: gives the guest a vif with this backend; device is the end of it that is ours.
backend_start() {
    local path=copy
    case $1 in *:*) path=${1#*:} ;; esac
    case $1 in
    kernel) load_modules xen-netback ;;
    tap*) serve_start --path "$path" ;;
    veth*) serve_start --path "$path" --interface inner ;;
    esac
    xl network-attach one mac=00:16:3e:08:00:01 script=vif-lab
    wait_key 30 "$directory/state" 4 || die "$1: the vif does not connect"
    tell one 'ip link set eth0 up'
    device=vif$guest_domain.0
    case $1 in veth*) device=outer ;; esac
}
backend_stop() {
    xl network-detach one 0
    wait_for 20 no_key "$directory" || die "the backend's directory stays"
    if [ "$1" = kernel ]; then rmmod xen-netback; else serve_stop; fi
}

# until_flow DEVICE: until frames come in there. Without a new process, for which a flood leaves little time.
until_flow() {
    local from now=0 counter=/sys/class/net/$1/statistics/rx_packets
    read -r from <$counter
    SECONDS=0
    until [ "$now" -gt $((from + 64)) ]; do
        [ $SECONDS -lt 30 ] || die "$1: nothing arrives"
        read -r now <$counter
    done
}

# What came from the guest is counted at our end, what went to it in the guest, while it flows.
measure() { # KIND: a line for each kind of traffic
    local size flood
    for size in 64 1400 32000; do
        ask one "ringside-lab-tests flood eth0 $size $((seconds + 4))"
        until_flow "$device"
        echo "$1 tx-$size $(arrival_rate "$device" packets "$seconds")"
        answer one
        # A guest that hears of it in the midst of a flood takes its time.
        ask one ". /lab/lib.sh; read -r from </sys/class/net/eth0/statistics/rx_packets; now=0; \
            until [ \$now -gt \$((from + 64)) ]; do read -r now </sys/class/net/eth0/statistics/rx_packets; done; \
            arrival_rate eth0 packets $seconds"
        sleep 1
        ringside-lab-tests flood "$device" $size 600 >/dev/null & flood=$!
        answer one
        echo "$1 rx-$size $answer"
        kill $flood
        wait $flood || true
    done
}

# profile KIND: what serve does in a flood of small frames from the guest.
profile() {
    local process traced=/sys/kernel/tracing before after
    process=$(cat /tmp/serve.pid)
    ask one "ringside-lab-tests flood eth0 64 15"
    until_flow "$device"
    echo 'spent u64 time; long id' >$traced/synthetic_events
    echo "hist:keys=common_pid:from=common_timestamp.usecs if common_pid==$process" >$traced/events/raw_syscalls/sys_enter/trigger
    echo "hist:keys=common_pid:time=common_timestamp.usecs-\$from:onmatch(raw_syscalls.sys_enter).trace(spent,\$time,id) if common_pid==$process" >$traced/events/raw_syscalls/sys_exit/trigger
    echo 'hist:keys=id.syscall:vals=hitcount,time:sort=time.descending' >$traced/events/synthetic/spent/trigger
    read -r before <"/sys/class/net/$device/statistics/rx_packets"
    read -r _ _ _ _ _ _ _ _ _ _ _ _ _ user system _ <"/proc/$process/stat"
    sleep 3
    read -r after <"/sys/class/net/$device/statistics/rx_packets"
    read -r _ _ _ _ _ _ _ _ _ _ _ _ _ user2 system2 _ <"/proc/$process/stat"
    echo "profile of $1, 3 s: $((after - before)) frames; $(((user2 - user) * 10)) ms in the program, $(((system2 - system) * 10)) ms in the kernel"
    grep -E '^\{' $traced/events/synthetic/spent/hist | head -n 8 | sed 's/^/  /'
    echo '!'"hist:keys=id.syscall:vals=hitcount,time:sort=time.descending" >$traced/events/synthetic/spent/trigger
    for event in raw_syscalls/sys_exit raw_syscalls/sys_enter; do
        trigger=$(grep '^hist' $traced/events/$event/trigger | sed 's/ \[active\]//')
        echo "!$trigger" >$traced/events/$event/trigger
    done
    echo >$traced/synthetic_events
    answer one
}

# The guest comes with a vif, which goes again.
load_modules xen-netback
guest_begin one 1 1 $over
directory=/local/domain/0/backend/vif/$guest_domain/0
backend_stop kernel
ip link add outer type veth peer name inner
ip link set outer up
ip link set inner up
for round in $(seq "$rounds"); do
    for kind in "${kinds[@]}"; do
        backend_start $kind
        measure $kind >>rates.txt
        tail -n 6 rates.txt | paste -sd' '
        [ "$round" != "$rounds" ] || [ $kind = kernel ] || profile $kind >>profile.txt
        backend_stop $kind
    done
done

of() { awk -v kind="$1" -v what="$2" '$1 == kind && $2 == what { print $3 }' rates.txt | median; }
{
    echo "medians of $rounds rounds, in turn: frames a second, and thousandths of ${kinds[0]}"
    for what in {tx,rx}-{64,1400,32000}; do
        first=$(of "${kinds[0]}" $what)
        printf '%s' "$what"
        for kind in "${kinds[@]}"; do
            rate=$(of "$kind" $what)
            printf ' %s %s (%s)' "$kind" "$rate" $((rate * 1000 / (first + 1)))
        done
        echo
    done
} | tee figures.txt
cat profile.txt
echo "serve-rate: ok"
