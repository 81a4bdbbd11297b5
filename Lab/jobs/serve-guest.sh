#!/bin/bash
# Our netback as the backend of real guests, xen-netback not loaded: TCP both ways with one and two queues, with and
# without segmentation offload, the backend killed in it, a guest's netfront unbound and loaded anew, a guest that is
# destroyed in traffic; two guests through a switch, and through a veth pair by packet socket; savefiles and traces.
# Needs --bin ringside --lib libpcap.so.0.8.
set -eu
. /lab/lib.sh

. /lab/guests.sh
over=/tmp/over
guest_prepare $over
# noise MIB: what each end sends from here on. Every guest has some of its own.
noise() {
    mib=$1
    dd if=/dev/urandom of=/tmp/noise bs=1M count=$mib 2>/dev/null
    sed -i -e '/noise/d' -e "1a dd if=/dev/urandom of=/noise bs=1M count=$mib 2>/dev/null; md5sum </noise >/noise.md5" $over/guest/job
}
guest() { guest_begin "$@" $over; }
port=5000
# receive NAME: from here on the guest waits for a connection at the next port, as a job of its own shell.
receive() {
    port=$((port + 1))
    tell "$1" "nc -l -p $port -e sh -c 'md5sum >/sum' & until netstat -tln | grep ':$port '; do sleep 0.1; done"
}
# expect_sum NAME SUM: what the guest has received.
expect_sum() {
    tell "$1" 'wait; cat /sum'
    [ "$answer" = "$2" ] || die "checksums differ"
}
# to_guest NAME ADDRESS and from_guest NAME ADDRESS: all of the noise by TCP; both ends' checksums are the same.
to_guest() {
    receive "$1"
    nc "$2" $port </tmp/noise >/dev/null || true
    expect_sum "$1" "$(md5sum </tmp/noise)"
    echo "$mib MiB to $1: checksums equal"
}
from_guest() {
    local listener
    port=$((port + 1))
    nc -l -p $port -e sh -c 'md5sum >/tmp/sum' & listener=$!
    wait_for 10 listens $port || die "nothing listens on port $port"
    tell "$1" "nc $2 $port </noise >/dev/null; cat /noise.md5"
    wait $listener
    [ "$answer" = "$(cat /tmp/sum)" ] || die "checksums differ"
    echo "$mib MiB from $1: checksums equal"
}
gso() { # NAME on|off TAP
    tell "$1" "ethtool -K eth0 tso $2 gso $2 gro $2"
    ethtool -K "$3" tso "$2" gso "$2" gro "$2" >/dev/null
}
mean() { # TAP: of what its guest has sent since the last call
    local now=$(cat "/sys/class/net/$1/statistics/rx_bytes") frames=$(cat "/sys/class/net/$1/statistics/rx_packets")
    mean=$(((now - ${last_bytes:-0}) / (frames - ${last_frames:-0} + 1)))
    last_bytes=$now last_frames=$frames
}

