#!/bin/bash
# A verb of the command, as `ringside lab` has it run: its files lie where they lie outside, and what it writes is handed back.
# Usage: verb SCENE FOLDER INPUTS [PATH...] OUTPUTS [PATH...] PROGRAM [WORD...]; input N comes with Lab/run --in FILE:N.
# Leaves stdout, code, files/N for output N, and complaint, if the kernel had one.
set -eu
. /lab/lib.sh

# place N PATH: an input, where it lies outside.
place() {
    mkdir -p "$(dirname "$2")"
    if [ -d "/job/in/$1" ] && [ -d "$2" ]; then
        cp -R "/job/in/$1/." "$2/"
    elif [ ! -e "$2" ]; then
        ln -s "/job/in/$1" "$2"
    else
        cmp -s "/job/in/$1" "$2" || die "$2: the machine has another file of that name; give yours from another folder"
    fi
}

# What is there before the verb runs.
scene_grants() { prepare_checks; }
scene_kernel() {
    prepare_checks
    load_modules xen-netback
}
scene_vif() { vif_loopback_add 0 2; }
scene_traffic() { scene_vif; }

# Pings of two sizes and TCP both ways, until the machine is off.
traffic() {
    local direction
    while :; do
        ping_check 0 10
        ping_check 0 5 1400
        for direction in tx rx; do tcp_bulk 0 $direction 1; done
    done
}
# The kernel checks the tap's programs for seconds, and traffic would make minutes of them: it begins when they have passed.
beside_traffic() {
    "$@" >/job/out/stdout 2>/run/errors &
    verb=$!
    wait_for 240 has_begun || true
    traffic >/run/traffic.log 2>&1 &
    wait $verb || code=$?
    cat /run/errors >&2
}
has_begun() { grep -q '^recording' /run/errors || ! kill -0 $verb; }

# What the kernel says of itself: a bad page, an oops, a warning, a processor that stood still.
troubles() { echo $(($(cat /proc/sys/kernel/tainted) & (1 << 5 | 1 << 7 | 1 << 9 | 1 << 14))); }
complaint() { dmesg | grep -m1 -E 'BUG:|WARNING:|Oops|soft lockup' || echo "the words are no longer in its log"; }

scene=$1 folder=$2 inputs=$3
shift 3
for ((n = 0; n < inputs; n++)); do
    place $n "$1"
    shift
done
outputs=("${@:2:$1}")
shift $(($1 + 1))
for path in "${outputs[@]}"; do mkdir -p "$(dirname "$path")"; done

before=$(troubles)
"scene_$scene"
mkdir -p "$folder"
cd "$folder"
echo "lab: Linux $(uname -r): $*"
code=0
if [ "$scene" = traffic ]; then beside_traffic "$@"; else "$@" >/job/out/stdout || code=$?; fi

mkdir /job/out/files
for n in "${!outputs[@]}"; do
    [ ! -f "${outputs[n]}" ] || mv "${outputs[n]}" "/job/out/files/$n"
done
[ $(($(troubles) & ~before)) = 0 ] || complaint >/job/out/complaint
echo $code >/job/out/code
