// Pages of rings, and how both halves look at them: the rules of xen/io/ring.h.
#pragma once
#include <stdint.h>
#include <string.h>

enum { RING_SIZE = 256, PAGE_SIZE = 4096, LINEAR_OCTETS = 128, MORE_DATA = 4, MOST_SLOTS = 18 };
// Pages of a frame for the guest, at most.
enum { MOST_PAGES = 4 };

struct request {
  uint32_t gref;
  uint16_t offset, flags, id, size;
};

struct ring_page {
  uint32_t req_prod, req_event, rsp_prod, rsp_event;
  uint8_t pad[48];
  // A response lies in the first of a request's three words.
  uint32_t slot[RING_SIZE][3];
};

// An RX ring: a response lies in both words of a request.
struct rx_page {
  uint32_t req_prod, req_event, rsp_prod, rsp_event;
  uint8_t pad[48];
  uint32_t slot[RING_SIZE][2];
};

_Static_assert(sizeof(struct request) == 12 && sizeof(struct ring_page) <= PAGE_SIZE, "xen/io/netif.h");

static inline uint32_t load(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_RELAXED); }
static inline uint32_t load_acquire(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
static inline void store(uint32_t *word, uint32_t value) { __atomic_store_n(word, value, __ATOMIC_RELAXED); }
static inline void store_release(uint32_t *word, uint32_t value) { __atomic_store_n(word, value, __ATOMIC_RELEASE); }
static inline void fence(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

// Publishes what was written, and says whether the peer asked to be told (RING_PUSH_..._AND_CHECK_NOTIFY).
static inline int push(uint32_t *producer, uint32_t old, uint32_t new, const uint32_t *event) {
  store_release(producer, new);
  fence();
  return new - load(event) < new - old;
}

// Asks to be told of what comes at `index - 1`, before the producer is looked at once more (RING_FINAL_CHECK_FOR_...).
static inline void arm(uint32_t *event, uint32_t index) {
  store(event, index);
  fence();
}

static inline uint32_t pages_of(uint32_t octets) { return (octets + PAGE_SIZE - 1) / PAGE_SIZE; }

static inline uint64_t first_octets(const uint8_t *from) {
  uint64_t octets;
  memcpy(&octets, from, sizeof octets);
  return octets;
}