# replace: kills the backend as a crash does and starts another, which takes the vif over.
replace() {
    local before
    before=$(grep -c 'taken over' /job/out/serve.log || true)
    serve_kill
    sleep 0.3
    serve_start
    wait_for 10 was_taken_over $((before + 1)) || die "the vif was not taken over"
}
is_off() { ! xl domid "$1" >/dev/null; }
was_taken_over() { [ "$(grep -c 'taken over' /job/out/serve.log)" -ge "$1" ]; }
leave() { # NAME: the guest goes, and nothing of it stays
    guest_stop "$1"
    expect_gone "$1"
}
expect_gone() { # NAME
    local directory=/local/domain/0/backend/vif/${home[$1]##*/}/0
    wait_for 10 no_key "$directory" || die "the backend's directory stays"
    wait_for 10 is_absent "/sys/class/net/vif${home[$1]##*/}.0" || die "the tap device stays"
    sleep 1
    no_key "$directory" || die "the backend's directory came back"
    unset last_bytes last_frames
}

# TCP through a tap device, with each number of queues, cut and uncut.
tcp() {
    local queues offload tap
    noise 64
    serve_start
    for queues in 1 2; do
        echo "--- a guest with $queues queues"
        guest one 1 $queues
        tap=vif$guest_domain.0
        key_is "/local/domain/$guest_domain/device/vif/0/multi-queue-num-queues" $queues || die "wanted $queues queues"
        ip addr replace 10.8.1.1/24 dev "$tap"
        ping -q -c 10 -i 0.1 10.8.1.2 | grep 'packet loss'
        for offload in on off; do
            gso one $offload "$tap"
            mean "$tap"
            from_guest one 10.8.1.1
            mean "$tap"
            echo "offload $offload: frames of $mean octets on average"
            if [ $offload = on ]; then [ "$mean" -gt 1514 ]; else [ "$mean" -le 1514 ]; fi || die "not what was wanted"
            to_guest one 10.8.1.2
        done
        serve_statistics
        echo "grants mapped: $(mapped_grants)"
        leave one
    done
    serve_stop
}

# Backends that die, netfront that comes anew, guests that go.
life() {
    local round tap ping
    noise 16
    serve_start
    guest one 1 2
    tap=vif$guest_domain.0
    ip addr replace 10.8.1.1/24 dev "$tap"
    echo "--- the backend is killed five times under 100 pings a second"
    ping -i 0.01 10.8.1.2 >/tmp/ping & ping=$!
    for round in 1 2 3 4 5; do
        sleep 1
        replace
    done
    sleep 1
    kill -INT $ping; wait $ping || true
    grep 'packet loss' /tmp/ping
    echo "--- and twice in $mib MiB each way"
    for direction in from to; do
        { sleep 1; replace; sleep 1; replace; } & local killer=$!
        ${direction}_guest one 10.8.1.$([ $direction = from ] && echo 1 || echo 2)
        wait $killer
    done
    echo "--- netfront is unbound, removed and loaded anew"
    tell one 'cd /sys/bus/xen/drivers/vif && echo vif-0 >unbind && rmmod xen-netfront && modprobe xen-netfront && cd / && sleep 7 && ip link set eth0 up && ip addr add 10.8.1.2/24 dev eth0'
    answer=$(ping -q -c 10 -i 0.1 10.8.1.2 | grep 'packet loss')
    echo "$answer"
    case $answer in *' 0%'*) ;; *) die "packets lost" ;; esac
    echo "--- the guest is destroyed in traffic"
    nc -l -p 4999 -e dd of=/dev/null bs=64k 2>/dev/null &
    wait_for 10 listens 4999 || die "nothing listens on port 4999"
    ask one 'nc 10.8.1.1 4999 </dev/zero >/dev/null'
    ping -i 0.01 10.8.1.2 >/dev/null 2>&1 & ping=$!
    sleep 2
    leave one
    kill $ping 2>/dev/null || true # it ends by itself when its address has gone
    echo "--- a guest shuts down in traffic"
    guest two 2 1
    ip addr replace 10.8.2.1/24 dev "vif$guest_domain.0"
    nc -l -p 4998 -e dd of=/dev/null bs=64k 2>/dev/null &
    wait_for 10 listens 4998 || die "nothing listens on port 4998"
    ask two '{ sleep 2; poweroff -f; } & nc 10.8.2.1 4998 </dev/zero >/dev/null'
    wait_for 30 is_off two || die "the guest does not go"
    expect_gone two
    serve_stop
}

# Two guests through the switch, through an interface, and into savefiles, with traces.
switch() {
    local way record='--record /tmp/vif%d.%h.ringtrace'
    noise 16
    ip link add outer type veth peer name inner
    ip link set outer up
    ip link set inner up
    ip addr add 10.8.1.3/24 dev outer
    for way in "--switch $record" '--switch --path lazy' "--interface inner $record"; do
        echo "--- two guests, serve $way"
        # shellcheck disable=SC2086 # several words
        serve_start $way
        guest one 1 1
        guest two 2 1
        tell two 'ip addr add 10.8.1.4/24 dev eth0'
        tell one 'ping -q -c 10 -i 0.1 10.8.1.4 | grep loss'
        echo "one to two: $answer"
        receive two
        tell one "nc 10.8.1.4 $port </noise >/dev/null; cat /noise.md5"
        expect_sum two "$answer"
        echo "$mib MiB from one to two: checksums equal"
        if [ "${way#--interface}" != "$way" ]; then
            ping -q -c 10 -i 0.1 10.8.1.2 | grep 'packet loss'
            from_guest one 10.8.1.3
            to_guest two 10.8.1.4
        fi
        serve_statistics
        for name in one two; do leave $name; done
        serve_stop
        if [ "$way" = '--switch --path lazy' ]; then
            # Frames from guest to guest: no payload is mapped for them.
            grep 'pages mapped' /job/out/serve.log | tail -n 2 >/tmp/statistics
            ! grep -v ' 0 pages mapped' /tmp/statistics || die "payload was mapped"
            ! grep ' 0 straight from another' /tmp/statistics || die "nothing went straight"
            continue
        fi
        for trace in /tmp/vif*.ringtrace; do ringside replay "$trace" | head -n 1; done
        rm /tmp/vif*.ringtrace
    done
    echo "--- a guest whose frames go into a savefile"
    serve_start --savefile '/job/out/vif%d.%h.pcap'
    guest one 1 1
    tell one 'arping -c 5 -I eth0 10.8.1.9; echo' # nobody answers
    leave one
    serve_stop
    ls -l /job/out/*.pcap
}

export GUEST_MEMORY=320
echo "grants mapped at the start: $(mapped_grants)"
[ $# -gt 0 ] || set -- tcp life switch
for part; do "$part"; done
echo "grants mapped at the end: $(mapped_grants)"
[ "$(mapped_grants)" = 0 ] || die "grants are still mapped"
! dmesg | grep -iE 'still in use|oops|warning:' || die "the kernel complains"
echo "serve-guest: ok"
