#!/bin/bash
# Flight recorders beside the kernel's netback. A hostile guest sends good frames for two minutes and then one across the end of
# its page: one file holds it, and replays to the same end. Two recorders on one vif; a vif that vanishes; the module loaded anew; a
# frontend that connects anew; a guest that boots anew.
# Needs --bin ringside --bin ringside-lab-tests --lib libbpf.so.1 --lib libpcap.so.0.8.
set -eu
. /lab/lib.sh
. /lab/guests.sh
folder=/job/out/flight

declare -A flights
fly() { # NAME OPTION...: starts a flight recorder
    local name=$1
    shift
    ringside record --flight 16M -B 4 -s 128 --after 1s -w $folder "$@" >"/job/out/$name.out" 2>"/job/out/$name.log" &
    flights[$name]=$!
}
expect_words() { # NAME WORDS [SECONDS]
    wait_for "${3:-240}" grep -q "$2" "/job/out/$1.log" || die "$1 does not say '$2': $(cat "/job/out/$1.log")"
}
land() { # NAME: ends it
    kill -INT "${flights[$1]}"
    wait "${flights[$1]}" || die "$1: $(cat "/job/out/$1.log")"
}
has_file() { compgen -G "$folder/$1-2*T*Z.ringtrace" >/dev/null; }
ask_for() { # NAME VIF: a file of now
    kill -USR1 "${flights[$1]}"
    wait_for 60 has_file "$2-signal" || die "no file of $2: $(cat "/job/out/$1.log")"
    wait_for 60 grep -q "^$2: signal: " "/job/out/$1.out" || die "$1 does not say that the file of $2 is written"
}
replay() { # FILE
    ringside replay --on sim "$1" | tee /job/out/replay.txt
    grep -q ': the same$' /job/out/replay.txt || die "$1 does not replay"
}

echo "--- a hostile guest"
vif_backend_add 0
fly fatal --vif vif0.0 --trigger fatal -a files:1 --before 5s
expect_words fatal '^recording vif0.0 '
fly all --all --trigger error,stall,signal --stats
expect_words all '^recording vif0.0 '
ringside-lab-tests cut-off-late
wait "${flights[fatal]}" || die "the flight recorder: $(cat /job/out/fatal.log)"
cat /job/out/fatal.out
dmesg | grep 'vif vif-0-0 .*Cross page boundary' || die "the kernel did not cut the guest off"
[ "$(ls $folder/vif0.0-fatal-*.ringtrace | wc -l)" = 1 ] || die "not one file: $(ls $folder)"
trace=$(ls $folder/vif0.0-fatal-*.ringtrace)
ringside show "$trace"
slot=$(ringside show --text "$trace" 2>/dev/null | sed -n 's/.* tx-slot \([0-9]*\) .*offset=4090.*/\1/p')
frames=$(ringside show --text "$trace" 2>/dev/null | grep -c ' delivered ')
echo "flight: slot $slot crosses its page, behind $frames good frames"
[ -n "$slot" ] && [ "$frames" -ge 40 ] || die "the file does not hold what led to it"
replay "$trace"
grep -q "disabled: tx/page-crossing, slot $slot of " /job/out/replay.txt || die "the replay does not end at slot $slot"
ringside replay --on xen "$trace"

echo "--- a file that is asked for, of a vif that then vanishes"
ask_for all vif0.0
replay "$(ls $folder/vif0.0-signal-*.ringtrace)"
vif_backend_remove 0
expect_words all '^vif0.0: no longer recorded' 30

echo "--- the module is loaded anew, and a guest connects"
wait_for 10 rmmod xen-netback || die "the module stays: $(rmmod xen-netback 2>&1)"
vif_loopback_add 1
expect_words all '^recording vif0.1 '
ping_check 1 20
ask_for all vif0.1
replay "$(ls $folder/vif0.1-signal-*.ringtrace)"

echo "--- its frontend connects anew"
echo vif-1 >/sys/bus/xen/drivers/vif/unbind
wait_key 20 "$(backend_path 1)/state" 6 || die "the backend does not close"
ip netns del f1
echo vif-1 >/sys/bus/xen/drivers/vif/bind
wait_key 20 "$(backend_path 1)/state" 4 || die "the vif does not connect anew, it is in state $(xenstore-read "$(backend_path 1)/state")"
frontend_namespace 1
ip link set vif0.1 up
ping_check 1 20
rm $folder/vif0.1-signal-*
ask_for all vif0.1
trace=$(ls $folder/vif0.1-signal-*.ringtrace)
replay "$trace"
ringside show --text "$trace" 2>/dev/null | grep -q ' disconnected' || die "the file does not show that it was gone"
land all
cat /job/out/all.out
vif_loopback_remove 1

echo "--- a guest boots anew"
guest_prepare /tmp/over
guest_begin one 1 1 /tmp/over
old=$guest_domain
# What it boots again.
cp /boot/guest.cpio /run/guest-one.cpio
(cd /tmp/over && find . -mindepth 1 | cpio -o -H newc -R 0:0 2>/dev/null) >>/run/guest-one.cpio
fly guest --vif "vif$old.0"
expect_words guest "^recording vif$old.0 "
ask one 'echo b >/proc/sysrq-trigger'
expect_words guest "^vif$old.0: no longer recorded" 120
guest_is_new() { new=$(xl domid one 2>/dev/null) && [ "$new" != "$old" ]; }
wait_for 60 guest_is_new || die "the guest does not come back"
expect_words guest "^recording vif$new.0 "
wait_key 150 "/local/domain/0/backend/vif/$new/0/state" 4 || die "the guest's vif does not connect"
sleep 2
ask_for guest "vif$new.0"
replay "$(ls $folder/vif"$new".0-signal-*.ringtrace)"
land guest
cat /job/out/guest.log
guest_stop one
echo "flight: ok"
