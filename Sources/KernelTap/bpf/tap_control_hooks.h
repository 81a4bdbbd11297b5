// SPDX-License-Identifier: MIT OR GPL-2.0
//
// The control ring. A call of the backend's takes the messages one after the other and answers each before it takes the
// next; an answer is written over its request. So requests are recorded as the call begins, and again before a message is
// done whose words matter; the answers, as it ends.
//
// The names of these programs begin with "control_": the loader leaves them out where the kernel lacks what they need.
#ifndef TAP_CONTROL_HOOKS_H
#define TAP_CONTROL_HOOKS_H

#include "tap_control.h"
#include "tap_snapshot.h"

#define CONTROL_RING 128
#define CONTROL_SLOT 16
#define CONTROL_DATA_LIMIT 512

// In the thread of the interrupt; from outside of it.
enum { FOR_MESSAGES, FOR_LOOK, CONTROL_CONTEXTS };

struct control_scratch {
  u8 octets[8192];
};

struct {
  MAP_UINT(type, BPF_MAP_TYPE_ARRAY);
  MAP_UINT(max_entries, CONTROL_CONTEXTS);
  MAP_TYPE(key, u32);
  MAP_TYPE(value, struct control_scratch);
} control_scratches SECTION(".maps");

INLINE void *control_scratch_of(u32 context) { return bpf_map_lookup_elem(&control_scratches, &context); }

// Whether it is the vif that we record.
INLINE int is_control_of(u64 vif) {
  if (!is_wanted(vif)) return 0;
  u64 known = control.vif;
  if (known != vif && __sync_bool_compare_and_swap(&control.vif, known, vif) && known) control.state = UNKNOWN;
  return 1;
}

INLINE u64 read_control_ring(u64 vif, struct tap_ring *ring) {
  u64 sring = 0;
  u64 base = vif + OFFSET(xenvif, ctrl);
  __builtin_memset(ring, 0, sizeof *ring);
  READ(ring->request_consumer, base, xen_netif_ctrl_back_ring, req_cons);
  READ(ring->response_producer_private, base, xen_netif_ctrl_back_ring, rsp_prod_pvt);
  READ(sring, base, xen_netif_ctrl_back_ring, sring);
  if (sring) bpf_probe_read_kernel(&ring->request_producer, sizeof(struct shared_ring), (void *)sring);
  return sring;
}

// Copies the slots [first, first + count) behind the record, and hands it over.
GLOBAL int emit_control_slots(u64 sring, u32 kind, u32 first, u32 count) {
  struct tap_control_slots *record = control_scratch_of(FOR_MESSAGES);
  if (!record || !count) return 0;
  if (count > CONTROL_RING) count = CONTROL_RING;
  record->slots.first = first;
  record->slots.count = count;
  u32 start = first & (CONTROL_RING - 1);
  u32 part = CONTROL_RING - start;
  if (part > count) part = count;
  u32 octets = part * CONTROL_SLOT, rest = (count - part) * CONTROL_SLOT;
  void *to = record + 1;
  read_up_to(CONTROL_RING * CONTROL_SLOT, to, octets, sring + 64 + start * CONTROL_SLOT);
  OPAQUE(octets);
  if (octets > CONTROL_RING * CONTROL_SLOT) return 0;
  if (rest) read_up_to(CONTROL_RING * CONTROL_SLOT, to + octets, rest, sring + 64);
  fill(&record->header, kind, 0xffff, 0);
  u32 size = sizeof *record + count * CONTROL_SLOT;
  OPAQUE(size);
  if (size > sizeof(struct control_scratch)) return 0;
  emit(record, size);
  return 0;
}

// Records requests that were published and are not recorded yet.
GLOBAL int control_top_up(u64 vif) {
  struct tap_control_slots *record = control_scratch_of(FOR_MESSAGES);
  if (!record) return 0;
  u64 sring = read_control_ring(vif, &record->ring);
  u32 first = control.seen, producer = record->ring.request_producer;
  if (!sring || producer == first) return 0;
  control.seen = producer;
  return emit_control_slots(sring, TAP_CONTROL_SLOTS, first, producer - first);
}

// Takes the ring and what it has set, for whom may_take or claim has given the round. Answers whether it is good.
GLOBAL int snapshot_control(u64 vif, u32 context, u32 round) {
  struct tap_control_snapshot *record = control_scratch_of(context);
  if (!record) return 0;
  u64 hash = vif + OFFSET(xenvif, hash);
  u8 selected = 0;
  record->connected = read_control_ring(vif, &record->ring) != 0;
  READ(record->algorithm, hash, xenvif_hash, alg);
  READ(record->types, hash, xenvif_hash, flags);
  READ(record->mapping_size, hash, xenvif_hash, size);
  READ(record->key, hash, xenvif_hash, key);
  READ(selected, hash, xenvif_hash, mapping_sel);
  u64 table = hash + OFFSET(xenvif_hash, mapping);
  if (selected) table += FIELD_SIZE(xenvif_hash, mapping) / 2;
  bpf_probe_read_kernel(record->mapping, sizeof record->mapping, (void *)table);
  fill(&record->header, TAP_CONTROL_SNAPSHOT, 0xffff, 0);
  record->round = round;
  control.seen = record->ring.request_consumer;
  control.response_seen = record->ring.response_producer_private;
  control.task = 0;
  number_record(&record->header);
  if (!go_live(&control.state, round)) return give_up(&control.state, round, &record->header);
  hand_over(record, sizeof *record);
  return 1;
}

// --- calls of the backend's --------------------------------------------------------------------------------------

