// SPDX-License-Identifier: MIT OR GPL-2.0
//
// A queue as it stands, in one record per direction: what all later records build on.
#ifndef TAP_SNAPSHOT_H
#define TAP_SNAPSHOT_H

#include "tap_core.h"

INLINE void read_vif(u64 vif, struct tap_vif *to) {
  u16 domid = 0, headroom = 0;
  u8 disabled = 0;
  u64 status = 0;
  READ(domid, vif, xenvif, domid);
  to->domid = domid;
  READ(to->handle, vif, xenvif, handle);
  READ(to->queues, vif, xenvif, num_queues);
  READ(to->gso_mask, vif, xenvif, gso_mask);
  READ_BITS(to->can_sg, vif, xenvif, can_sg);
  READ_BITS(to->ip_csum, vif, xenvif, ip_csum);
  READ_BITS(to->ipv6_csum, vif, xenvif, ipv6_csum);
  READ_BITS(to->multicast_control, vif, xenvif, multicast_control);
  READ(disabled, vif, xenvif, disabled);
  to->disabled = disabled;
  READ(status, vif, xenvif, status);
  to->connected = status & 1;
  READ(to->mac, vif, xenvif, fe_dev_addr);
  READ(to->multicast_count, vif, xenvif, fe_mcast_count);
  READ(headroom, vif, xenvif, xdp_headroom);
  to->xdp_headroom = headroom;
}

// Gives a snapshot up whose number is taken.
INLINE int give_up(u32 *state, u32 round, struct tap_header *header) {
  forget(state, round);
  header->kind = TAP_NOTHING;
  hand_over(header, sizeof *header);
  return 0;
}

struct snapshot_loop {
  u64 address;
  u32 number;
  u32 context;
};

static long copy_pending(u32 i, struct snapshot_loop *loop) {
  struct tap_tx_snapshot *record = scratch_of(loop->number, loop->context);
  if (!record || i >= RING) return 1;
  u64 entry = loop->address + OFFSET(xenvif_queue, pending_tx_info) + i * TYPE_SIZE(pending_tx_info);
  bpf_probe_read_kernel(&record->pending[i].request, 12, (void *)(entry + OFFSET(pending_tx_info, req)));
  READ(record->pending[i].extra_count, entry, pending_tx_info, extra_count);
  return 0;
}

struct multicast_loop {
  u64 entry;
  u32 number;
  u32 context;
};

static long copy_multicast(u32 i, struct multicast_loop *loop) {
  struct tap_tx_snapshot *record = scratch_of(loop->number, loop->context);
  if (!record || i >= MULTICAST_LIMIT) return 1;
  u64 next = 0;
  if (READ(next, loop->entry, list_head, next)) return 1;
  loop->entry = next;
  bpf_probe_read_kernel(&record->multicast[i], 6,
                        (void *)(next - OFFSET(xenvif_mcast_addr, entry) + OFFSET(xenvif_mcast_addr, addr)));
  return 0;
}

