# Sourced by jobs of recorders on vif0.0, behind lib.sh:  . /lab/recorder.sh   (bash)

say() { echo "$*" | tee -a figures.txt; }

# Octets that the backend has moved, one way (rx: what the guest sent) or both.
octets() { cat /sys/class/net/vif0.0/statistics/${1:-[rt]x}_bytes | awk '{ sum += $1 } END { printf "%d", sum }'; }
# rate MILLISECONDS [SIDE]: octets per second over so long.
rate() {
    local start from=$(octets "${2:-}")
    start=$(now_ms)
    sleep "$(($1 / 1000)).$(($1 % 1000))"
    echo $((($(octets "${2:-}") - from) * 1000 / ($(now_ms) - start)))
}
# Half of what saturates the machine, each way.
halve_traffic() {
    local side full half_rx half_tx
    for side in rx tx; do
        full=$(for window in 1 2 3; do rate 2000 $side; done | median)
        say "saturated, $side: $full octets/s"
        printf -v half_$side %d $((full * 8 / 2))
    done
    ip netns exec f0 tc qdisc replace dev eth0 root netem rate "${half_rx}bit"
    tc qdisc replace dev vif0.0 root netem rate "${half_tx}bit"
    sleep 2
}

# saturate: vif0.0 with two queues, and TCP both ways as fast as it goes.
saturate() {
    load_modules xen-netback sch_netem
    raise_grant_limits
    vif_loopback_add 0 2
    bulk_start 0 tx rx
    sleep 2
}

# record_start NAME OPTION...: starts a recorder and waits until it records. The kernel checks the tap's programs for
# seconds; traffic that takes both processors would make minutes of them.
record_start() {
    local name=$1
    shift
    ringside record --vif vif0.0 -w "$name.ringtrace" -s 128 "$@" >"$name.log" 2>&1 &
    recorder=$!
    renice -n -20 -p $recorder || die "$name: $(cat "$name.log")"
    wait_for 240 grep -q '^recording' "$name.log" || die "$name: the recorder does not start: $(cat "$name.log")"
    renice -n 0 -p $recorder
}
record_wait() { # NAME: until it ends by itself
    wait $recorder || die "$1: $(cat "$1.log")"
    grep -E '^(lost|tap):' "$1.log" | paste -sd' ' | sed "s/^/$1: /"
}
record_stop() { # NAME
    kill -INT $recorder
    record_wait "$1"
}

# record_begin NAME OPTION..., record_end NAME: the same while the traffic rests. An emulated processor that runs the very code
# which a recorder patches may stand still for good.
record_begin() { bulk_pause 0; record_start "$@"; bulk_resume 0; sleep 1; }
record_end() { bulk_pause 0; record_stop "$1"; bulk_resume 0; sleep 1; }

# record_account NAME: what was lost is counted in three places: by numbers that are missing, by the kernel's side, by
# what arrived. Sets made, taken, dropped, lost; fails when they do not agree.
record_account() {
    local gaps unplaced
    read -r made taken dropped unplaced <<<"$(sed -n 's/^tap: \([0-9]*\) records made, \([0-9]*\) taken, \([0-9]*\) found no room, \([0-9]*\) .*/\1 \2 \3 \4/p' "$1.log")"
    lost=$(sed -n 's/^lost: \([0-9]*\) events$/\1/p' "$1.log")
    ringside show "$1.ringtrace" -w "$1.ringtext" >/dev/null
    gaps=$(awk 'match($0, / gap lost=[0-9]+/) { sum += substr($0, RSTART + 10, RLENGTH - 10) } END { printf "%d", sum }' "$1.ringtext")
    rm "$1.ringtext"
    say "$1: $made records made, $taken taken, $dropped found no room, $unplaced without a snapshot; lost $lost, gaps $gaps"
    [ "$made" = $((taken + dropped)) ] || die "$1: $((made - taken)) records did not arrive, the kernel's side counts $dropped"
    [ "$lost" = "$gaps" ] && [ "$lost" = $((dropped + unplaced)) ] || die "$1: the losses do not agree"
}
