#!/bin/bash
# What the guides show for a Xen host, typed line by line: the host of a field bug, a backend that is checked (this domain's, a
# driver domain's, from inside a guest), a program with the netback in it. Each line must stand in its guide as it is typed here;
# only numbers of vifs and domains are those of this machine.
# Needs --bin ringside --bin embedded-netback --bin crossing --lib libbpf.so.1 --lib libpcap.so.0.8 --in Documentation/Guides
# --in Corpus. Leaves field-bug.ringtrace and what each line printed.
set -eu -o pipefail
. /lab/lib.sh
. /lab/guests.sh
prepare_checks
cd /job/in

stands() { grep -qxF "    $2" "Guides/$1.md" || die "$1 has no line: $2"; } # GUIDE LINE
# typed GUIDE LINE [FROM TO]...: runs a line of a guide, with each FROM in it replaced; the code is the line's own.
typed() {
    local guide=$1 line=$2 command=$2
    shift 2
    stands "$guide" "$line"
    while [ $# -gt 0 ]; do
        command=${command//"$1"/"$2"}
        shift 2
    done
    echo "\$ $command"
    (eval "$command") 2>&1 | tee -a "/job/out/$guide.txt"
}
said() { grep -qE "$2" "/job/out/$1.txt" || die "$1: nothing says $2"; } # GUIDE PATTERN

echo "--- the host of a field bug"
vif_loopback_add 0 2
typed FieldBug 'ringside doctor'
typed FieldBug 'ringside list'
said FieldBug 'vif0\.0'
ping_start 0
typed FieldBug 'ringside record --vif vif5.0 -w vif5.0.ringtrace -a duration:60' vif5.0 vif0.0
ping_stop 0
mv vif0.0.ringtrace /job/out/field-bug.ringtrace
ringside replay /job/out/field-bug.ringtrace | tee /run/replay.txt
grep -q ': the same$' /run/replay.txt || die "what was recorded does not replay"
vif_loopback_remove 0
# It would take the vifs that are made from here on.
rmmod xen-netfront
vif_backend_add 1
ip link set vif0.1 up
typed FieldBug './crossing device/vif/0' ./crossing crossing vif/0 vif/1
vif_backend_remove 1

echo "--- the backend of this domain"
# Slow machines want more patience, says the guide.
slow=('--on vif' '--on vif --patience 60')
typed CheckingABackend 'ringside check --on vif' "${slow[@]}"
said CheckingABackend '^948 of 948 cells agree'
for against in '' ' --against sim'; do typed CheckingABackend "ringside replay Corpus/field --on vif$against" "${slow[@]}"; done
typed CheckingABackend 'ringside check Corpus/advisories --on vif' "${slow[@]}"

echo "--- from inside a guest"
guest_prepare /tmp/inside
guest_add_program /tmp/inside ringside
GUEST_MEMORY=560 guest_begin inside 1 1 /tmp/inside
tell inside '. /lab/lib.sh; raise_grant_limits'
for line in 'echo vif-0 >/sys/bus/xen/drivers/vif/unbind' 'ringside check --on vif --vif vif5.0'; do
    stands CheckingABackend "$line"
    line=${line/vif5.0/vif$guest_domain.0}
    echo "inside \$ $line"
    ask inside "${line/--on vif/--on vif --patience 60}"
    answer inside 900
    echo "$answer"
done
case $answer in *' cells agree, '*'profile linux') ;; *) die "cells differ" ;; esac
guest_stop inside

echo "--- the backend of a driver domain"
guest_prepare /tmp/driver
cp "$(find /lib/modules -name 'xen-netback.ko*')" /tmp/driver/
GUEST_VCPUS=2 GUEST_CONFIG=driver_domain=1 guest_start driver 2 /tmp/driver
home[driver]=/local/domain/$guest_domain asked[driver]=0
guest_wait_ready driver
tell driver 'insmod /xen-netback.ko*'
# What hotplug scripts do in a driver domain.
tell driver 'while sleep 0.1; do for vif in /sys/class/net/vif0.*; do ip link set "${vif##*/}" up; done; done >/dev/null 2>&1 & echo started'
# A rule alone: whoever is cut off there is waited for.
there=('--backend 3' "--backend $guest_domain" '--against 3' "--against $guest_domain" '--on vif' '--on vif --patience 20')
typed CheckingABackend 'ringside check --on vif --backend 3' 'check ' 'check tx/minimum-size ' "${there[@]}"
said CheckingABackend '^48 of 48 cells agree'
typed CheckingABackend 'ringside replay Corpus/field --on vif --against 3' "${there[@]}"
guest_stop driver

echo "--- a program with the netback in it"
typed EmbeddingTheNetback 'rmmod xen-netback'
guest_prepare /tmp/sender
guest_start sender 3 /tmp/sender &
starting=$!
# xl waits for whoever serves the vif.
wait_for 60 xl domid sender >/dev/null || die "no guest"
wait_for 60 xenstore-exists "/local/domain/0/backend/vif/$(xl domid sender)/0/state" || die "no vif"
typed EmbeddingTheNetback 'swift run --package-path Examples/EmbeddedNetback echo 5' \
    'swift run --package-path Examples/EmbeddedNetback echo 5' "embedded-netback $(xl domid sender)" &
embedded=$!
wait $starting
guest_domain=$(xl domid sender)
home[sender]=/local/domain/$guest_domain asked[sender]=0
guest_wait_ready sender
tell sender 'ping -c 5 -W 1 10.8.3.1; cat /sys/class/net/eth0/statistics/rx_packets'
[ "$answer" -ge 3 ] || die "of the guest's frames $answer came back"
echo "$answer frames came back to the guest"
guest_stop sender
wait $embedded || die "the program does not end well"

[ "$(mapped_grants)" = 0 ] || die "grants are still mapped"
echo "guides: ok"
