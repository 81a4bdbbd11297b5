// SPDX-License-Identifier: MIT OR GPL-2.0
//
// The records that tap.bpf.c puts into its ring buffer. All numbers are in the machine's order (little-endian).
// TapRecordDecoder.swift reads them field by field: change both together.
#ifndef TAP_EVENT_H
#define TAP_EVENT_H

#include "tap_kernel.h"

enum tap_kind {
  TAP_TX_SNAPSHOT = 1,
  TAP_RX_SNAPSHOT = 2,
  TAP_VIF = 3,
  TAP_TX_POLL_BEGIN = 4,
  TAP_TX_SLOTS = 5,
  TAP_TX_COPY = 6,
  TAP_TX_MAP = 7,
  TAP_TX_UNMAP = 8,
  TAP_TX_RESPONSE = 9,
  TAP_TX_RESPONSE_SLOTS = 10,
  TAP_TX_RELEASE = 11,
  TAP_TX_FRAME = 12,
  TAP_TX_POLL_END = 13,
  TAP_RX_REQUESTS = 14,
  TAP_RX_FRAME = 15,
  TAP_RX_FLUSH = 16,
  TAP_CONNECT = 17,
  TAP_DISCONNECT = 18,
  TAP_DISABLED = 19,
  TAP_CARRIER_OFF = 20,
  TAP_NOTHING = 21,  // a number that was not used
  TAP_CONTROL_SNAPSHOT = 22,
  TAP_CONTROL_SLOTS = 23,
  TAP_CONTROL_COPY = 24,
  TAP_CONTROL_END = 25,
};

// What the loader asks for now and then.
struct tap_counters {
  u64 next_sequence;
  u64 lost_records;  // numbered, and not in the ring buffer: for want of room, or since one before had none
  u64 lost_octets;
  u64 unsupported_queues;  // calls for queues beyond what the tap has room for
};

// Every record begins with this.
struct tap_header {
  u64 sequence;
  u64 time;  // CLOCK_MONOTONIC, nanoseconds
  u16 kind;
  u16 queue;
  u16 flags;
  u16 cpu;
};

// Header flags of snapshots.
#define TAP_SNAPSHOT_TORN 1  // another processor answered while the snapshot was taken
#define TAP_SNAPSHOT_IDLE 2  // taken outside a poll
// Header flags of responses.
#define TAP_RESPONSE_EARLY 1  // answered while the requests were read: drops, control extras, empty slots
#define TAP_RESPONSE_LATE 2   // seen after the answer only
// Header flags of frames.
#define TAP_FRAME_PARTIAL 1  // a fragment lies where the tap does not look; less than the snap length is here

// The shared half of a ring as it stood, and the backend's private half.
struct tap_ring {
  u32 request_producer;
  u32 request_event;
  u32 response_producer;
  u32 response_event;
  u32 request_consumer;
  u32 response_producer_private;
};

// Ring slots by absolute index; the slots follow the record they are named in (12 octets on TX, 8 on RX).
struct tap_span {
  u32 first;
  u32 count;
};

struct tap_vif {
  u32 domid;
  u32 handle;
  u32 queues;
  u32 gso_mask;
  u8 can_sg;
  u8 ip_csum;
  u8 ipv6_csum;
  u8 multicast_control;
  u8 disabled;
  u8 connected;
  u8 mac[6];
  u32 multicast_count;
  u32 xdp_headroom;
};

struct tap_vif_record {
  struct tap_header header;
  struct tap_vif vif;
};

struct tap_pending {
  u8 request[12];
  u32 extra_count;
};

struct tap_tx_snapshot {
  struct tap_header header;
  struct tap_vif vif;
  struct tap_ring ring;
  u32 pending_producer;
  u32 pending_consumer;
  u32 release_producer;
  u32 release_consumer;
  u64 remaining_credit;
  u64 credit_bytes;
  u64 credit_microseconds;
  u32 rate_limited;
  struct tap_span slots;
  u32 round;
  // The backend's table of pending requests: free indices [pending_consumer, pending_producer) of the ring.
  u16 pending_ring[256];
  u32 handles[256];
  struct tap_pending pending[256];
  u8 multicast[64][8];  // the first `vif.multicast_count` of them, six octets each
  // then the unconsumed slots
};

