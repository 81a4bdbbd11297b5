#!/bin/bash
# The rules of the TX ring put to whichever backend takes a vif, as a guest asks: Linux's netback, then a ringside serve.
# Needs --bin ringside --lib libpcap.so.0.8. Leaves what each says (kernel.txt, serve.txt).
set -eu -o pipefail
. /lab/lib.sh
prepare_checks
failed=0
check() { # NAME
    local from
    from=$(now_ms)
    ringside check --on vif --patience 60 | tee "/job/out/$1.txt" || failed=1
    echo "--- $1: $((($(now_ms) - from) / 1000)) s"
}
load_modules xen-netback
check kernel
rmmod xen-netback
serve_start
check serve
serve_stop
[ "$(mapped_grants)" = 0 ] || die "grants are still mapped"
[ $failed = 0 ] || die "cells differ"
echo "check-vif: ok"
