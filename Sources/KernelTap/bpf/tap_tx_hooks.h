// SPDX-License-Identifier: MIT OR GPL-2.0
//
// Frontend to network: polls, grant operations, responses, releases, delivered frames.
#ifndef TAP_TX_HOOKS_H
#define TAP_TX_HOOKS_H

#include "tap_control.h"
#include "tap_frames.h"
#include "tap_grants.h"
#include "tap_snapshot.h"

// --- hooks: the TX poll ----------------------------------------------------------------------------------------

// One end of a poll, with the slots that became visible since the last record.
GLOBAL int record_poll(u32 number, u64 address, u32 kind, u32 packets) {
  struct tap_poll *record = scratch_of(number, FOR_POLL);
  if (!record) return 0;
  u8 rate_limited = 0;
  u64 sring = read_tx_ring(address, &record->ring);
  READ(record->remaining_credit, address, xenvif_queue, remaining_credit);
  READ(rate_limited, address, xenvif_queue, rate_limited);
  record->rate_limited = rate_limited;
  record->packets = packets;
  unseen_slots(QUEUE(number), &record->ring, &record->slots);
  fill(&record->header, kind, number, 0);
  u32 octets = copy_slots(record + 1, sring, record->slots.first, record->slots.count, 12);
  if (octets > RING * 12) return 0;
  emit(record, sizeof *record + octets);
  return 0;
}

SECTION("fentry/xenvif_tx_action")
int poll_begin(void *context) {
  struct call call;
  struct queue *queue = queue_of(context, &call);
  if (!queue) return 0;
  COUNT(queue->tx_generation);
  queue->poll_cpu = bpf_get_smp_processor_id();
  if (!is_live(queue->tx_state)) {
    u32 round = may_take(&queue->tx_state);
    if (!round || !snapshot_tx(call.number, call.address, FOR_POLL, 0, round)) return 0;
  }
  queue->polling = 1;
  queue->copied = queue->maps = 0;
  READ(queue->poll_pending, call.address, xenvif_queue, pending_cons);
  record_poll(call.number, call.address, TAP_TX_POLL_BEGIN, argument(context, 1));
  return 0;
}

// Maps of the poll that a hook has missed.
INLINE void catch_up(u32 number, struct queue *queue) {
  if (queue->maps) record_maps(number);
}

SECTION("fexit/xenvif_tx_action")
int poll_end(void *context) {
  u64 work_done = 0;
  struct call call;
  struct queue *queue = queue_of(context, &call);
  if (!queue) return 0;
  COUNT(queue->tx_generation);
  if (!queue->polling) return 0;
  queue->polling = 0;
  if (!is_live(queue->tx_state)) return 0;
  bpf_get_func_ret(context, &work_done);
  record_poll(call.number, call.address, TAP_TX_POLL_END, work_done);
  return 0;
}

// The operations that a grant hook was called for, when they are those of one of our polls on this processor.
INLINE s64 operations_of(void *context, u32 offset) {
  return polling_queue(argument(context, 0), offset);
}

// Records the copies of a poll while its frames are still in its list; -1 when they are not those of a poll.
INLINE int take_copies(void *context) {
  s64 number = operations_of(context, OFFSET(xenvif_queue, tx_copy_ops));
  if (number < 0) return -1;
  struct queue *queue = QUEUE(number);
  if (queue->copied) return 0;
  queue->copied = 1;
  top_up(number, queue->address);
  record_copies(number, argument(context, 1));
  return 0;
}

// A program does not run inside itself: of a poll that interrupts it on its way to the guest (RX copies, too) it sees
// nothing. The other one does, and who comes first records.
SECTION("fexit/gnttab_batch_copy")
int copy_end(void *context) {
  if (take_copies(context) < 0) keep_control_copy(argument(context, 0), argument(context, 1));
  return 0;
}

SECTION("fexit/gnttab_batch_copy")
int copy_end_again(void *context) {
  take_copies(context);
  return 0;
}

SECTION("fentry/gnttab_map_refs")
int map_begin(void *context) {
  s64 number = operations_of(context, OFFSET(xenvif_queue, tx_map_ops));
  if (number < 0) return 0;
  QUEUE(number)->maps = argument(context, 3);
  return 0;
}

