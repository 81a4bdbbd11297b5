#!/bin/bash
# The command on a Xen host: what it finds there, what it says of it, and what it says when it may not or cannot.
# Needs --bin ringside --lib libbpf.so.1.
set -eu
. /lab/lib.sh

# refused CODE WORDS COMMAND...: ends with the code, says one line with the words in it, and leaves no file.
trace=/run/traces/t.ringtrace
refused() {
    local wanted=$1 words=$2 code=0
    shift 2
    "$@" >/run/output 2>/run/errors || code=$?
    echo "code $code: $(cat /run/errors)"
    [ $code = "$wanted" ] || die "wanted code $wanted of: $*"
    # A recorder that had begun before it failed has said so.
    sed -i '/^recording vif0.0 to /d' /run/errors
    [ "$(grep -c '' /run/errors)" = 1 ] || die "wanted one line of: $*"
    grep -qF "$words" /run/errors || die "wanted words '$words' of: $*"
    [ ! -s /run/output ] || die "wanted nothing on standard output of: $*"
    [ -z "$(ls /run/traces)" ] || die "left behind: $(ls /run/traces)"
}
record() { ringside record --vif "$1" -w $trace -a duration:3; }
# It wants a user with a name.
grep -qs '^nobody:' /etc/passwd || echo 'nobody:x:65534:65534::/:/bin/sh' >>/etc/passwd
as_nobody() { start-stop-daemon -S -q -c 65534:65534 -x "$(command -v "$1")" -- "${@:2}"; }

expect_outlook() { # VERB WORDS
    grep -qx "ringside $1: $2" /run/doctor || die "the doctor should say of '$1': $2"
}

mkdir -p /run/traces
chmod 777 /run/traces
hidden=/run/empty
mkdir $hidden

echo "--- before the backend is loaded"
ringside doctor >/run/doctor
expect_outlook list works
expect_outlook 'replay --on xen' works
expect_outlook 'record --vif' 'no: .*/sys/module/xen_netback.*'
[ "$(ringside list)" = "no vifs: no guest has a network interface served from here" ] || die "list should see no vifs"
refused 4 'vif0.0: no such vif' record vif0.0
write_vif_keys 1 "$(frontend_path 1)"
wait_for 5 test -e /sys/bus/xen-backend/devices/vif-0-1 || die "the kernel does not show vif 1"
ringside list | grep -q "vif0.1 .* no: not served by the kernel's netback" || die "list should say that nobody serves vif0.1"
refused 3 'xen-netback is not loaded' record vif0.1
xenstore-rm "$(backend_path 1)"
xenstore-rm "$(frontend_path 1)"
wait_for 5 is_absent /sys/bus/xen-backend/devices/vif-0-1 || die "vif 1 stays"

echo "--- with it"
load_modules xen-netback
ringside doctor | tee /run/doctor
for verb in 'record --vif' 'replay --on xen' list; do expect_outlook "$verb" works; done
refused 4 'vif0.7: no such vif' record vif0.7
vif_loopback_add 0 2
ringside list
ringside list --json 2>/dev/null | grep >/dev/null '"name":"vif0.0","queues":2,.*"recordable":true' || die "vif0.0 is not listed as recordable"

echo "--- a kernel that tells nothing of its types"
mount --bind $hidden /sys/kernel/btf
refused 3 '/sys/kernel/btf/vmlinux' record vif0.0
ringside doctor >/run/doctor
expect_outlook 'record --vif' 'no: .*/sys/kernel/btf/vmlinux.*'
ringside list | grep -q 'no: /sys/kernel/btf/vmlinux' || die "list should say why vif0.0 cannot be recorded"
umount /sys/kernel/btf

echo "--- without rights"
refused 4 'not permitted' as_nobody ringside record --vif vif0.0 -w $trace -a duration:3
as_nobody ringside list >/dev/null || die "list needs no rights"
as_nobody ringside doctor >/run/doctor
expect_outlook 'replay --on xen' 'no: .*/dev/xen/gntdev.*'
ringside record --simulate -c 10 -w /run/guest.ringtrace >/dev/null
chmod a+r /run/guest.ringtrace
refused 4 '/dev/xen/' as_nobody ringside replay --on xen /run/guest.ringtrace
refused 4 'Permission denied' as_nobody ringside record --simulate -c 10 -w /root/t.ringtrace
[ ! -e /root/t.ringtrace ] || die "left behind: /root/t.ringtrace"

echo "--- where nothing can be written"
refused 4 'No such file or directory' ringside record --vif vif0.0 -w /run/none/t.ringtrace -a duration:3
mkdir /run/small
mount -t tmpfs -o size=16k tmpfs /run/small
bulk_start 0 tx
refused 4 'No space left on device' ringside record --vif vif0.0 -w /run/small/t.ringtrace -a duration:120
bulk_stop 0
[ -z "$(ls /run/small)" ] || die "left behind: $(ls -l /run/small)"

echo "--- and after all that"
ping_start 0
record vif0.0
ping_stop 0
ringside show $trace
rm $trace

echo "--- a kernel that is locked down, which lasts until it ends"
mount -t securityfs securityfs /sys/kernel/security
echo confidentiality >/sys/kernel/security/lockdown
refused 4 'locked down (confidentiality)' record vif0.0
ringside doctor >/run/doctor
expect_outlook 'record --vif' 'no: the kernel tap'
vif_loopback_remove 0
echo "command: ok"
