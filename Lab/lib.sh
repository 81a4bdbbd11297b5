# Sourced by jobs, in dom0:  . /lab/lib.sh   (sh or bash)
#
# A vif here has both ends in domain 0: the backend's directory is /local/domain/0/backend/vif/0/H, the frontend's
# /local/domain/0/device/vif/H, the backend's interface vif0.H. H is any number not used before in this boot.

die() { echo "lab: $*" >&2; exit 1; }
median() { sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }
now_ms() { awk '{printf "%d\n", $1 * 1000}' /proc/uptime; }

# wait_for SECONDS COMMAND...: runs the command until it succeeds; fails when the time is over. Between two runs it waits
# $pause seconds: starting a program takes an emulated processor half of 0.05 s, which guests at work should have.
wait_for() {
    local limit=$(($(now_ms) + $1 * 1000))
    shift
    while ! "$@" 2>/dev/null; do
        [ "$(now_ms)" -lt "$limit" ] || return 1
        sleep "${pause:-0.05}"
    done
}
# wait_key SECONDS KEY VALUE: a xenstore key has this value.
key_is() { [ "$(xenstore-read "$1" 2>/dev/null)" = "$2" ]; }
wait_key() { wait_for "$1" key_is "$2" "$3"; }
is_absent() { [ ! -e "$1" ]; }
no_key() { ! xenstore-exists "$1"; }

load_modules() {
    local module
    for module; do modprobe "$module" || die "cannot load $module"; done
}
is_loaded() { grep -q "^$(echo "$1" | tr - _) " /proc/modules; }

# Pages that processes here may grant, all together (the kernel's default is 1024), and pages one call may map.
raise_grant_limits() { echo "${1:-30000}" >/sys/module/xen_gntalloc/parameters/limit; }

# prepare_checks: what asks a netback thousands of things wants pages enough, no wait for grace periods where a vif is made
# anew, and no frames but its own.
prepare_checks() {
    raise_grant_limits
    echo 1 >/sys/kernel/rcu_expedited
    [ ! -d /proc/sys/net/ipv6 ] || echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
}

# Pages of guests that are mapped, of all domains, as Xen lists them. The list stays in the job's output.
mapped_grants() {
    xl dmesg -c >/dev/null
    xl debug-keys g
    sleep 1
    xl dmesg -c >/job/out/grants.log
    grep -cE '^\(XEN\) \[0x[0-9a-f]+\]' /job/out/grants.log || true
}

# --- vifs ------------------------------------------------------------------------------------------------------

backend_path() { echo "/local/domain/0/backend/vif/0/$1"; }
frontend_path() { echo "/local/domain/0/device/vif/$1"; }
vif_mac() { printf '00:16:3e:00:%02x:%02x' $(($1 / 256)) $(($1 % 256)); }

# The netback refuses a vif without `script`; both states come last, so nobody sees half a device.
write_vif_keys() { # H FRONTEND-PATH
    local b f mac
    b=$(backend_path "$1") f=$2 mac=$(vif_mac "$1")
    xenstore-write "$b/frontend" "$f" "$b/frontend-id" 0 "$b/online" 1 "$b/handle" "$1" "$b/script" /bin/true "$b/mac" "$mac" \
        "$f/backend" "$b" "$f/backend-id" 0 "$f/handle" "$1" "$f/mac" "$mac" \
        "$b/state" 1 "$f/state" 1
}