SECTION("fexit/gnttab_map_refs")
int map_end(void *context) {
  s64 number = operations_of(context, OFFSET(xenvif_queue, tx_map_ops));
  if (number < 0) return 0;
  QUEUE(number)->maps = argument(context, 3);
  record_maps(number);
  return 0;
}

// --- hooks: TX responses ---------------------------------------------------------------------------------------

// The request that is answered, as the backend has it.
INLINE void emit_response(u32 number, u64 address, u32 index, u32 pending_index, u64 request, u32 extra_count,
                          s64 status, u16 flags) {
  struct tap_response record = {};
  fill(&record.header, TAP_TX_RESPONSE, number, flags);
  record.index = index;
  record.extra_count = extra_count;
  record.pending_index = pending_index;
  record.status = (s8)status;
  bpf_probe_read_kernel(&record.request, 12, (void *)request);
  emit(&record, sizeof record);
}

INLINE u32 private_producer(u64 address) {
  u32 index = 0;
  u64 base = address + OFFSET(xenvif_queue, tx);
  READ(index, base, xen_netif_tx_back_ring, rsp_prod_pvt);
  return index;
}

// Two processors may answer on one ring at once (a poll and the release thread). Who came first then stands in the
// ring itself.
GLOBAL int settle_order(u32 number, u64 address, u32 first, u32 slots) {
  u32 after = private_producer(address);
  u32 count = after - first;
  if (count == slots || count == 0 || count > 16) return 0;
  struct {
    struct tap_header header;
    u32 request_producer;
    u32 reserved;
    struct tap_span slots;
    u8 octets[16 * 12];
  } record = {};
  struct tap_ring ring = {};
  u64 sring = read_tx_ring(address, &ring);
  fill(&record.header, TAP_TX_RESPONSE_SLOTS, number, 0);
  record.request_producer = ring.request_producer;
  record.slots.first = first;
  record.slots.count = count;
  u32 start = first & (RING - 1);
  u32 part = RING - start;
  if (part > count) part = count;
  read_up_to(16 * 12, record.octets, part * 12, sring + 64 + start * 12);
  if (part < count) record.slots.count = part;
  emit(&record, sizeof record);
  return 0;
}

SECTION("fentry/make_tx_response")
int early_response(void *context) {
  struct call call;
  struct queue *queue = queue_of(context, &call);
  if (!queue || !is_live(queue->tx_state)) return 0;
  u64 request = argument(context, 1);
  u32 extra_count = argument(context, 2);
  top_up(call.number, call.address);
  u32 index = private_producer(call.address);
  queue->stash[0].index = index;
  queue->stash[0].slots = 1 + extra_count;
  emit_response(call.number, call.address, index, 0xffff, request, extra_count, argument(context, 3),
                TAP_RESPONSE_EARLY);
  return 0;
}

SECTION("fexit/make_tx_response")
int early_response_end(void *context) {
  struct call call;
  struct queue *queue = queue_of(context, &call);
  if (!queue || !is_live(queue->tx_state)) return 0;
  settle_order(call.number, call.address, queue->stash[0].index, queue->stash[0].slots);
  return 0;
}

// What of the two contexts that answer pending requests this one is: 0 a poll, 1 the release thread.
INLINE u32 response_context(struct queue *queue) {
  return queue->polling && queue->poll_cpu == bpf_get_smp_processor_id() ? 0 : 1;
}

// The pending request that an answer is for: the second argument of its hook.
struct pending_call {
  u32 index;
  u32 extra_count;
  u64 request;
};

INLINE void pending_of(void *context, u64 address, struct pending_call *pending) {
  pending->index = argument(context, 1) & 0xffff;
  u64 info = address + OFFSET(xenvif_queue, pending_tx_info) + pending->index * TYPE_SIZE(pending_tx_info);
  pending->extra_count = 0;
  READ(pending->extra_count, info, pending_tx_info, extra_count);
  pending->request = info + OFFSET(pending_tx_info, req);
}

