// SPDX-License-Identifier: MIT OR GPL-2.0
//
// The contents of a frame, on either side of the backend.
#ifndef TAP_FRAMES_H
#define TAP_FRAMES_H

#include "tap_core.h"

struct frame_loop {
  u32 number;
  u32 side;  // 0: from a poll, 1: to the guest
  u32 context;
};

static long frame_fragment(u32 i, struct frame_loop *loop) {
  u32 side = loop->side & 1;
  struct queue *queue = QUEUE(loop->number);
  struct tap_frame *record = scratch_of(loop->number, loop->context);
  if (!record) return 1;
  u32 used = queue->frame_used[side];
  if (used >= snap_length || used > DATA_LIMIT) return 1;
  struct bio_vec {
    u64 page;
    u32 length;
    u32 offset;
  } fragment = {};
  bpf_probe_read_kernel(&fragment, 16, (void *)(queue->frame_fragments[side] + i * 16));
  u64 contents = (fragment.page - read_u64((u64)&vmemmap_base)) / TYPE_SIZE(page) * 4096 +
                 read_u64((u64)&page_offset_base) + fragment.offset;
  u32 keep = fragment.length;
  if (keep > snap_length - used) keep = snap_length - used;
  if (keep > PIECE_LIMIT) {
    keep = PIECE_LIMIT;
    queue->frame_partial[side] = 1;
  }
  if (keep && read_up_to(PIECE_LIMIT, (void *)(record + 1) + used, keep, contents)) {
    queue->frame_partial[side] = 1;
    return 1;
  }
  queue->frame_used[side] = used + keep;
  return queue->frame_partial[side] != 0;
}

// The frame's first octets up to the snap length: its linear part and its fragments.
GLOBAL int record_frame(u32 number, u64 skb, u32 side, u32 index) {
  u32 context = side ? FOR_RX : FOR_POLL;
  struct queue *queue = QUEUE(number);
  struct tap_frame *record = scratch_of(number, context);
  if (!record) return 0;
  side &= 1;
  u64 head = 0, data = 0;
  u32 length = 0, paged = 0, end = 0;
  u16 mac_header = 0;
  u8 fragments = 0;
  READ(head, skb, sk_buff, head);
  READ(data, skb, sk_buff, data);
  READ(length, skb, sk_buff, len);
  READ(paged, skb, sk_buff, data_len);
  READ(end, skb, sk_buff, end);
  if (side == 0) {
    // The Ethernet header is already pulled off.
    READ(mac_header, skb, sk_buff, mac_header);
    u64 pulled = data - (head + mac_header);
    if (pulled <= 64) {
      data -= pulled;
      length += pulled;
    }
  }
  u64 shared = head + end;
  READ(fragments, shared, skb_shared_info, nr_frags);
  READ(record->gso_size, shared, skb_shared_info, gso_size);
  READ(record->gso_type, shared, skb_shared_info, gso_type);
  READ_BITS(record->checksum, skb, sk_buff, ip_summed);
  // Only a hash that the vif has computed itself is told to a guest.
  u32 is_own = 0, has_ports = 0;
  READ_BITS(is_own, skb, sk_buff, sw_hash);
  READ_BITS(has_ports, skb, sk_buff, l4_hash);
  READ(record->hash, skb, sk_buff, hash);
  READ(record->protocol, skb, sk_buff, protocol);
  record->hash_kind = is_own ? 1 + has_ports : 0;
  record->length = length;
  record->fragments = fragments;
  record->index = index;

  u32 keep = length - paged;
  queue->frame_partial[side] = 0;
  if (keep > snap_length) keep = snap_length;
  if (keep > PIECE_LIMIT) keep = PIECE_LIMIT;
  if (keep && read_up_to(PIECE_LIMIT, record + 1, keep, data)) keep = 0;
  queue->frame_used[side] = keep;
  queue->frame_fragments[side] = shared + OFFSET(skb_shared_info, frags);
  struct frame_loop loop = {.number = number, .side = side, .context = context};
  if (fragments && keep < snap_length) bpf_loop(fragments, frame_fragment, &loop, 0);

  u32 used = queue->frame_used[side];
  if (used > DATA_LIMIT) return 0;
  u32 partial = used < length && used < snap_length;
  fill(&record->header, side ? TAP_RX_FRAME : TAP_TX_FRAME, number, partial ? TAP_FRAME_PARTIAL : 0);
  record->data_length = used;
  emit(record, sizeof *record + used);
  return 0;
}

#endif
