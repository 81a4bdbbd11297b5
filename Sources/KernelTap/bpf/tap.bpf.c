// SPDX-License-Identifier: MIT OR GPL-2.0
//
// Records one vif of the running kernel's xen-netback, from outside: it reads kernel memory, changes nothing, and
// uses no grant of its own.
//
// Three contexts run in netback, and each has its own programs' state and its own scratch buffer per queue:
//  - TX polls, in softirq, one at a time per queue;
//  - the RX thread, one per queue;
//  - the release ("dealloc") thread, one per queue.
// A program that is interrupted on its processor by a softirq which reaches the same program misses that call
// (the kernel forbids recursion). So whatever a poll's hook could miss is found again by the poll's next hook:
// operations by the counts that their entry left behind, releases and slots by absolute index.

#include "tap_event.h"

char licence[] SECTION("license") = "Dual MIT/GPL";

#define MAXIMUM_QUEUES 16
#define RING 256
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
  u32 tx_live;  // the TX snapshot is out
  u32 rx_live;
  u32 tx_seen;  // TX slots below this index are recorded
  u32 rx_seen;
  u32 release_seen;
  u32 rx_response_seen;
  u32 polling;
  u32 poll_cpu;
  u32 copies;  // operations issued in this poll and not recorded yet
  u32 maps;
  u32 poll_pending;  // pending_cons at the begin of the poll
  u32 tx_generation;
  u32 rx_generation;
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
// Written by the loader when every program is attached: attaching takes a while, and a snapshot must not come before
// the last of the hooks that keep it true.
u32 armed SECTION(".bss.control");
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

// Numbers the record and hands it over. The number is used up also when there is no room: that is how a gap shows
// its place and size.
INLINE void emit(void *record, u64 size) {
  struct tap_header *header = record;
  OPAQUE(size);
  if (size > SCRATCH) return;
  header->sequence = __sync_fetch_and_add(&counters.next_sequence, 1);
  // The reader polls by the clock: a wake-up for each record costs more than the record.
  if (bpf_ringbuf_output(&events, record, size, BPF_RB_NO_WAKEUP)) {
    __sync_fetch_and_add(&counters.lost_records, 1);
    __sync_fetch_and_add(&counters.lost_octets, size);
  }
}

INLINE int is_wanted(u64 vif) {
  if (!armed) return 0;
  if (vif == known_vif) return vif != 0;
  u16 domid = 0;
  u32 handle = 0;
  if (READ(domid, vif, xenvif, domid) || READ(handle, vif, xenvif, handle)) return 0;
  if (domid != wanted_domid || handle != wanted_handle) return 0;
  known_vif = vif;
  return 1;
}

// The number of the queue, or -1 when it is not of the vif that we record.
NOINLINE s64 number_of(u64 address) {
  u64 vif = 0;
  u32 id = 0;
  if (READ(vif, address, xenvif_queue, vif) || !is_wanted(vif)) return -1;
  if (READ(id, address, xenvif_queue, id)) return -1;
  if (id >= MAXIMUM_QUEUES) {
    __sync_fetch_and_add(&counters.unsupported_queues, 1);
    return -1;
  }
  struct queue *queue = &queues[id & (MAXIMUM_QUEUES - 1)];
  if (queue->address != address) {
    queue->tx_live = queue->rx_live = 0;
    queue->polling = queue->copies = queue->maps = 0;
    queue->stash[0].valid = queue->stash[1].valid = 0;
    queue->address = address;
  }
  return id;
}

#define QUEUE(number) (&queues[(number) & (MAXIMUM_QUEUES - 1)])

