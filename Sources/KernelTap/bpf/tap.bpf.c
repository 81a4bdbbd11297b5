// SPDX-License-Identifier: MIT OR GPL-2.0
//
// Records one vif of the running kernel's xen-netback, from outside: it reads kernel memory, changes nothing, and
// uses no grant of its own.
//
// Four contexts run in netback, and each has its own programs' state and its own scratch buffer per queue:
//  - TX polls, in softirq, one at a time per queue;
//  - the RX thread, one per queue;
//  - the release ("dealloc") thread, one per queue;
//  - the thread of the control ring's interrupt, one per vif.
// A program that is interrupted on its processor by a softirq which reaches the same program misses that call
// (the kernel forbids recursion). So whatever a poll's hook could miss is found again by the poll's next hook:
// operations by the counts that their entry left behind, releases and slots by absolute index.

#include "tap_control_hooks.h"
#include "tap_rx_hooks.h"
#include "tap_tx_hooks.h"
#include "tap_vif_hooks.h"

char licence[] SECTION("license") = "Dual MIT/GPL";
