// SPDX-License-Identifier: MIT OR GPL-2.0
//
// The grant operations of a poll with what they brought, and the releases of mapped pages.
#ifndef TAP_GRANTS_H
#define TAP_GRANTS_H

#include "tap_core.h"

// Hands the scratch buffer over when the next entry might not fit, or at the end.
INLINE void flush_operations(u32 number, struct queue *queue, u16 kind) {
  struct tap_operations *record = scratch_of(number, FOR_POLL);
  u32 used = queue->used;
  if (!record || !queue->entries || used > DATA_LIMIT) return;
  fill(&record->header, kind, number, 0);
  record->count = queue->entries;
  record->octets = used;
  emit(record, sizeof *record + used);
  queue->used = 0;
  queue->entries = 0;
}

static long copy_one(u32 i, u32 *context) {
  u32 number = *context;
  struct queue *queue = QUEUE(number);
  struct tap_operations *record = scratch_of(number, FOR_POLL);
  if (!record) return 1;
  u32 used = queue->used;
  if (used > DATA_LIMIT) return 1;
  struct tap_copy_entry *entry = (void *)(record + 1) + used;
  bpf_probe_read_kernel(entry, 40, (void *)(queue->address + OFFSET(xenvif_queue, tx_copy_ops) + i * 40));
  // The copies fill the linear parts of the frames in the poll's list, one frame after the other.
  if (!queue->remaining) {
    u64 next = 0;
    u32 length = 0;
    if (READ(next, queue->skb, sk_buff, next)) return 1;
    queue->skb = next;
    READ(length, next, sk_buff, len);
    READ(next, next, sk_buff, data);
    queue->source = next;
    queue->remaining = length;
  }
  u32 length = entry->length;
  u32 keep = length < snap_length ? length : snap_length;
  if (keep > 4096) keep = 4096;
  if (entry->status != 0) keep = 0;
  if (keep && read_up_to(4096, entry + 1, keep, queue->source)) keep = 0;
  entry->data_length = keep;
  queue->source += length;
  queue->remaining = queue->remaining > length ? queue->remaining - length : 0;
  queue->used = used + 40 + ((keep + 7) & ~7);
  queue->entries++;
  if (queue->used > DATA_LIMIT - 4096 - 40) flush_operations(number, queue, TAP_TX_COPY);
  return 0;
}

GLOBAL int record_copies(u32 number, u32 count) {
  struct queue *queue = QUEUE(number);
  if (count > 2 * RING) count = 2 * RING;
  if (!count) return 0;
  queue->used = queue->entries = queue->remaining = 0;
  // The list's head stands before its first frame.
  queue->skb = queue->address + OFFSET(xenvif_queue, tx_queue);
  u64 first = 0;
  READ(first, queue->skb, sk_buff_head, next);
  if (first == queue->skb) return 0;
  bpf_loop(count, copy_one, &number, 0);
  flush_operations(number, queue, TAP_TX_COPY);
  return 0;
}

static long find_pending(u32 i, u32 *context);

static long map_one(u32 i, u32 *context) {
  u32 number = *context;
  struct queue *queue = QUEUE(number);
  struct tap_operations *record = scratch_of(number, FOR_POLL);
  if (!record) return 1;
  u32 used = queue->used;
  if (used > DATA_LIMIT) return 1;
  struct tap_map_entry *entry = (void *)(record + 1) + used;
  bpf_probe_read_kernel(entry, 32, (void *)(queue->address + OFFSET(xenvif_queue, tx_map_ops) + i * 32));
  entry->pending_index = 0xffff;
  entry->offset = entry->length = 0;
  // Which pending request is it for? Both lists are in the same order; the request's page says which.
  queue->source = read_u64(queue->address + OFFSET(xenvif_queue, pages_to_map) + i * 8);
  bpf_loop(RING, find_pending, context, 0);
  u32 pending_index = queue->remaining;
  u32 keep = 0;
  if (pending_index < RING) {
    u64 info = queue->address + OFFSET(xenvif_queue, pending_tx_info) + pending_index * TYPE_SIZE(pending_tx_info);
    u8 request[12] = {};
    bpf_probe_read_kernel(request, 12, (void *)(info + OFFSET(pending_tx_info, req)));
    u16 offset = *(u16 *)(request + 4), size = *(u16 *)(request + 10);
    entry->pending_index = pending_index;
    entry->offset = offset;
    entry->length = size;
    keep = size < snap_length ? size : snap_length;
    if (keep > 4096) keep = 4096;
    if (entry->status != 0) keep = 0;
    if (keep && read_up_to(4096, entry + 1, keep, entry->host_address + offset)) keep = 0;
  }
  entry->data_length = keep;
  queue->used = used + 40 + ((keep + 7) & ~7);
  queue->entries++;
  if (queue->used > DATA_LIMIT - 4096 - 40) flush_operations(number, queue, TAP_TX_MAP);
  return 0;
}

// Walks the pending ring from where the last map operation was found. Leaves the index in `remaining`.
static long find_pending(u32 i, u32 *context) {
  struct queue *queue = QUEUE(*context);
  u16 index = 0xffff;
  u64 page = 0;
  u32 position = queue->pending++ & (RING - 1);
  bpf_probe_read_kernel(&index, 2, (void *)(queue->address + OFFSET(xenvif_queue, pending_ring) + position * 2));
  queue->remaining = 0xffff;
  if (index >= RING) return 1;
  page = read_u64(queue->address + OFFSET(xenvif_queue, mmap_pages) + index * 8);
  if (page != queue->source) return 0;
  queue->remaining = index;
  return 1;
}

GLOBAL int record_maps(u32 number) {
  struct queue *queue = QUEUE(number);
  u32 count = queue->maps;
  queue->maps = 0;
  if (count > RING) count = RING;
  if (!count) return 0;
  queue->used = queue->entries = queue->remaining = 0;
  queue->pending = queue->poll_pending;
  bpf_loop(count, map_one, &number, 0);
  flush_operations(number, queue, TAP_TX_MAP);
  return 0;
}

// --- releases --------------------------------------------------------------------------------------------------

// Records what was put on the release ring since last time. May run on two processors at once: the positions are
// absolute, the reader drops what it has.
GLOBAL int record_releases(u32 number, u64 address) {
  struct queue *queue = QUEUE(number);
  if (!is_live(queue->tx_state)) return 0;
  struct tap_release record;
  u32 producer = 0;
  READ(producer, address, xenvif_queue, dealloc_prod);
  u32 first = queue->release_seen;
  u32 count = producer - first;
  if (count == 0 || count > RING) return 0;
  if (count > 32) count = 32;
  u32 start = first & (RING - 1);
  if (count > RING - start) count = RING - start;  // up to the ring's end; the rest in the next record
  if (!__sync_bool_compare_and_swap(&queue->release_seen, first, first + count)) return 0;
  u64 ring = address + OFFSET(xenvif_queue, dealloc_ring);
  fill(&record.header, TAP_TX_RELEASE, number, 0);
  record.releases.first = first;
  record.releases.count = count;
  __builtin_memset(record.pending_index, 0, sizeof record.pending_index);
  read_up_to(64, record.pending_index, count * 2, ring + start * 2);
  emit(&record, sizeof record);
  return producer != first + count;
}

#endif
