#!/bin/bash
# A real PV guest: the kernel's netfront in it against the kernel's netback here.
set -eu
. /lab/lib.sh

load_modules xen-netback
mkdir -p /tmp/over/guest
cat >/tmp/over/guest/job <<'END'
#!/bin/sh
ping -q -c 10 -i 0.2 10.8.1.1
ethtool -k eth0 | grep -E '^(tcp-segmentation-offload|scatter-gather):'
END
chmod +x /tmp/over/guest/job
guest_add_program /tmp/over ethtool

started=$(now_ms)
guest_start one 1 /tmp/over
created=$(now_ms)
guest_wait_ready one
echo "guest: domain $guest_domain, created in $((created - started)) ms, ready $(($(now_ms) - created)) ms later"
wait_key 20 "/local/domain/0/backend/vif/$guest_domain/0/state" 4 || die "the guest's vif does not connect"
result=$(ping -q -c 10 -i 0.2 10.8.1.2)
echo "dom0 -> guest: $(echo "$result" | grep 'packet loss')"
grep -q ' 0% packet loss' <<<"$result" || die "packets lost"
wait_for 30 grep -q 'guest: job ended with' /var/log/xen/console/guest-one.log || die "the guest's job does not end"
guest_console one >/job/out/guest-console.log
sed -n 's/.*packet loss/guest -> dom0: &/p; /-offload:\|gather:/p' /job/out/guest-console.log | tr -d '\r'
grep -q ' 0% packet loss' /job/out/guest-console.log || die "packets lost"
guest_stop one
wait_for 10 is_absent "/sys/class/net/vif$guest_domain.0" || die "vif$guest_domain.0 stays"
echo "guest: ok"
