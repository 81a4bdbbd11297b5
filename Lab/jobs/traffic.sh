#!/bin/bash
# Four kinds of traffic between a Linux guest and the kernel's backend, ten seconds of each in a trace of its own: pings, bulk TCP
# both ways, small datagrams both ways, and all of them at once on two queues.
# Usage: Lab/run --bin ringside --lib libbpf.so.1 --out DIR traffic [SECONDS]
set -eu
. /lab/lib.sh
. /lab/recorder.sh
seconds=${1:-10}
cd /job/out

load_modules xen-netback
raise_grant_limits

datagrams() { # ADDRESS: without an end
    exec 3<>"/dev/udp/$1/9"
    while printf 'twenty octets of it. ' >&3 2>/dev/null || true; do :; done
}
udp_start() {
    ip netns exec f0 bash -c "$(declare -f datagrams); datagrams 10.9.0.1" & senders="$!"
    datagrams 10.9.0.2 & senders="$senders $!"
}
# shellcheck disable=SC2086 # two numbers
udp_stop() { kill $senders && wait $senders 2>/dev/null || true; }

# A recorder attaches while the rings are quiet.
recorded() { # NAME KIND...
    local name=$1 kind
    shift
    record_start "$name"
    for kind; do
        case $kind in ping) ping_start 0 0.01 ;; bulk) bulk_start 0 tx rx ;; udp) udp_start ;; esac
    done
    sleep "$seconds"
    for kind; do
        case $kind in ping) ping_stop 0 ;; bulk) bulk_stop 0 ;; udp) udp_stop ;; esac
    done
    sleep 1
    record_stop "$name"
    ringside replay "$name.ringtrace"
}

vif_loopback_add 0 1
recorded ping ping
recorded bulk bulk
recorded udp udp
vif_loopback_remove 0
vif_loopback_add 0 2
recorded mixed ping bulk udp
vif_loopback_remove 0
echo "traffic: ok"