// Takes the TX half of a queue, for whom may_take has given the round. Answers whether it is good.
GLOBAL int snapshot_tx(u32 number, u64 address, u32 context, u32 flags, u32 round) {
  struct queue *queue = QUEUE(number);
  struct tap_tx_snapshot *record = scratch_of(number, context);
  if (!record) return 0;
  struct tap_ring after = {};
  u64 vif = 0;
  u32 pending_after = 0;
  READ(vif, address, xenvif_queue, vif);
  read_vif(vif, &record->vif);
  u64 sring = read_tx_ring(address, &record->ring);
  if (!sring) {
    forget(&queue->tx_state, round);
    return 0;
  }
  READ(record->pending_producer, address, xenvif_queue, pending_prod);
  READ(record->pending_consumer, address, xenvif_queue, pending_cons);
  READ(record->release_producer, address, xenvif_queue, dealloc_prod);
  READ(record->release_consumer, address, xenvif_queue, dealloc_cons);
  READ(record->remaining_credit, address, xenvif_queue, remaining_credit);
  READ(record->credit_bytes, address, xenvif_queue, credit_bytes);
  READ(record->credit_microseconds, address, xenvif_queue, credit_usec);
  u8 rate_limited = 0;
  READ(rate_limited, address, xenvif_queue, rate_limited);
  record->rate_limited = rate_limited;
  READ(record->pending_ring, address, xenvif_queue, pending_ring);
  READ(record->handles, address, xenvif_queue, grant_tx_handle);
  struct snapshot_loop loop = {.address = address, .number = number, .context = context};
  bpf_loop(RING, copy_pending, &loop, 0);
  if (record->vif.multicast_count > MULTICAST_LIMIT) record->vif.multicast_count = MULTICAST_LIMIT;
  struct multicast_loop list = {.entry = vif + OFFSET(xenvif, fe_mcast_addr), .number = number, .context = context};
  bpf_loop(record->vif.multicast_count, copy_multicast, &list, 0);
  record->slots.first = record->ring.request_consumer;
  record->slots.count = record->ring.request_producer - record->ring.request_consumer;
  if (record->slots.count > RING) record->slots.count = 0;
  u32 octets = copy_slots(record + 1, sring, record->slots.first, record->slots.count, 12);
  if (octets > RING * 12) return 0;

  fill(&record->header, TAP_TX_SNAPSHOT, number, flags);
  record->round = round;
  queue->tx_seen = record->slots.first + record->slots.count;
  queue->release_seen = record->release_producer;
  queue->stash[0].valid = queue->stash[1].valid = 0;
  queue->polling = queue->copied = queue->maps = 0;
  number_record(&record->header);
  if (!go_live(&queue->tx_state, round)) return give_up(&queue->tx_state, round, &record->header);

  // The release thread answers beside us. What it did until now is in no record. Try again at the next poll, but not
  // for ever.
  read_tx_ring(address, &after);
  READ(pending_after, address, xenvif_queue, pending_prod);
  u32 torn = after.response_producer_private != record->ring.response_producer_private ||
             after.request_consumer != record->ring.request_consumer || pending_after != record->pending_producer;
  if (torn && ((flags & TAP_SNAPSHOT_IDLE) || queue->torn++ < 32))
    return give_up(&queue->tx_state, round, &record->header);
  if (torn) record->header.flags |= TAP_SNAPSHOT_TORN;
  queue->torn = 0;
  hand_over(record, sizeof *record + octets);
  return 1;
}

GLOBAL int snapshot_rx(u32 number, u64 address, u32 context, u32 flags, u32 round) {
  struct queue *queue = QUEUE(number);
  struct tap_rx_snapshot *record = scratch_of(number, context);
  if (!record) return 0;
  u32 batched = 0;
  READ(batched, address, xenvif_queue, rx_copy.num);
  u64 sring = read_rx_ring(address, &record->ring);
  if (batched || !sring) {  // in the middle of a batch responses are written and not pushed
    forget(&queue->rx_state, round);
    return 0;
  }
  READ(record->queued_frames, address, xenvif_queue, rx_queue.qlen);
  READ(record->queued_octets, address, xenvif_queue, rx_queue_len);
  u8 stalled = 0;
  READ(stalled, address, xenvif_queue, stalled);
  record->stalled = stalled;
  record->slots.first = record->ring.request_consumer;
  record->slots.count = record->ring.request_producer - record->ring.request_consumer;
  if (record->slots.count > RING) record->slots.count = 0;
  u32 octets = copy_slots(record + 1, sring, record->slots.first, record->slots.count, 8);
  if (octets > RING * 12) return 0;
  fill(&record->header, TAP_RX_SNAPSHOT, number, flags);
  record->round = round;
  queue->rx_seen = record->slots.first + record->slots.count;
  queue->rx_response_seen = record->ring.response_producer_private;
  queue->rx_flushed = 0;
  number_record(&record->header);
  if (!go_live(&queue->rx_state, round)) return give_up(&queue->rx_state, round, &record->header);
  hand_over(record, sizeof *record + octets);
  return 1;
}

#endif
