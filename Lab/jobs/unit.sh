#!/bin/bash
# The systemd unit of the flight recorder under a real systemd, in namespaces of its own, with what the unit forbids: it watches
# every vif, writes files when it is asked to, begins again when it is killed, and ends when it is stopped.
# Needs --bin ringside, systemd, systemd-journald, systemctl, journalctl; --lib libbpf.so.1; --in ringside-flight.service;
# --in a folder `units` of systemd's own.
set -eu -o pipefail
. /lab/lib.sh
unit=ringside-flight
folder=/var/lib/ringside

mkdir -p /lib/systemd/system/sysinit.target.wants /etc/systemd/system/multi-user.target.wants
cp -R /job/in/units/. /lib/systemd/system/
cp /job/in/$unit.service /etc/systemd/system/
ln -s ../$unit.service /etc/systemd/system/multi-user.target.wants/
for name in systemd-journald{.service,.socket,-dev-log.socket}; do ln -s ../$name /lib/systemd/system/sysinit.target.wants/; done
for program in systemd systemd-journald; do ln -s /usr/local/bin/$program /lib/systemd/; done
ln -sf multi-user.target /lib/systemd/system/default.target
# The libraries that the program brings are not where a host has them.
printf '[Manager]\nDefaultEnvironment="LD_LIBRARY_PATH=%s"\nDefaultTimeoutStartSec=240\n' "${LD_LIBRARY_PATH:-}" >/etc/systemd/system.conf
# What a host of Debian's lets who see, which the lab else does not mind.
echo 1 >/proc/sys/kernel/kptr_restrict
echo 3 >/proc/sys/kernel/perf_event_paranoid

inside() { nsenter -t "$manager" -p -m -- "$@"; }
journal() { inside journalctl --no-pager -o cat -u $unit >/job/out/journal.log 2>&1 || true; }
fail() {
    journal
    inside systemctl status --no-pager $unit || true
    tail -n 30 /job/out/journal.log /job/out/systemd.log
    die "$*"
}
says() { journal; grep -q "$1" /job/out/journal.log; }
is_active() { inside systemctl is-active --quiet $unit; }
# The manager is the only child of who made its namespaces.
has_manager() { manager=$(cat /proc/$maker/task/$maker/children) && manager=${manager% } && [ -n "$manager" ]; }
files() { inside find $folder -name "$1"; }
has_file() { [ -n "$(files "$1")" ]; }

load_modules xen-netback
vif_loopback_add 0
ping_start 0

unshare -p -m -f --mount-proc /usr/local/bin/systemd --system --log-level=info --log-target=console >/job/out/systemd.log 2>&1 &
maker=$!
wait_for 20 has_manager || die "systemd does not start: $(cat /job/out/systemd.log)"
wait_for 120 is_active || fail "$unit is not active"
wait_for 240 says '^recording vif0.0 ' || fail "the vif that is there is not recorded"
vif_loopback_add 1
wait_for 240 says '^recording vif0.1 ' || fail "a vif that comes later is not recorded"
[ "$(inside stat -c %a $folder)" = 700 ] || fail "$folder is open to others"

sleep 2
inside systemctl kill -s USR1 $unit
wait_for 60 has_file 'vif0.0-signal-*' || fail "no file of vif0.0"
wait_for 60 has_file 'vif0.1-signal-*' || fail "no file of vif0.1"

echo "--- killed"
inside systemctl kill -s KILL $unit
records_again() { journal; [ "$(grep -c '^recording vif0.0 ' /job/out/journal.log)" = 2 ]; }
wait_for 300 records_again || fail "vif0.0 is not recorded again"

echo "--- stopped"
inside systemctl stop $unit
inside systemctl show -p Result,ExecMainStatus $unit | tee /job/out/result.txt
grep -q '^Result=success' /job/out/result.txt && grep -q '^ExecMainStatus=0' /job/out/result.txt || fail "it does not end well"
for file in $(files 'vif0.0-signal-*'); do inside cp "$file" /job/out/; done
ping_stop 0
ringside replay --on sim /job/out/vif0.0-signal-*.ringtrace
journal
kill -KILL "$manager"
echo "unit: ok"
