// SPDX-License-Identifier: MIT OR GPL-2.0
//
// What all hooks share: the state of each queue, numbering, and the slots of the rings.
#ifndef TAP_CORE_H
#define TAP_CORE_H

#include "tap_state.h"

#define MAXIMUM_QUEUES 16
#define RING 256
#define MULTICAST_LIMIT 64
#define DATA_LIMIT 65536
#define PIECE_LIMIT 32768
#define SCRATCH (DATA_LIMIT + PIECE_LIMIT + 1024)

// Which scratch buffer of a queue.
enum { FOR_POLL, FOR_RX, FOR_RELEASE, FOR_SNAPSHOT, CONTEXTS };

struct {
  MAP_UINT(type, BPF_MAP_TYPE_RINGBUF);
  MAP_UINT(max_entries, 1 << 24);
} events SECTION(".maps");

struct scratch {
  u8 octets[SCRATCH];
};

struct {
  MAP_UINT(type, BPF_MAP_TYPE_ARRAY);
  MAP_UINT(max_entries, MAXIMUM_QUEUES *CONTEXTS);
  MAP_TYPE(key, u32);
  MAP_TYPE(value, struct scratch);
} scratches SECTION(".maps");

// Set by the loader.
const volatile u32 wanted_domid = 0;
const volatile u32 wanted_handle = 0;
const volatile u32 snap_length = 65535;

// Where the kernel keeps struct page and its own view of all memory: from a page to its contents.
extern const void vmemmap_base __attribute__((section(".ksyms")));
extern const void page_offset_base __attribute__((section(".ksyms")));

struct stash {
  u64 valid;
  u32 pending_index;
  u32 index;
  u32 slots;
  u32 reserved;
};

struct queue {
  u64 address;  // struct xenvif_queue
  u32 tx_state;
  u32 rx_state;
  u32 tx_seen;  // TX slots below this index are recorded
  u32 rx_seen;
  u32 release_seen;
  u32 rx_response_seen;
  u32 polling;
  u32 poll_cpu;
  u32 copied;  // whether the copies of this poll are recorded
  u32 maps;    // operations issued in this poll and not recorded yet
  u32 poll_pending;  // pending_cons at the begin of the poll
  // Counts the hooks that begin or end work; and how that stood at the last look.
  u32 tx_generation;
  u32 rx_generation;
  u32 tx_looked;
  u32 rx_looked;
  u32 looked_round;
  u32 torn;
  u32 rx_flushed;
  // State of the loops. It lives here and not on the stack because the verifier knows nothing about values in a map,
  // and so checks every use.
  u32 used;
  u32 entries;
  u32 remaining;
  u32 pending;
  u64 skb;
  u64 source;
  u32 frame_used[2];
  u32 frame_partial[2];
  u64 frame_fragments[2];
  struct stash stash[2];
};

struct queue queues[MAXIMUM_QUEUES];
u64 known_vif = 0;
// The round in which a record found no room. What comes after it in that round rests on what is missing, so it is
// counted and not kept.
u32 broken_round = 0;
// Read by the loader.
struct tap_counters counters SECTION(".bss.counters");

INLINE u64 read_u64(u64 address) {
  u64 value = 0;
  bpf_probe_read_kernel(&value, sizeof value, (void *)address);
  return value;
}

// Reads no more than `limit` octets, which the place has room for.
INLINE long read_up_to(u32 limit, void *to, u32 size, u64 address) {
  OPAQUE(size);
  if (size > limit) return -1;
  return bpf_probe_read_kernel(to, size, (void *)address);
}

INLINE void *scratch_of(u32 queue, u32 context) {
  u32 key = queue * CONTEXTS + context;
  return bpf_map_lookup_elem(&scratches, &key);
}

INLINE void fill(struct tap_header *header, u16 kind, u16 queue, u16 flags) {
  header->time = bpf_ktime_get_ns();
  header->kind = kind;
  header->queue = queue;
  header->flags = flags;
  header->cpu = bpf_get_smp_processor_id();
}

// Numbers a record. The number is used up also when there is no room: that is how a gap shows its place and size.
INLINE void number_record(struct tap_header *header) {
  header->sequence = __sync_fetch_and_add(&counters.next_sequence, 1);
}

// Hands a numbered record over.
INLINE void hand_over(void *record, u64 size) {
  u32 now = current_round;
  // The reader polls by the clock: a wake-up for each record costs more than the record.
  if (broken_round == now || bpf_ringbuf_output(&events, record, size, BPF_RB_NO_WAKEUP)) {
    broken_round = now;
    __sync_fetch_and_add(&counters.lost_records, 1);
    __sync_fetch_and_add(&counters.lost_octets, size);
  }
}

INLINE void emit(void *record, u64 size) {
  OPAQUE(size);
  if (size > SCRATCH || !current_round) return;
  number_record(record);
  hand_over(record, size);
}

INLINE int is_wanted(u64 vif) {
  if (!current_round) return 0;
  if (vif == known_vif) return vif != 0;
  u16 domid = 0;
  u32 handle = 0;
  if (READ(domid, vif, xenvif, domid) || READ(handle, vif, xenvif, handle)) return 0;
  if (domid != wanted_domid || handle != wanted_handle) return 0;
  known_vif = vif;
  return 1;
}

GLOBAL s64 find_number(u64 address) {
  u64 vif = 0;
  u32 id = 0;
  if (READ(vif, address, xenvif_queue, vif) || !is_wanted(vif)) return -1;
  if (READ(id, address, xenvif_queue, id)) return -1;
  if (id >= MAXIMUM_QUEUES) {
    __sync_fetch_and_add(&counters.unsupported_queues, 1);
    return -1;
  }
  struct queue *queue = &queues[id & (MAXIMUM_QUEUES - 1)];
  u64 known = queue->address;
  // A disconnect forgets the address, and all that was known of the queue.
  if (known != address && __sync_bool_compare_and_swap(&queue->address, known, address) && known)
    queue->tx_state = queue->rx_state = UNKNOWN;
  return id;
}

