// SPDX-License-Identifier: MIT OR GPL-2.0
//
// The state of the control ring: it belongs to the vif, not to a queue.
#ifndef TAP_CONTROL_H
#define TAP_CONTROL_H

#include "tap_core.h"

struct control {
  u64 vif;
  u64 task;   // the thread whose message may copy out of a page of the guest's now; else 0
  u32 state;
  u32 running;
  u32 seen;  // slots below this index are recorded
  u32 response_seen;
  u32 reference;   // of the page that is copied from
  u32 operations;  // copies that were made
  u32 reserved;
  u8 entries[80];
};

struct control control;

// The copies of a message, told from all others by the thread and the page. They lie on its stack, gone when the
// message is done.
INLINE void keep_control_copy(u64 operations, u32 count) {
  if (!control.task || control.task != bpf_get_current_pid_tgid()) return;
  u32 reference = read_u64(operations);
  if (reference != control.reference) return;
  if (count == 1) {
    bpf_probe_read_kernel(control.entries, 40, (void *)operations);
  } else if (count == 2) {
    bpf_probe_read_kernel(control.entries, 80, (void *)operations);
  } else {
    return;
  }
  control.operations = count;
}

#endif