SECTION("fentry/xenvif_idx_release")
int response(void *context) {
  struct call call;
  struct pending_call pending;
  struct queue *queue = queue_of(context, &call);
  if (!queue || !is_live(queue->tx_state)) return 0;
  u32 side = response_context(queue);
  if (side == 0) catch_up(call.number, queue);
  pending_of(context, call.address, &pending);
  u32 index = private_producer(call.address);
  struct stash *stash = &queue->stash[side & 1];
  stash->index = index;
  stash->slots = 1 + pending.extra_count;
  stash->pending_index = pending.index;
  stash->valid = 1;
  emit_response(call.number, call.address, index, pending.index, pending.request, pending.extra_count,
                argument(context, 2), 0);
  return 0;
}

SECTION("fexit/xenvif_idx_release")
int response_end(void *context) {
  struct call call;
  struct pending_call pending;
  struct queue *queue = queue_of(context, &call);
  if (!queue || !is_live(queue->tx_state)) return 0;
  pending_of(context, call.address, &pending);
  struct stash *stash = &queue->stash[response_context(queue) & 1];
  if (stash->valid && stash->pending_index == pending.index) {
    stash->valid = 0;
    settle_order(call.number, call.address, stash->index, stash->slots);
    return 0;
  }
  // The entry was missed: its program was running on this processor when the softirq came, or we were not live yet.
  u32 index = private_producer(call.address) - 1 - pending.extra_count;
  emit_response(call.number, call.address, index, pending.index, pending.request, pending.extra_count,
                argument(context, 2), TAP_RESPONSE_LATE);
  return 0;
}

// --- hooks: releases and unmaps --------------------------------------------------------------------------------

SECTION("fexit/xenvif_zerocopy_callback")
int release(void *context) {
  u64 ubuf = argument(context, 1);
  u16 index = 0;
  if (READ(index, ubuf, ubuf_info_msgzc, desc)) return 0;
  u64 address = ubuf - OFFSET(pending_tx_info, callback_struct) - (u64)index * TYPE_SIZE(pending_tx_info) -
                OFFSET(xenvif_queue, pending_tx_info);
  s64 number = number_of(address);
  if (number < 0) return 0;
  // A frame's fragments come together; the ring's end may part them.
  if (record_releases(number, address)) record_releases(number, address);
  return 0;
}

GLOBAL s64 find_releasing(u64 operations) {
  for (u32 i = 0; i < MAXIMUM_QUEUES; i++) {
    struct queue *queue = &queues[i];
    if (is_live(queue->tx_state) && queue->address + OFFSET(xenvif_queue, tx_unmap_ops) == operations) return i;
  }
  return -1;
}
INLINE s64 releasing_queue(u64 operations) { return unknown(find_releasing(operations)); }

SECTION("fentry/gnttab_unmap_refs")
int unmap_begin(void *context) {
  s64 number = releasing_queue(argument(context, 0));
  if (number < 0) return 0;
  u64 address = QUEUE(number)->address;
  // At most 256 releases wait, 32 to a record.
  for (u32 i = 0; i < 9; i++)
    if (!record_releases(number, address)) break;
  return 0;
}

SECTION("fexit/gnttab_unmap_refs")
int unmap_end(void *context) {
  u64 operations = argument(context, 0);
  u32 where = FOR_RELEASE;
  s64 number = releasing_queue(operations);
  if (number < 0) {
    // A poll that takes back a packet unmaps one at a time, from its stack.
    number = polling_queue(0, 0);
    if (number < 0) return 0;
    where = FOR_POLL;
  }
  u32 count = argument(context, 3);
  if (count > RING) count = RING;
  struct tap_operations *record = scratch_of(number, where);
  if (!record) return 0;
  u32 octets = count * 24;
  if (octets > RING * 24) return 0;
  bpf_probe_read_kernel(record + 1, octets, (void *)operations);
  fill(&record->header, TAP_TX_UNMAP, number, 0);
  record->count = count;
  record->octets = octets;
  emit(record, sizeof *record + octets);
  return 0;
}

// --- hooks: frames to the network -------------------------------------------------------------------------------

SECTION("fentry/netif_receive_skb")
int deliver(void *context) {
  u64 skb = argument(context, 0), device = 0, ours = 0;
  s64 number = polling_queue(0, 0);
  if (number < 0) return 0;
  READ(device, skb, sk_buff, dev);
  READ(ours, known_vif, xenvif, dev);
  if (device != ours) return 0;
  catch_up(number, QUEUE(number));
  record_frame(number, skb, 0, 0);
  return 0;
}

#endif