#define QUEUE(number) (&queues[(number) & (MAXIMUM_QUEUES - 1)])

// The compiler sees into the functions that find a queue and would leave the mask of QUEUE out; the verifier does not.
INLINE s64 unknown(s64 number) {
  OPAQUE(number);
  return number;
}

// The number of the queue, or -1 when it is not of the vif that we record.
INLINE s64 number_of(u64 address) { return unknown(find_number(address)); }

// What a hook was called for.
struct call {
  u64 address;  // struct xenvif_queue, the first argument
  u32 number;
};

// The queue that is the hook's first argument, if it is one of the vif that we record.
INLINE struct queue *queue_of(void *context, struct call *call) {
  call->address = 0;
  bpf_get_func_arg(context, 0, &call->address);
  s64 number = number_of(call->address);
  if (number < 0) return 0;
  call->number = number;
  return QUEUE(number);
}

// An argument of the hook.
INLINE u64 argument(void *context, u32 number) {
  u64 value = 0;
  bpf_get_func_arg(context, number, &value);
  return value;
}

GLOBAL s64 find_polling(u64 operations, u32 offset) {
  u32 cpu = bpf_get_smp_processor_id();
  for (u32 i = 0; i < MAXIMUM_QUEUES; i++) {
    struct queue *queue = &queues[i];
    if (!queue->polling || queue->poll_cpu != cpu || !is_live(queue->tx_state)) continue;
    if (!operations || queue->address + offset == operations) return i;
  }
  return -1;
}

// Is this the operations array, at `offset`, of one of our queues that polls on this processor? Answers its number
// or -1. Without operations: which queue polls here?
INLINE s64 polling_queue(u64 operations, u32 offset) { return unknown(find_polling(operations, offset)); }

struct shared_ring {
  u32 request_producer;
  u32 request_event;
  u32 response_producer;
  u32 response_event;
};

#define COUNT(generation) __sync_fetch_and_add(&(generation), 1)

INLINE void emit_event(u16 kind, u16 queue, s64 value) {
  struct tap_queue_event record = {};
  fill(&record.header, kind, queue, 0);
  record.value = value;
  emit(&record, sizeof record);
}

#define DEFINE_READ_RING(name, field, type)                                                  \
  INLINE u64 name(u64 address, struct tap_ring *ring) {                                      \
    u64 sring = 0;                                                                           \
    u64 base = address + OFFSET(xenvif_queue, field);                                        \
    READ(ring->request_consumer, base, type, req_cons);                                      \
    READ(ring->response_producer_private, base, type, rsp_prod_pvt);                         \
    READ(sring, base, type, sring);                                                          \
    bpf_probe_read_kernel(&ring->request_producer, sizeof(struct shared_ring), (void *)sring); \
    return sring;                                                                            \
  }
DEFINE_READ_RING(read_tx_ring, tx, xen_netif_tx_back_ring)
DEFINE_READ_RING(read_rx_ring, rx, xen_netif_rx_back_ring)

// Copies the slots [first, first + count) to `to`, in at most two reads. Answers the octets copied.
NOINLINE u32 copy_slots(void *to, u64 sring, u32 first, u32 count, u32 stride) {
  if (!to || count == 0 || count > RING) return 0;
  u32 start = first & (RING - 1);
  u32 part = RING - start;
  if (part > count) part = count;
  u32 octets = part * stride;
  OPAQUE(octets);
  if (octets > RING * 12) return 0;
  bpf_probe_read_kernel(to, octets, (void *)(sring + 64 + start * stride));
  u32 rest = (count - part) * stride;
  if (rest) read_up_to(RING * 12, to + octets, rest, sring + 64);
  return octets + rest;
}

// Which TX slots are published and not recorded yet.
INLINE void unseen_slots(struct queue *queue, struct tap_ring *ring, struct tap_span *span) {
  span->first = 0;
  span->count = 0;
  u32 published = ring->request_producer - ring->request_consumer;
  if (published > RING) return;  // an impossible producer: the backend will not read these either
  // A frontend that takes its producer back will publish these slots anew.
  if ((s32)(ring->request_producer - queue->tx_seen) < 0) queue->tx_seen = ring->request_producer;
  u32 count = ring->request_producer - queue->tx_seen;
  if (count > RING) {
    queue->tx_seen = ring->request_consumer;
    count = published;
  }
  span->first = queue->tx_seen;
  span->count = count;
  queue->tx_seen = ring->request_producer;
}

// Records slots that were published during the poll, before an answer can overwrite them.
GLOBAL int top_up(u32 number, u64 address) {
  struct queue *queue = QUEUE(number);
  struct tap_ring ring = {};
  u64 sring = read_tx_ring(address, &ring);
  if (ring.request_producer == queue->tx_seen) return 0;
  struct tap_slots *record = scratch_of(number, FOR_POLL);
  if (!record) return 0;
  unseen_slots(queue, &ring, &record->slots);
  if (!record->slots.count) return 0;
  fill(&record->header, TAP_TX_SLOTS, number, 0);
  record->request_producer = ring.request_producer;
  record->reserved = 0;
  u32 octets = copy_slots(record + 1, sring, record->slots.first, record->slots.count, 12);
  if (octets > RING * 12) return 0;
  emit(record, sizeof *record + octets);
  return 0;
}

#endif
