// SPDX-License-Identifier: MIT OR GPL-2.0
//
// How a half of a queue, or the control ring, stands: whether its snapshot is out. The round of the snapshot stands in the
// same word, so that a new round makes all of them unknown at once, whoever comes first and on whichever processor.
#ifndef TAP_STATE_H
#define TAP_STATE_H

#include "tap_event.h"

// Written by the loader. Nothing is recorded in round 0: attaching takes a while, and a snapshot must not come before
// the last of the hooks that keep it true. In each new round every queue begins with a snapshot.
u32 current_round SECTION(".bss.control");

// The snapshot is out; or is being taken; or is being taken from outside of the queue's own context, and one of its hooks
// has begun work meanwhile.
enum { UNKNOWN, LIVE, TAKING, SPOILT };
#define STATE(round, standing) ((round) << 2 | (standing))

INLINE int is_live(u32 state) { return state == STATE(current_round, LIVE); }

INLINE int swap_state(u32 *state, u32 from, u32 to) { return __sync_bool_compare_and_swap(state, from, to); }

// Of all who would take a snapshot one does: who gets the round that it is for, and not 0.
INLINE u32 claim(u32 *state) {
  u32 round = current_round, old = *state;
  if (old >> 2 == round && old != STATE(round, UNKNOWN)) return 0;
  return swap_state(state, old, STATE(round, TAKING)) ? round : 0;
}

// The same for a hook. A snapshot that is being taken from outside of the queue's own context is spoilt by the work that
// the hook begins here.
INLINE u32 may_take(u32 *state) {
  u32 taken = claim(state), round = current_round;
  if (!taken) swap_state(state, STATE(round, TAKING), STATE(round, SPOILT));
  return taken;
}

// From here on hooks record, with numbers behind the snapshot's. Answers whether it is good.
INLINE int go_live(u32 *state, u32 round) { return swap_state(state, STATE(round, TAKING), STATE(round, LIVE)); }

// Nobody else's snapshot is given up.
INLINE void forget(u32 *state, u32 round) {
  u32 old = *state;
  if (old >> 2 == round) swap_state(state, old, UNKNOWN);
}

#endif
