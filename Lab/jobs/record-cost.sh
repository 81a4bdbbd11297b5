#!/bin/bash
# What recording costs the kernel's backend: bulk TCP both ways, as fast as the machine goes and then at half of that, without a
# recorder and beside one of each kind in turn, and what each loses.
# Usage: Lab/run --bin ringside --lib libbpf.so.1 --out DIR record-cost [ROUNDS]
set -eu
. /lab/lib.sh
. /lab/recorder.sh
rounds=${1:-3}
cd /job/out

saturate

kinds='file-headers file-whole flight-headers flight-whole'
options() { # KIND
    case $1 in
    file-*) echo -n "-w $1.ringtrace " ;;
    flight-*) echo -n "-w $1 --flight 64M --trigger fatal " ;;
    esac
    case $1 in *-headers) echo '-s 128' ;; *) echo '-s 65535' ;; esac
}
windows() { for _ in 1 2 3; do rate 4000 >>"$1"; done; }

beside() { # KIND LOAD
    # shellcheck disable=SC2046 # words
    record_begin "$1" $(options "$1")
    windows "$2-$1"
    record_end "$1"
    say "$2 $1: $(grep -hE '^(lost|tap):' "$1.log" | paste -sd' ')"
    rm -rf "$1.ringtrace" "$1"
}
measure() { # LOAD
    local kind
    for _ in $(seq "$rounds"); do
        windows "$1-without"
        for kind in $kinds; do beside "$kind" "$1"; done
    done
    for kind in $kinds; do
        say "$1 load, $kind: $(($(median <"$1-$kind") * 1000 / $(median <"$1-without"))) thousandths of the throughput without a recorder"
    done
}
measure full
halve_traffic
measure half
bulk_stop 0
echo "record-cost: ok"
