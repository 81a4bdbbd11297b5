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
windows() { for _ in 1 2 3; do rate 4000; done | median; }

# A window without a recorder and one beside it, again and again: what else the machine does changes slowly.
pair() { # KIND LOAD
    local without beside
    without=$(windows)
    # shellcheck disable=SC2046 # words
    record_begin "$1" $(options "$1")
    beside=$(windows)
    record_end "$1"
    echo $((beside * 1000 / without)) >>"$2-$1"
    say "$2 $1: $without and $beside octets/s, $(grep -hE '^(lost|tap):' "$1.log" | paste -sd' ')"
    rm -rf "$1.ringtrace" "$1"
}
measure() { # LOAD
    local kind
    for _ in $(seq "$rounds"); do
        for kind in $kinds; do pair "$kind" "$1"; done
    done
    for kind in $kinds; do
        say "$1 load, $kind: $(median <"$1-$kind") thousandths of the throughput without a recorder ($(sort -n "$1-$kind" | paste -sd' '))"
    done
    # What it takes by its own account, which costs a little itself.
    record_begin counted -w counted --flight 64M --trigger fatal -s 128 --stats
    sleep 25
    record_end counted
    say "$1 load, by its own account: $(grep -E "^(vif0.0|recorder): .* of a processor" counted.log | tail -n 2 | paste -sd"|")"
    rm -rf counted
}
measure full
halve_traffic
measure half
bulk_stop 0
echo "record-cost: ok"