SECTION("fentry/xenvif_ctrl_irq_fn")
int control_begin(void *context) {
  u64 vif = argument(context, 1);
  if (!is_control_of(vif)) return 0;
  control.running = 1;
  if (!is_live(control.state)) {
    u32 round = may_take(&control.state);
    if (!round || !snapshot_control(vif, FOR_MESSAGES, round)) return 0;
  }
  control_top_up(vif);
  return 0;
}

SECTION("fexit/xenvif_ctrl_irq_fn")
int control_end(void *context) {
  u64 vif = argument(context, 1);
  if (!is_control_of(vif)) return 0;
  control.running = 0;
  struct tap_control_slots *record = control_scratch_of(FOR_MESSAGES);
  if (!is_live(control.state) || !record) return 0;
  u64 sring = read_control_ring(vif, &record->ring);
  u32 end = record->ring.response_producer_private, count = end - control.response_seen;
  control.response_seen = end;
  if (!sring || !count) return 0;
  // Of more than a ring holds the last are left; the reader sees that some are missing.
  if (count > CONTROL_RING) count = CONTROL_RING;
  emit_control_slots(sring, TAP_CONTROL_END, end - count, count);
  return 0;
}

// --- messages ------------------------------------------------------------------------------------------------------

// A message whose words matter is about to be done. Answers whether it is recorded.
INLINE int message(void *context) {
  u64 vif = argument(context, 0);
  if (!is_control_of(vif) || !is_live(control.state) || !control.running) return 0;
  control_top_up(vif);
  return 1;
}

SECTION("fentry/xenvif_set_hash_alg")
int control_algorithm(void *context) {
  message(context);
  return 0;
}

SECTION("fentry/xenvif_set_hash_flags")
int control_types(void *context) {
  message(context);
  return 0;
}

SECTION("fentry/xenvif_set_hash_mapping_size")
int control_mapping_size(void *context) {
  message(context);
  return 0;
}

INLINE void copying_message(void *context) {
  if (!message(context)) return;
  control.operations = 0;
  control.reference = argument(context, 1);
  control.task = bpf_get_current_pid_tgid();
}

SECTION("fentry/xenvif_set_hash_key")
int control_key(void *context) {
  copying_message(context);
  return 0;
}

SECTION("fentry/xenvif_set_hash_mapping")
int control_mapping(void *context) {
  copying_message(context);
  return 0;
}

// Records the copies of the message that is done, with the octets that they have brought to `contents`.
GLOBAL int record_control_copy(u64 vif, u64 contents, u32 length) {
  struct tap_control_copy *record = control_scratch_of(FOR_MESSAGES);
  u32 operations = control.operations;
  if (!record || !control.task) return 0;
  control.task = 0;
  if (operations == 0 || operations > 2 || !is_live(control.state)) return 0;
  u64 base = vif + OFFSET(xenvif, ctrl);
  READ(record->index, base, xen_netif_ctrl_back_ring, rsp_prod_pvt);
  record->operations = operations;
  record->reserved = 0;
  bpf_probe_read_kernel(record->entries, sizeof record->entries, control.entries);
  if (length > CONTROL_DATA_LIMIT) length = 0;
  if (length && read_up_to(CONTROL_DATA_LIMIT, record + 1, length, contents)) length = 0;
  record->data_length = length;
  fill(&record->header, TAP_CONTROL_COPY, 0xffff, 0);
  u32 size = sizeof *record + length;
  OPAQUE(size);
  if (size > sizeof(struct control_scratch)) return 0;
  emit(record, size);
  return 0;
}

SECTION("fexit/xenvif_set_hash_key")
int control_key_end(void *context) {
  u64 vif = argument(context, 0);
  if (!is_control_of(vif)) return 0;
  record_control_copy(vif, vif + OFFSET(xenvif, hash) + OFFSET(xenvif_hash, key), argument(context, 2));
  return 0;
}

SECTION("fexit/xenvif_set_hash_mapping")
int control_mapping_end(void *context) {
  u64 vif = argument(context, 0), refused = 0;
  u32 count = argument(context, 2), place = argument(context, 3);
  u8 selected = 0;
  if (!is_control_of(vif)) return 0;
  bpf_get_func_ret(context, &refused);
  u64 hash = vif + OFFSET(xenvif, hash);
  READ(selected, hash, xenvif_hash, mapping_sel);
  // A mapping that was taken is the one in force; one that was refused was copied beside that.
  u32 size = FIELD_SIZE(xenvif_hash, mapping) / 2;
  u64 table = hash + OFFSET(xenvif_hash, mapping) + ((selected != 0) != ((u32)refused != 0) ? size : 0);
  record_control_copy(vif, table + (u64)place * 4, count > CONTROL_DATA_LIMIT / 4 ? 0 : count * 4);
  return 0;
}

// --- the ring's life -------------------------------------------------------------------------------------------------

SECTION("fexit/xenvif_connect_ctrl")
int control_connected(void *context) {
  u64 vif = argument(context, 0);
  if (!is_control_of(vif)) return 0;
  control.state = UNKNOWN;
  control.running = 0;
  u32 round = may_take(&control.state);
  if (round) snapshot_control(vif, FOR_LOOK, round);
  return 0;
}

SECTION("fentry/xenvif_disconnect_ctrl")
int control_disconnected(void *context) {
  u64 vif = argument(context, 0);
  if (is_control_of(vif)) control.state = UNKNOWN;
  return 0;
}

// The loader asks for the statistics of all interfaces, as for idle queues.
SECTION("fentry/xenvif_get_stats")
int control_look(void *context) {
  u64 vif = argument(context, 0) + ((TYPE_SIZE(net_device) + 31) & ~31ull);
  if (!is_control_of(vif) || control.running) return 0;
  u32 round = claim(&control.state);
  if (round) snapshot_control(vif, FOR_LOOK, round);
  return 0;
}

#endif