# vif_loopback_add H [QUEUES]: the kernel's netfront, in the network namespace fH, against the kernel's netback.
# Addresses: 10.9.H.1 on vif0.H (here), 10.9.H.2 on eth0 in fH.
vif_loopback_add() {
    local h=$1 queues=${2:-1} b f
    b=$(backend_path "$h") f=$(frontend_path "$h")
    load_modules xen-netback xen-netfront
    echo "$queues" >/sys/module/xen_netback/parameters/max_queues
    echo "$queues" >/sys/module/xen_netfront/parameters/max_queues
    write_vif_keys "$h" "$f"
    wait_for 10 vif_has_interfaces "$h" || die "vif $h: no interfaces (backend $(xenstore-read "$b/state"), frontend $(xenstore-read "$f/state"))"
    # What the hotplug script of a real host does when the interface is in place.
    xenstore-write "$b/hotplug-status" connected
    wait_key 10 "$b/state" 4 || die "vif $h: the backend stays in state $(xenstore-read "$b/state")"
    frontend_namespace "$h"
    ip link set "vif0.$h" up
    ip addr add "10.9.$h.1/24" dev "vif0.$h"
}
# frontend_namespace H: gives netfront's interface its namespace and its address.
frontend_namespace() {
    local h=$1 device
    device=$(basename /sys/bus/xen/devices/vif-"$h"/net/*)
    ip netns add "f$h"
    ip link set "$device" netns "f$h" name eth0
    ip -n "f$h" link set lo up
    ip -n "f$h" link set eth0 up
    ip -n "f$h" addr add "10.9.$h.2/24" dev eth0
}
vif_has_interfaces() { [ -e "/sys/class/net/vif0.$1" ] && [ -n "$(ls "/sys/bus/xen/devices/vif-$1/net/")" ]; }

# vif_loopback_remove H: the frontend leaves first (a module reference forbids anything else), then the keys go.
vif_loopback_remove() {
    local h=$1 b
    b=$(backend_path "$h")
    xenstore-write "$b/online" 0
    echo "vif-$h" >/sys/bus/xen/drivers/vif/unbind
    wait_key 10 "$b/state" 6 || die "vif $h: the backend does not close"
    forget_vif "$h" "$(frontend_path "$h")"
    ip netns del "f$h"
}
forget_vif() { # H FRONTEND-PATH
    xenstore-rm "$2" 2>/dev/null
    xenstore-rm "$(backend_path "$1")" 2>/dev/null
    wait_for 10 is_absent "/sys/class/net/vif0.$1" || die "vif $1: its interface stays"
}

# vif_backend_add H [FRONTEND-PATH]: a netback without the kernel's netfront; a program here plays the frontend.
# Ends with the backend in state 2: the program writes its ring keys and state 4. With the kernel's netfront loaded
# give another FRONTEND-PATH, such as /local/domain/0/program/vif/H, or netfront takes the device.
vif_backend_add() {
    local h=$1 f=${2:-$(frontend_path "$1")}
    load_modules xen-netback
    if [ "$f" = "$(frontend_path "$h")" ] && is_loaded xen-netfront; then
        die "vif $h: the kernel's netfront is loaded and would take it"
    fi
    write_vif_keys "$h" "$f"
    wait_key 10 "$(backend_path "$h")/state" 2 || die "vif $h: the backend stays in state $(xenstore-read "$(backend_path "$h")/state")"
    # The script's part: netback connects as soon as the frontend does.
    xenstore-write "$(backend_path "$h")/hotplug-status" connected
}
# vif_backend_remove H [FRONTEND-PATH]: also after a fatal packet, and with the program gone.
vif_backend_remove() {
    local h=$1 f=${2:-$(frontend_path "$1")} b
    b=$(backend_path "$h")
    xenstore-write "$b/online" 0 "$f/state" 5
    sleep 0.1
    xenstore-write "$f/state" 6
    wait_key 10 "$b/state" 6 || true # a backend that never connected may stay where it is; removal ends it too
    forget_vif "$h" "$f"
}

# vif_frontend_add H [QUEUES]: the kernel's netfront in fH, without a backend: a program here plays the backend
# (it writes its features and state 2). The kernel's netback must not be loaded.
vif_frontend_add() {
    is_loaded xen-netback && die "the kernel's netback is loaded and would serve vif $1"
    load_modules xen-netfront
    echo "${2:-1}" >/sys/module/xen_netfront/parameters/max_queues
    write_vif_keys "$1" "$(frontend_path "$1")"
}
# vif_frontend_up H: once the program has connected, gives netfront's interface its namespace and address 10.9.H.2.
vif_frontend_up() {
    wait_for 15 netfront_has_interface "$1" || die "vif $1: netfront has no interface"
    frontend_namespace "$1"
}
# vif_frontend_remove H: with the program gone or its backend closed. Netfront waits, without an end and in the kernel's
# only xenstore thread, for a backend in state 5 or 6; so that state is written here before netfront is told to leave.
vif_frontend_remove() {
    local h=$1 f
    f=$(frontend_path "$h")
    xenstore-write "$(backend_path "$h")/online" 0 "$(backend_path "$h")/state" 6
    echo "vif-$h" >/sys/bus/xen/drivers/vif/unbind
    xenstore-rm "$f"
    wait_for 10 is_absent "/sys/bus/xen/devices/vif-$h" || die "vif $h: netfront's device stays"
    xenstore-rm "$(backend_path "$h")"
    [ ! -e "/run/netns/f$h" ] || ip netns del "f$h"
}
netfront_has_interface() { [ -n "$(ls "/sys/bus/xen/devices/vif-$1/net/")" ]; }

# --- traffic, between 10.9.H.1 (here) and 10.9.H.2 (in fH) ------------------------------------------------------

# ping_check H [COUNT] [SIZE]: fails unless every one is answered, both ways.
ping_check() {
    local h=$1 count=${2:-10} size=${3:-56} result
    for result in "$(ping -q -c "$count" -i 0.1 -s "$size" "10.9.$h.2")" \
                  "$(ip netns exec "f$h" ping -q -c "$count" -i 0.1 -s "$size" "10.9.$h.1")"; do
        echo "$result" | grep 'packet loss'
        case $result in *' 0% packet loss'*) ;; *) return 1 ;; esac
    done
}
# ping_start H [INTERVAL]: from the frontend's side, until ping_stop H, which prints the summary.
ping_start() { ip netns exec "f$1" ping -i "${2:-0.1}" "10.9.$1.1" >"/tmp/ping.$1" 2>&1 & echo $! >"/tmp/ping.$1.pid"; }
ping_stop() {
    kill -INT "$(cat "/tmp/ping.$1.pid")"
    wait "$(cat "/tmp/ping.$1.pid")" 2>/dev/null
    grep 'packet loss' "/tmp/ping.$1"
}

# echoes_answered H: whether the frontend's side of H, as its kernel counts, has an answer to each echo request it ever
# sent. Where the machine is busy, ping itself misses some that have come.
echoes_answered() {
    ip netns exec "f$1" awk '
        $1 == "Icmp:" && !place["OutEchos"] { for (i = 1; i <= NF; i++) place[$i] = i; next }
        $1 == "Icmp:" { exit $place["OutEchos"] != $place["InEchoReps"] }' /proc/net/snmp
}

# tcp_bulk H tx|rx MIB: that many MiB of noise through TCP; tx = from the frontend (netback's TX), rx = to it.
# Fails unless both checksums are equal; prints the rate and the mean frame length that the netback counted.
tcp_bulk() {
    local h=$1 direction=$2 mib=$3 port=$((5000 + $(cat /tmp/port 2>/dev/null || echo 0))) here there peer from statistics=/sys/class/net/vif0.$1/statistics
    local start packets bytes sent got listener
    echo $((port - 4999)) >/tmp/port
    [ -f "/tmp/noise.$mib" ] || dd if=/dev/urandom of="/tmp/noise.$mib" bs=1M count="$mib" 2>/dev/null
    sent=$(md5sum <"/tmp/noise.$mib")
    here="" there="ip netns exec f$h"
    # The backend interface's `rx` is what the guest sent.
    if [ "$direction" = tx ]; then from=$there peer=10.9.$h.1 to=$here side=rx; else from=$here peer=10.9.$h.2 to=$there side=tx; fi
    packets=$(cat $statistics/${side}_packets) bytes=$(cat $statistics/${side}_bytes)
    # As its own program: nc -l stops at the first end of file, its input's or the peer's.
    $to nc -l -p $port -e dd of="/tmp/bulk.$h" bs=64k 2>/dev/null &
    listener=$!
    wait_for 10 listens $port "$to" || die "nothing listens on port $port"
    start=$(now_ms)
    $from nc $peer $port <"/tmp/noise.$mib" >/dev/null || true
    wait $listener
    start=$(($(now_ms) - start))
    got=$(md5sum <"/tmp/bulk.$h")
    rm "/tmp/bulk.$h"
    packets=$(($(cat $statistics/${side}_packets) - packets)) bytes=$(($(cat $statistics/${side}_bytes) - bytes))
    bulk_mean=$((bytes / packets))
    echo "tcp $direction: $mib MiB in $start ms, $packets frames, mean $bulk_mean octets, checksums $([ "$sent" = "$got" ] && echo equal || echo DIFFER)"
    [ "$sent" = "$got" ]
}
listens() { ${2:-} netstat -tln | grep -q ":$1 "; } # PORT [NAMESPACE-PREFIX]
# bulk_start H tx|rx...: endless TCP in these directions, in the background until bulk_stop H.
bulk_start() {
    local h=$1 direction from to peer
    shift
    for direction; do
        if [ "$direction" = tx ]; then from="ip netns exec f$h" to="" peer=10.9.$h.1; else from="" to="ip netns exec f$h" peer=10.9.$h.2; fi
        $to nc -l -p 4999 -e dd of=/dev/null bs=64k 2>/dev/null & echo $! >>"/tmp/bulk.$h.pids"
        wait_for 10 listens 4999 "$to" || die "nothing listens on port 4999"
        $from nc "$peer" 4999 </dev/zero >/dev/null 2>&1 & echo $! >>"/tmp/bulk.$h.pids"
    done
}
# bulk_pause H, bulk_resume H: nothing new is sent; what is on its way has a second to arrive.
bulk_pause() {
    # shellcheck disable=SC2046 # several numbers
    kill -STOP $(cat "/tmp/bulk.$1.pids")
    sleep 1
}
bulk_resume() {
    # shellcheck disable=SC2046 # several numbers
    kill -CONT $(cat "/tmp/bulk.$1.pids")
}
bulk_stop() {
    # shellcheck disable=SC2046 # several numbers
    kill $(cat "/tmp/bulk.$1.pids") 2>/dev/null
    rm "/tmp/bulk.$1.pids"
}

# arrival_rate DEVICE packets|bytes SECONDS: what came in there, per second.
arrival_rate() {
    local counter=/sys/class/net/$1/statistics/rx_$2 from to start end
    read -r from <$counter
    read -r start _ </proc/uptime
    sleep "$3"
    read -r to <$counter
    read -r end _ </proc/uptime
    awk -v n=$((to - from)) -v start="$start" -v end="$end" 'BEGIN { printf "%d\n", n / (end - start) }'
}

# --- real guests -------------------------------------------------------------------------------------------------

# guest_start NAME N [FOLDER [KERNEL-ARGUMENT...]]: a PV guest, the same kernel, its vif at 10.8.N.2, dom0's end at 10.8.N.1.
# FOLDER is laid over the guest's root; an executable FOLDER/guest/job runs there. lab.netfront=off leaves the vif to it.
# Needs a backend: load_modules xen-netback, or a program that serves backend/vif. Sets guest_domain. GUEST_MEMORY (MiB), GUEST_VCPUS and
# GUEST_CONFIG, further lines for xl, may be set before it.
guest_start() {
    local name=$1 n=$2 folder=${3:-} image=/run/guest-$1.cpio
    [ $# -gt 3 ] && shift 3 || shift $#
    cp /boot/guest.cpio "$image"
    [ -z "$folder" ] || (cd "$folder" && find . -mindepth 1 | cpio -o -H newc -R 0:0 2>/dev/null) >>"$image"
    cat >"/run/guest-$name.cfg" <<END
name="$name"
type="pv"
kernel="/boot/vmlinuz"
ramdisk="$image"
extra="console=hvc0 quiet panic=1 lab.address=10.8.$n.2/24 $*"
memory=${GUEST_MEMORY:-256}
vcpus=${GUEST_VCPUS:-1}
vif=['mac=00:16:3e:08:00:$(printf %02x "$n"),script=vif-lab']
on_crash="preserve"
${GUEST_CONFIG:-}
END
    xl create -q "/run/guest-$name.cfg" >/dev/null || die "xl create $name failed"
    rm "$image"
    guest_domain=$(xl domid "$name")
    if [ -e "/sys/class/net/vif$guest_domain.0" ]; then ip addr add "10.8.$n.1/24" dev "vif$guest_domain.0"; fi
}
guest_console() { cat "/var/log/xen/console/guest-$1.log"; }
# guest_wait_ready NAME [SECONDS]: until the guest's first process has done its part. A guest in a busy machine takes a minute.
guest_wait_ready() { wait_for "${2:-150}" grep -q 'guest: ready' "/var/log/xen/console/guest-$1.log" || die "guest $1 does not get ready: $(guest_console "$1" | tail -n 5)"; }
guest_stop() { xl destroy "$1"; }
# guest_add_program FOLDER PROGRAM...: for guest_start's FOLDER, a program with its libraries.
guest_add_program() {
    local folder=$1 program library
    shift
    mkdir -p "$folder/usr/local/bin"
    for program; do
        program=$(command -v "$program")
        cp "$program" "$folder/usr/local/bin/"
        # What ldd does; a static program would run instead, so the loader is asked whether it is one.
        /lib64/ld-linux-x86-64.so.2 --list "$program" 2>/dev/null | sed -n 's/.* => \(\/[^ ]*\).*/\1/p; s/^[[:space:]]*\(\/[^ ]*\).*/\1/p' |
            while read -r library; do
                mkdir -p "$folder$(dirname "$library")"
                cp -L "$library" "$folder$library"
            done
        mkdir -p "$folder/lib64"
        cp -L /lib64/ld-linux-x86-64.so.2 "$folder/lib64/"
    done
}

# --- our netback as the backend ----------------------------------------------------------------------------------

# serve_start [OPTION...]: ringside serve in the background, what it says in /job/out/serve.log; the kernel's netback must
# not be loaded. serve_stop ends it cleanly, serve_kill as a crash does.
serve_start() {
    is_loaded xen-netback && die "the kernel's netback is loaded and would serve the vifs"
    load_modules tun
    ringside serve "$@" >>/job/out/serve.log 2>&1 & echo $! >/tmp/serve.pid
}
serve_end() { # SIGNAL
    kill "-$1" "$(cat /tmp/serve.pid)"
    wait "$(cat /tmp/serve.pid)" || true
}
serve_stop() { serve_end INT; }
serve_kill() { serve_end KILL; }
# serve_statistics: a line for every vif, in /job/out/serve.log.
serve_statistics() {
    kill -USR1 "$(cat /tmp/serve.pid)"
    sleep 0.5
}
# vif_served_add H [QUEUES]: the kernel's netfront, in the network namespace fH, for a backend that is running. Addresses
# as in vif_loopback_add; the backend's interface is a tap device of the same name.
vif_served_add() {
    vif_frontend_add "$@"
    wait_key 10 "$(backend_path "$1")/state" 2 || die "vif $1: the backend stays in state $(xenstore-read "$(backend_path "$1")/state")"
    xenstore-write "$(backend_path "$1")/hotplug-status" connected
    wait_key 10 "$(backend_path "$1")/state" 4 || die "vif $1: the backend stays in state $(xenstore-read "$(backend_path "$1")/state")"
    vif_frontend_up "$1"
    ip addr add "10.9.$1.1/24" dev "vif0.$1"
}
# vif_served_remove H: the frontend leaves first, then the keys go.
vif_served_remove() {
    local b
    b=$(backend_path "$1")
    xenstore-write "$b/online" 0
    echo "vif-$1" >/sys/bus/xen/drivers/vif/unbind
    wait_key 10 "$b/state" 6 || die "vif $1: the backend does not close"
    forget_vif "$1" "$(frontend_path "$1")"
    ip netns del "f$1"
}