struct shared_ring {
  u32 request_producer;
  u32 request_event;
  u32 response_producer;
  u32 response_event;
};

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
NOINLINE int top_up(u32 number, u64 address) {
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

// --- snapshots -------------------------------------------------------------------------------------------------

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

// Takes the TX half of a queue. Answers whether it was consistent.
NOINLINE int snapshot_tx(u32 number, u64 address, u32 context, u32 flags) {
  struct queue *queue = QUEUE(number);
  struct tap_tx_snapshot *record = scratch_of(number, context);
  if (!record) return 0;
  struct tap_ring after = {};
  u64 vif = 0;
  u32 pending_after = 0;
  READ(vif, address, xenvif_queue, vif);
  read_vif(vif, &record->vif);
  u64 sring = read_tx_ring(address, &record->ring);
  if (!sring) return 0;
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
  record->slots.first = record->ring.request_consumer;
  record->slots.count = record->ring.request_producer - record->ring.request_consumer;
  if (record->slots.count > RING) record->slots.count = 0;
  u32 octets = copy_slots(record + 1, sring, record->slots.first, record->slots.count, 12);
  if (octets > RING * 12) return 0;

  // The release thread answers beside us. Try again at the next poll, but not for ever.
  read_tx_ring(address, &after);
  READ(pending_after, address, xenvif_queue, pending_prod);
  u32 torn = after.response_producer_private != record->ring.response_producer_private ||
             after.request_consumer != record->ring.request_consumer || pending_after != record->pending_producer;
  if (torn && ((flags & TAP_SNAPSHOT_IDLE) || queue->torn++ < 32)) return 0;

  fill(&record->header, TAP_TX_SNAPSHOT, number, flags | (torn ? TAP_SNAPSHOT_TORN : 0));
  queue->tx_seen = record->slots.first + record->slots.count;
  queue->release_seen = record->release_producer;
  queue->stash[0].valid = queue->stash[1].valid = 0;
  queue->copies = queue->maps = 0;
  queue->tx_live = 1;
  emit(record, sizeof *record + octets);
  return 1;
}

NOINLINE int snapshot_rx(u32 number, u64 address, u32 context, u32 flags) {
  struct queue *queue = QUEUE(number);
  struct tap_rx_snapshot *record = scratch_of(number, context);
  if (!record) return 0;
  u32 batched = 0;
  READ(batched, address, xenvif_queue, rx_copy.num);
  if (batched) return 0;  // in the middle of a batch: responses are written and not pushed
  u64 sring = read_rx_ring(address, &record->ring);
  if (!sring) return 0;
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
  queue->rx_seen = record->slots.first + record->slots.count;
  queue->rx_response_seen = record->ring.response_producer_private;
  queue->rx_flushed = 0;
  queue->rx_live = 1;
  emit(record, sizeof *record + octets);
  return 1;
}

// --- grant operations of a poll --------------------------------------------------------------------------------

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

NOINLINE int record_copies(u32 number) {
  struct queue *queue = QUEUE(number);
  u32 count = queue->copies;
  queue->copies = 0;
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

NOINLINE int record_maps(u32 number) {
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
NOINLINE int record_releases(u32 number, u64 address) {
  struct queue *queue = QUEUE(number);
  if (!queue->tx_live) return 0;
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

// --- hooks: the TX poll ----------------------------------------------------------------------------------------

SECTION("fentry/xenvif_tx_action")
int poll_begin(void *context) {
  u64 address = 0, budget = 0;
  bpf_get_func_arg(context, 0, &address);
  bpf_get_func_arg(context, 1, &budget);
  s64 number = number_of(address);
  if (number < 0) return 0;
  struct queue *queue = QUEUE(number);
  queue->tx_generation++;
  queue->poll_cpu = bpf_get_smp_processor_id();
  queue->polling = 1;
  if (!queue->tx_live && !snapshot_tx(number, address, FOR_POLL, 0)) return 0;
  queue->copies = queue->maps = 0;
  READ(queue->poll_pending, address, xenvif_queue, pending_cons);

  struct tap_poll_begin *record = scratch_of(number, FOR_POLL);
  if (!record) return 0;
  u64 sring = read_tx_ring(address, &record->ring);
  READ(record->remaining_credit, address, xenvif_queue, remaining_credit);
  record->budget = budget;
  record->reserved = 0;
  unseen_slots(queue, &record->ring, &record->slots);
  fill(&record->header, TAP_TX_POLL_BEGIN, number, 0);
  u32 octets = copy_slots(record + 1, sring, record->slots.first, record->slots.count, 12);
  if (octets > RING * 12) return 0;
  emit(record, sizeof *record + octets);
  return 0;
}

// Whatever the poll did that a hook has missed.
INLINE void catch_up(u32 number, struct queue *queue) {
  if (queue->copies) record_copies(number);
  if (queue->maps) record_maps(number);
}

SECTION("fexit/xenvif_tx_action")
int poll_end(void *context) {
  u64 address = 0, work_done = 0;
  bpf_get_func_arg(context, 0, &address);
  bpf_get_func_ret(context, &work_done);
  s64 number = number_of(address);
  if (number < 0) return 0;
  struct queue *queue = QUEUE(number);
  queue->tx_generation++;
  if (!queue->tx_live || !queue->polling) return 0;
  queue->polling = 0;
  struct tap_poll_end *record = scratch_of(number, FOR_POLL);
  if (!record) return 0;
  u8 rate_limited = 0;
  u64 sring = read_tx_ring(address, &record->ring);
  READ(record->remaining_credit, address, xenvif_queue, remaining_credit);
  READ(rate_limited, address, xenvif_queue, rate_limited);
  record->rate_limited = rate_limited;
  record->work_done = work_done;
  unseen_slots(queue, &record->ring, &record->slots);
  fill(&record->header, TAP_TX_POLL_END, number, 0);
  u32 octets = copy_slots(record + 1, sring, record->slots.first, record->slots.count, 12);
  if (octets > RING * 12) return 0;
  emit(record, sizeof *record + octets);
  return 0;
}

// Is this the operations array of one of our queues that polls on this processor? Answers its number or -1.
INLINE s64 polling_queue(u64 operations, u32 offset) {
  u32 cpu = bpf_get_smp_processor_id();
  for (u32 i = 0; i < MAXIMUM_QUEUES; i++) {
    struct queue *queue = &queues[i];
    if (queue->polling && queue->poll_cpu == cpu && queue->tx_live && queue->address + offset == operations) return i;
  }
  return -1;
}

SECTION("fentry/gnttab_batch_copy")
int copy_begin(void *context) {
  u64 operations = 0, count = 0;
  bpf_get_func_arg(context, 0, &operations);
  s64 number = polling_queue(operations, OFFSET(xenvif_queue, tx_copy_ops));
  if (number < 0) return 0;
  bpf_get_func_arg(context, 1, &count);
  struct queue *queue = QUEUE(number);
  queue->copies = count;
  top_up(number, queue->address);
  return 0;
}

SECTION("fexit/gnttab_batch_copy")
int copy_end(void *context) {
  u64 operations = 0, count = 0;
  bpf_get_func_arg(context, 0, &operations);
  s64 number = polling_queue(operations, OFFSET(xenvif_queue, tx_copy_ops));
  if (number < 0) return 0;
  bpf_get_func_arg(context, 1, &count);
  QUEUE(number)->copies = count;
  record_copies(number);
  return 0;
}

SECTION("fentry/gnttab_map_refs")
int map_begin(void *context) {
  u64 operations = 0, count = 0;
  bpf_get_func_arg(context, 0, &operations);
  s64 number = polling_queue(operations, OFFSET(xenvif_queue, tx_map_ops));
  if (number < 0) return 0;
  bpf_get_func_arg(context, 3, &count);
  if (QUEUE(number)->copies) record_copies(number);
  QUEUE(number)->maps = (u32)count;
  return 0;
}

SECTION("fexit/gnttab_map_refs")
int map_end(void *context) {
  u64 operations = 0, count = 0;
  bpf_get_func_arg(context, 0, &operations);
  s64 number = polling_queue(operations, OFFSET(xenvif_queue, tx_map_ops));
  if (number < 0) return 0;
  bpf_get_func_arg(context, 3, &count);
  QUEUE(number)->maps = (u32)count;
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
NOINLINE int settle_order(u32 number, u64 address, u32 first, u32 slots) {
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
  u64 address = 0, request = 0, extra_count = 0, status = 0;
  bpf_get_func_arg(context, 0, &address);
  s64 number = number_of(address);
  if (number < 0) return 0;
  struct queue *queue = QUEUE(number);
  if (!queue->tx_live) return 0;
  bpf_get_func_arg(context, 1, &request);
  bpf_get_func_arg(context, 2, &extra_count);
  bpf_get_func_arg(context, 3, &status);
  top_up(number, address);
  u32 index = private_producer(address);
  queue->stash[0].index = index;
  queue->stash[0].slots = 1 + (u32)extra_count;
  emit_response(number, address, index, 0xffff, request, extra_count, status, TAP_RESPONSE_EARLY);
  return 0;
}

SECTION("fexit/make_tx_response")
int early_response_end(void *context) {
  u64 address = 0;
  bpf_get_func_arg(context, 0, &address);
  s64 number = number_of(address);
  if (number < 0) return 0;
  struct queue *queue = QUEUE(number);
  if (queue->tx_live) settle_order(number, address, queue->stash[0].index, queue->stash[0].slots);
  return 0;
}

INLINE u32 response_context(struct queue *queue) {
  return queue->polling && queue->poll_cpu == bpf_get_smp_processor_id() ? 0 : 1;
}

SECTION("fentry/xenvif_idx_release")
int response(void *context) {
  u64 address = 0, pending_index = 0, status = 0;
  bpf_get_func_arg(context, 0, &address);
  s64 number = number_of(address);
  if (number < 0) return 0;
  struct queue *queue = QUEUE(number);
  if (!queue->tx_live) return 0;
  bpf_get_func_arg(context, 1, &pending_index);
  bpf_get_func_arg(context, 2, &status);
  pending_index &= 0xffff;
  u32 side = response_context(queue);
  if (side == 0) catch_up(number, queue);
  u32 extra_count = 0;
  u64 info = address + OFFSET(xenvif_queue, pending_tx_info) + pending_index * TYPE_SIZE(pending_tx_info);
  READ(extra_count, info, pending_tx_info, extra_count);
  u32 index = private_producer(address);
  struct stash *stash = &queue->stash[side & 1];
  stash->index = index;
  stash->slots = 1 + extra_count;
  stash->pending_index = pending_index;
  stash->valid = 1;
  emit_response(number, address, index, pending_index, info + OFFSET(pending_tx_info, req), extra_count, status, 0);
  return 0;
}

SECTION("fexit/xenvif_idx_release")
int response_end(void *context) {
  u64 address = 0, pending_index = 0, status = 0;
  bpf_get_func_arg(context, 0, &address);
  s64 number = number_of(address);
  if (number < 0) return 0;
  struct queue *queue = QUEUE(number);
  if (!queue->tx_live) return 0;
  bpf_get_func_arg(context, 1, &pending_index);
  pending_index &= 0xffff;
  struct stash *stash = &queue->stash[response_context(queue) & 1];
  if (stash->valid && stash->pending_index == pending_index) {
    stash->valid = 0;
    settle_order(number, address, stash->index, stash->slots);
    return 0;
  }
  // The entry was missed: its program was running on this processor when the softirq came, or we were not live yet.
  bpf_get_func_arg(context, 2, &status);
  u32 extra_count = 0;
  u64 info = address + OFFSET(xenvif_queue, pending_tx_info) + pending_index * TYPE_SIZE(pending_tx_info);
  READ(extra_count, info, pending_tx_info, extra_count);
  emit_response(number, address, private_producer(address) - 1 - extra_count, pending_index,
                info + OFFSET(pending_tx_info, req), extra_count, status, TAP_RESPONSE_LATE);
  return 0;
}

// --- hooks: releases and unmaps --------------------------------------------------------------------------------

SECTION("fexit/xenvif_zerocopy_callback")
int release(void *context) {
  u64 ubuf = 0;
  u16 index = 0;
  bpf_get_func_arg(context, 1, &ubuf);
  if (READ(index, ubuf, ubuf_info_msgzc, desc)) return 0;
  u64 address = ubuf - OFFSET(pending_tx_info, callback_struct) - (u64)index * TYPE_SIZE(pending_tx_info) -
                OFFSET(xenvif_queue, pending_tx_info);
  s64 number = number_of(address);
  if (number < 0) return 0;
  // A frame's fragments come together; the ring's end may part them.
  if (record_releases(number, address)) record_releases(number, address);
  return 0;
}

INLINE s64 releasing_queue(u64 operations) {
  for (u32 i = 0; i < MAXIMUM_QUEUES; i++) {
    struct queue *queue = &queues[i];
    if (queue->tx_live && queue->address + OFFSET(xenvif_queue, tx_unmap_ops) == operations) return i;
  }
  return -1;
}

SECTION("fentry/gnttab_unmap_refs")
int unmap_begin(void *context) {
  u64 operations = 0;
  bpf_get_func_arg(context, 0, &operations);
  s64 number = releasing_queue(operations);
  if (number < 0) return 0;
  u64 address = QUEUE(number)->address;
  // At most 256 releases wait, 32 to a record.
  for (u32 i = 0; i < 9; i++)
    if (!record_releases(number, address)) break;
  return 0;
}

SECTION("fexit/gnttab_unmap_refs")
int unmap_end(void *context) {
  u64 operations = 0, count = 0;
  u32 where = FOR_RELEASE;
  bpf_get_func_arg(context, 0, &operations);
  s64 number = releasing_queue(operations);
  if (number < 0) {
    // A poll that takes back a packet unmaps one at a time, from its stack.
    u32 cpu = bpf_get_smp_processor_id();
    for (u32 i = 0; i < MAXIMUM_QUEUES; i++)
      if (queues[i].polling && queues[i].poll_cpu == cpu && queues[i].tx_live) number = i;
    if (number < 0) return 0;
    where = FOR_POLL;
  }
  bpf_get_func_arg(context, 3, &count);
  count &= 0xffffffff;
  if (count > RING) count = RING;
  struct tap_operations *record = scratch_of(number, where);
  if (!record) return 0;
  u32 octets = (u32)count * 24;
  if (octets > RING * 24) return 0;
  bpf_probe_read_kernel(record + 1, octets, (void *)operations);
  fill(&record->header, TAP_TX_UNMAP, number, 0);
  record->count = count;
  record->octets = octets;
  emit(record, sizeof *record + octets);
  return 0;
}

// --- frames ----------------------------------------------------------------------------------------------------

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
NOINLINE int record_frame(u32 number, u64 skb, u32 side, u32 index) {
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

SECTION("fentry/netif_receive_skb")
int deliver(void *context) {
  u32 cpu = bpf_get_smp_processor_id();
  for (u32 i = 0; i < MAXIMUM_QUEUES; i++) {
    struct queue *queue = &queues[i];
    if (!queue->polling || queue->poll_cpu != cpu || !queue->tx_live) continue;
    u64 skb = 0, device = 0, ours = 0;
    bpf_get_func_arg(context, 0, &skb);
    READ(device, skb, sk_buff, dev);
    READ(ours, known_vif, xenvif, dev);
    if (device != ours) return 0;
    catch_up(i, queue);
    record_frame(i, skb, 0, 0);
    return 0;
  }
  return 0;
}

// --- hooks: RX -------------------------------------------------------------------------------------------------

SECTION("fentry/xenvif_rx_skb")
int rx_frame(void *context) {
  u64 address = 0, skb = 0;
  bpf_get_func_arg(context, 0, &address);
  s64 number = number_of(address);
  if (number < 0) return 0;
  struct queue *queue = QUEUE(number);
  queue->rx_generation++;
  if (!queue->rx_live && !snapshot_rx(number, address, FOR_RX, 0)) return 0;

  struct tap_slots *record = scratch_of(number, FOR_RX);
  if (!record) return 0;
  struct tap_ring ring = {};
  u64 sring = read_rx_ring(address, &ring);
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
    fill(&record->header, TAP_RX_REQUESTS, number, 0);
    queue->rx_seen += count;
    u32 octets = copy_slots(record + 1, sring, record->slots.first, count, 8);
    if (octets > RING * 12) return 0;
    emit(record, sizeof *record + octets);
  }
  READ(skb, address, xenvif_queue, rx_queue.next);
  record_frame(number, skb, 1, ring.request_consumer);
  return 0;
}

// Before the copies: the responses of all complete frames are written and not pushed. The frontend may post again
// the moment that they are, so this is the time to read them.
SECTION("fentry/xenvif_rx_copy_flush")
int rx_flush_begin(void *context) {
  u64 address = 0;
  bpf_get_func_arg(context, 0, &address);
  s64 number = number_of(address);
  if (number < 0) return 0;
  struct queue *queue = QUEUE(number);
  queue->rx_generation++;
  queue->rx_flushed = 0;
  if (!queue->rx_live) return 0;
  struct tap_rx_flush *record = scratch_of(number, FOR_RX);
  if (!record) return 0;
  struct tap_ring ring = {};
  u32 operations = 0;
  u64 sring = read_rx_ring(address, &ring);
  READ(operations, address, xenvif_queue, rx_copy.num);
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
  u64 address = 0;
  bpf_get_func_arg(context, 0, &address);
  s64 number = number_of(address);
  if (number < 0) return 0;
  struct queue *queue = QUEUE(number);
  queue->rx_generation++;
  if (!queue->rx_live || !queue->rx_flushed) return 0;
  queue->rx_flushed = 0;
  struct tap_rx_flush *record = scratch_of(number, FOR_RX);
  if (!record) return 0;
  u32 used = record->responses.count * 8, operations = record->operations;
  if (used > RING * 8 || operations > 64) return 0;
  if (!used && !operations) return 0;
  if (operations) {
    u64 batch = address + OFFSET(xenvif_queue, rx_copy);
    void *to = (void *)(record + 1) + used;
    read_up_to(64 * 4, to, operations * 4, batch + OFFSET(xenvif_copy_state, idx));
    read_up_to(64 * 40, to + operations * 4, operations * 40, batch + OFFSET(xenvif_copy_state, op));
  }
  fill(&record->header, TAP_RX_FLUSH, number, 0);
  emit(record, sizeof *record + used + operations * 44);
  return 0;
}

// --- hooks: the vif's life -------------------------------------------------------------------------------------

INLINE void emit_vif(u64 vif) {
  struct tap_vif_record record = {};
  fill(&record.header, TAP_VIF, 0xffff, 0);
  read_vif(vif, &record.vif);
  emit(&record, sizeof record);
}

INLINE void emit_event(u16 kind, u16 queue, s64 value) {
  struct tap_queue_event record = {};
  fill(&record.header, kind, queue, 0);
  record.value = value;
  emit(&record, sizeof record);
}

SECTION("fexit/xenvif_connect_data")
int connected(void *context) {
  u64 address = 0, result = 0;
  bpf_get_func_arg(context, 0, &address);
  bpf_get_func_ret(context, &result);
  s64 number = number_of(address);
  if (number < 0) return 0;
  struct queue *queue = QUEUE(number);
  queue->tx_live = queue->rx_live = queue->polling = 0;
  emit_event(TAP_CONNECT, number, (s32)result);
  if ((s32)result == 0) {
    // Nothing moves yet: interrupts and the carrier are off.
    snapshot_tx(number, address, FOR_SNAPSHOT, TAP_SNAPSHOT_IDLE);
    snapshot_rx(number, address, FOR_SNAPSHOT, TAP_SNAPSHOT_IDLE);
  }
  return 0;
}

SECTION("fexit/xenvif_disconnect_data")
int disconnected(void *context) {
  u64 vif = 0;
  u32 count = 0;
  bpf_get_func_arg(context, 0, &vif);
  if (!is_wanted(vif)) return 0;
  READ(count, vif, xenvif, num_queues);
  emit_event(TAP_DISCONNECT, 0xffff, count);
  for (u32 i = 0; i < MAXIMUM_QUEUES; i++) {
    queues[i].tx_live = queues[i].rx_live = queues[i].polling = 0;
    queues[i].address = 0;
  }
  return 0;
}

SECTION("fentry/xenvif_free")
int freed(void *context) {
  u64 vif = 0;
  bpf_get_func_arg(context, 0, &vif);
  if (vif == known_vif) known_vif = 0;
  return 0;
}

SECTION("fentry/xenvif_fatal_tx_err")
int disabled(void *context) {
  u64 vif = 0;
  bpf_get_func_arg(context, 0, &vif);
  if (!is_wanted(vif)) return 0;
  u32 cpu = bpf_get_smp_processor_id(), number = 0xffff;
  for (u32 i = 0; i < MAXIMUM_QUEUES; i++)
    if (queues[i].polling && queues[i].poll_cpu == cpu) number = i;
  if (number < MAXIMUM_QUEUES && queues[number & (MAXIMUM_QUEUES - 1)].tx_live)
    top_up(number, queues[number & (MAXIMUM_QUEUES - 1)].address);
  emit_event(TAP_DISABLED, number, 0);
  return 0;
}

SECTION("fentry/xenvif_carrier_off")
int carrier_off(void *context) {
  u64 vif = 0;
  bpf_get_func_arg(context, 0, &vif);
  if (is_wanted(vif)) emit_event(TAP_CARRIER_OFF, 0xffff, 0);
  return 0;
}

// --- the idle snapshot -----------------------------------------------------------------------------------------

static long snapshot_queue(u32 i, u64 *first) {
  u64 address = *first + i * TYPE_SIZE(xenvif_queue);
  s64 number = number_of(address);
  if (number < 0) return 0;
  struct queue *queue = QUEUE(number);
  // A queue that is busy gets its snapshot from its own hooks, at once.
  if (!queue->tx_live) {
    u64 state = 0;
    u32 generation = queue->tx_generation, producer = 0, consumer = 0;
    READ(state, address, xenvif_queue, napi.state);
    READ(producer, address, xenvif_queue, dealloc_prod);
    READ(consumer, address, xenvif_queue, dealloc_cons);
    if (!(state & 1) && producer == consumer && generation == queue->tx_generation)
      snapshot_tx(number, address, FOR_SNAPSHOT, TAP_SNAPSHOT_IDLE);
  }
  if (!queue->rx_live) {
    u32 waiting = 0;
    READ(waiting, address, xenvif_queue, rx_queue.qlen);
    if (!waiting) snapshot_rx(number, address, FOR_SNAPSHOT, TAP_SNAPSHOT_IDLE);
  }
  return 0;
}

// The loader asks for the statistics of all interfaces, which brings us here for each vif, idle ones too.
SECTION("fentry/xenvif_get_stats")
int look(void *context) {
  u64 device = 0, first = 0;
  u32 count = 0;
  bpf_get_func_arg(context, 0, &device);
  u64 vif = device + ((TYPE_SIZE(net_device) + 31) & ~31ull);
  if (!is_wanted(vif)) return 0;
  emit_vif(vif);
  READ(first, vif, xenvif, queues);
  READ(count, vif, xenvif, num_queues);
  if (count > MAXIMUM_QUEUES) count = MAXIMUM_QUEUES;
  if (first && count) bpf_loop(count, snapshot_queue, &first, 0);
  return 0;
}