struct tap_rx_snapshot {
  struct tap_header header;
  struct tap_ring ring;
  u32 queued_frames;
  u32 queued_octets;
  u32 stalled;
  struct tap_span slots;
  u32 round;
  // then the unconsumed requests
};

// Begin and end of a poll.
struct tap_poll {
  struct tap_header header;
  struct tap_ring ring;
  u64 remaining_credit;
  u32 packets;  // begin: the budget; end: those done
  u32 rate_limited;
  struct tap_span slots;
  // then the slots that became visible since the last record
};

struct tap_slots {
  struct tap_header header;
  u32 request_producer;
  u32 reserved;
  struct tap_span slots;
};

// Grant operations: `count` entries, each followed by its `data_length` octets, padded to a multiple of 8.
struct tap_operations {
  struct tap_header header;
  u32 count;
  u32 octets;  // of all entries
};

// The hypercall's 40 octets; the tail padding carries the length of the contents.
struct tap_copy_entry {
  u64 source;
  u16 source_domid;
  u16 source_offset;
  u32 reserved1;
  u64 destination;
  u16 destination_domid;
  u16 destination_offset;
  u32 reserved2;
  u16 length;
  u16 flags;
  s16 status;
  u16 data_length;
};

struct tap_map_entry {
  u64 host_address;
  u32 flags;
  u32 reference;
  u16 domid;
  s16 status;
  u32 handle;
  u64 bus_address;
  u16 pending_index;  // 0xffff: not found
  u16 offset;         // of the part that the request names
  u16 length;
  u16 data_length;
};

struct tap_unmap_entry {
  u64 host_address;
  u64 bus_address;
  u32 handle;
  s16 status;
  u16 reserved;
};

struct tap_response {
  struct tap_header header;
  u32 index;  // the backend's private response producer before the answer
  u32 extra_count;
  u16 pending_index;  // 0xffff: never became pending
  s16 status;
  u8 request[12];  // the request that the backend used
};

struct tap_release {
  struct tap_header header;
  struct tap_span releases;
  u16 pending_index[32];
};

struct tap_frame {
  struct tap_header header;
  u32 length;
  u32 data_length;
  u32 index;  // RX: the request that the frame begins at
  u16 gso_size;
  u16 fragments;
  u32 gso_type;
  u32 checksum;
  u32 hash;
  u16 protocol;   // in network order
  u16 hash_kind;  // 0: the vif has computed none; 1: of addresses; 2: of ports, too
};

struct tap_rx_flush {
  struct tap_header header;
  u32 request_consumer;
  u32 operations;
  struct tap_span responses;
  // then the responses (8 octets each) as they stood before the copies,
  // then the index of the response that each operation belongs to (4 octets each),
  // then the operations (tap_copy_entry, without contents)
};

// What the control ring has set so far, and the ring itself.
struct tap_control_snapshot {
  struct tap_header header;
  struct tap_ring ring;
  u32 connected;
  u32 round;
  u32 algorithm;
  u32 types;
  u32 mapping_size;
  u8 key[40];
  u32 mapping[128];
};

// Slots of the control ring, 16 octets each: requests as they were published, or, at the end of a call of the
// backend's, what stands there now: an answer's 12 octets, and 4 that no answer touches.
struct tap_control_slots {
  struct tap_header header;
  struct tap_ring ring;
  struct tap_span slots;
  // then the slots
};

// What a message has copied out of a page of the guest's.
struct tap_control_copy {
  struct tap_header header;
  u32 index;  // of the message
  u32 operations;
  u32 data_length;
  u32 reserved;
  struct tap_copy_entry entries[2];
  // then the octets
};

struct tap_queue_event {
  struct tap_header header;
  s64 value;  // connect: the result; disconnect: the number of queues
};

#endif
