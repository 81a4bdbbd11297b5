// SPDX-License-Identifier: MIT OR GPL-2.0
//
// Network to frontend: frames taken, requests, copies, responses.
#ifndef TAP_RX_HOOKS_H
#define TAP_RX_HOOKS_H

#include "tap_frames.h"
#include "tap_snapshot.h"

SECTION("fentry/xenvif_rx_skb")
int rx_frame(void *context) {
  u64 skb = 0;
  struct call call;
  struct queue *queue = queue_of(context, &call);
  if (!queue) return 0;
  COUNT(queue->rx_generation);
  if (!is_live(queue->rx_state)) {
    u32 round = may_take(&queue->rx_state);
    if (!round || !snapshot_rx(call.number, call.address, FOR_RX, 0, round)) return 0;
  }

  struct tap_slots *record = scratch_of(call.number, FOR_RX);
  if (!record) return 0;
  struct tap_ring ring = {};
  u64 sring = read_rx_ring(call.address, &ring);
  // The backend takes the requests where they lie, so record them before it writes the responses there.
  u32 count = ring.request_producer - queue->rx_seen;
  if (count > RING) {
    // The producer is past anything that the ring can hold: the last 256 are what there is to see.
    queue->rx_seen = ring.request_consumer;
    count = ring.request_producer - queue->rx_seen;
    if (count > RING) count = RING;
  }
  if (count) {
    record->slots.first = queue->rx_seen;
    record->slots.count = count;
    record->request_producer = ring.request_producer;
    record->reserved = 0;
    fill(&record->header, TAP_RX_REQUESTS, call.number, 0);
    queue->rx_seen += count;
    u32 octets = copy_slots(record + 1, sring, record->slots.first, count, 8);
    if (octets > RING * 12) return 0;
    emit(record, sizeof *record + octets);
  }
  READ(skb, call.address, xenvif_queue, rx_queue.next);
  record_frame(call.number, skb, 1, ring.request_consumer);
  return 0;
}

// Before the copies: the responses of all complete frames are written and not pushed. The frontend may post again
// the moment that they are, so this is the time to read them.
SECTION("fentry/xenvif_rx_copy_flush")
int rx_flush_begin(void *context) {
  struct call call;
  struct queue *queue = queue_of(context, &call);
  if (!queue) return 0;
  COUNT(queue->rx_generation);
  queue->rx_flushed = 0;
  if (!is_live(queue->rx_state)) return 0;
  struct tap_rx_flush *record = scratch_of(call.number, FOR_RX);
  if (!record) return 0;
  struct tap_ring ring = {};
  u32 operations = 0;
  u64 sring = read_rx_ring(call.address, &ring);
  READ(operations, call.address, xenvif_queue, rx_copy.num);
  if (operations > 64) operations = 64;
  u32 count = ring.response_producer_private - queue->rx_response_seen;
  if (count > RING) return 0;
  record->request_consumer = ring.request_consumer;
  record->operations = operations;
  record->responses.first = queue->rx_response_seen;
  record->responses.count = count;
  copy_slots(record + 1, sring, record->responses.first, count, 8);
  queue->rx_response_seen = ring.response_producer_private;
  queue->rx_flushed = 1;
  return 0;
}

SECTION("fexit/xenvif_rx_copy_flush")
int rx_flush_end(void *context) {
  struct call call;
  struct queue *queue = queue_of(context, &call);
  if (!queue) return 0;
  COUNT(queue->rx_generation);
  if (!is_live(queue->rx_state) || !queue->rx_flushed) return 0;
  queue->rx_flushed = 0;
  struct tap_rx_flush *record = scratch_of(call.number, FOR_RX);
  if (!record) return 0;
  u32 used = record->responses.count * 8, operations = record->operations;
  if (used > RING * 8 || operations > 64) return 0;
  if (!used && !operations) return 0;
  if (operations) {
    u64 batch = call.address + OFFSET(xenvif_queue, rx_copy);
    void *to = (void *)(record + 1) + used;
    read_up_to(64 * 4, to, operations * 4, batch + OFFSET(xenvif_copy_state, idx));
    read_up_to(64 * 40, to + operations * 4, operations * 40, batch + OFFSET(xenvif_copy_state, op));
  }
  fill(&record->header, TAP_RX_FLUSH, call.number, 0);
  emit(record, sizeof *record + used + operations * 44);
  return 0;
}

#endif
