// SPDX-License-Identifier: MIT OR GPL-2.0
//
// The vif's life: connect, disconnect, disable; and the snapshot of idle queues.
#ifndef TAP_VIF_HOOKS_H
#define TAP_VIF_HOOKS_H

#include "tap_snapshot.h"
#include "tap_core.h"

INLINE void emit_vif(u64 vif) {
  struct tap_vif_record record = {};
  fill(&record.header, TAP_VIF, 0xffff, 0);
  read_vif(vif, &record.vif);
  emit(&record, sizeof record);
}

SECTION("fexit/xenvif_connect_data")
int connected(void *context) {
  u64 result = 0;
  struct call call;
  struct queue *queue = queue_of(context, &call);
  if (!queue) return 0;
  bpf_get_func_ret(context, &result);
  queue->tx_state = queue->rx_state = UNKNOWN;
  queue->polling = 0;
  emit_event(TAP_CONNECT, call.number, (s32)result);
  if ((s32)result == 0) {
    // Nothing moves yet: interrupts and the carrier are off.
    u32 round = may_take(&queue->tx_state);
    if (round) snapshot_tx(call.number, call.address, FOR_SNAPSHOT, TAP_SNAPSHOT_IDLE, round);
    round = may_take(&queue->rx_state);
    if (round) snapshot_rx(call.number, call.address, FOR_SNAPSHOT, TAP_SNAPSHOT_IDLE, round);
  }
  return 0;
}

SECTION("fexit/xenvif_disconnect_data")
int disconnected(void *context) {
  u64 vif = argument(context, 0);
  u32 count = 0;
  if (!is_wanted(vif)) return 0;
  READ(count, vif, xenvif, num_queues);
  emit_event(TAP_DISCONNECT, 0xffff, count);
  for (u32 i = 0; i < MAXIMUM_QUEUES; i++) {
    queues[i].tx_state = queues[i].rx_state = UNKNOWN;
    queues[i].polling = queues[i].looked_round = 0;
    queues[i].address = 0;
  }
  return 0;
}

SECTION("fentry/xenvif_free")
int freed(void *context) {
  u64 vif = argument(context, 0);
  if (vif == known_vif) known_vif = 0;
  return 0;
}

SECTION("fentry/xenvif_fatal_tx_err")
int disabled(void *context) {
  u64 vif = argument(context, 0);
  if (!is_wanted(vif)) return 0;
  s64 number = polling_queue(0, 0);
  if (number >= 0) top_up(number, QUEUE(number)->address);
  emit_event(TAP_DISABLED, number < 0 ? 0xffff : number, 0);
  return 0;
}

SECTION("fentry/xenvif_carrier_off")
int carrier_off(void *context) {
  u64 vif = argument(context, 0);
  if (is_wanted(vif)) emit_event(TAP_CARRIER_OFF, 0xffff, 0);
  return 0;
}

// --- the idle snapshot -----------------------------------------------------------------------------------------

// Nothing may be under way: no poll that is scheduled, no release.
INLINE int is_tx_idle(u64 address) {
  u64 state = 0;
  u32 producer = 0, consumer = 0;
  READ(state, address, xenvif_queue, napi.state);
  READ(producer, address, xenvif_queue, dealloc_prod);
  READ(consumer, address, xenvif_queue, dealloc_cons);
  return !(state & 1) && producer == consumer;
}

INLINE int is_rx_idle(u64 address) {
  u32 waiting = 0;
  READ(waiting, address, xenvif_queue, rx_queue.qlen);
  return !waiting;
}

// A queue on which no hook has run since the last look. A busy one gets its snapshot from its own hooks, at once.
static long snapshot_queue(u32 i, u64 *first) {
  u64 address = *first + i * TYPE_SIZE(xenvif_queue);
  s64 number = number_of(address);
  if (number < 0) return 0;
  struct queue *queue = QUEUE(number);
  u32 tx = queue->tx_generation, rx = queue->rx_generation, now = current_round, round;
  int is_again = queue->looked_round == now;
  if (is_again && queue->tx_looked == tx && is_tx_idle(address) && (round = claim(&queue->tx_state)))
    snapshot_tx(number, address, FOR_SNAPSHOT, TAP_SNAPSHOT_IDLE, round);
  if (is_again && queue->rx_looked == rx && is_rx_idle(address) && (round = claim(&queue->rx_state)))
    snapshot_rx(number, address, FOR_SNAPSHOT, TAP_SNAPSHOT_IDLE, round);
  queue->tx_looked = tx;
  queue->rx_looked = rx;
  queue->looked_round = now;
  return 0;
}

// The loader asks for the statistics of all interfaces, which brings us here for each vif, idle ones too.
SECTION("fentry/xenvif_get_stats")
int look(void *context) {
  u64 device = argument(context, 0), first = 0;
  u32 count = 0;
  u64 vif = device + ((TYPE_SIZE(net_device) + 31) & ~31ull);
  if (!is_wanted(vif)) return 0;
  emit_vif(vif);
  READ(first, vif, xenvif, queues);
  READ(count, vif, xenvif, num_queues);
  if (count > MAXIMUM_QUEUES) count = MAXIMUM_QUEUES;
  if (first && count) bpf_loop(count, snapshot_queue, &first, 0);
  return 0;
}

#endif
