#!/bin/bash
# The rules of the rings and the public advisories, put to Linux's netback and to ours on real grants by ringside check; and
# what it says where the other netback is there. Needs --bin ringside --lib libpcap.so.0.8 --in Corpus/advisories.
# Leaves what each says (kernel.txt, xen.txt, advisories-kernel.txt, advisories-xen.txt).
set -eu -o pipefail
. /lab/lib.sh
prepare_checks

# refused CODE WORDS BACKEND
refused() {
    local code=0
    ringside check tx/minimum-size --on "$3" >/run/output 2>/run/errors || code=$?
    [ $code = "$1" ] && [ "$(grep -c '' /run/errors)" = 1 ] || die "--on $3: code $code, $(cat /run/errors)"
    grep -qF "$2" /run/errors || die "--on $3: wanted '$2': $(cat /run/errors)"
}
failed=0
check() { # BACKEND
    local from
    from=$(now_ms)
    ringside check --on "$1" | tee "/job/out/$1.txt" || failed=1
    ringside check /job/in/advisories --on "$1" | tee "/job/out/advisories-$1.txt" || failed=1
    echo "--- $1: $((($(now_ms) - from) / 1000)) s"
}

refused 3 'modprobe xen-netback' kernel
load_modules xen-netback
refused 4 'rmmod xen-netback' xen
check kernel
rmmod xen-netback
check xen
[ "$(mapped_grants)" = 0 ] || die "grants are still mapped"
[ $failed = 0 ] || die "cells differ"
echo "check: ok"
