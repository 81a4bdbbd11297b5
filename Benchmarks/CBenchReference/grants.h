// A guest's grant table, as the simulation has it: what each entry allows, and how often it is in use.
#pragma once
#include "ring.h"
#include "throughput.h"
#include <stdlib.h>

enum { MOST_READERS = 64, SELF = 0 };

struct grant {
  uint64_t word, pins;
  uint8_t *page;
  uint8_t pad[8];
};

struct grants {
  struct grant *entry;
  uint32_t count;
};

static const uint64_t GRANTED = 1, READ_ONLY = 2, READER = 1, COPY = (uint64_t)1 << 32;

// Returns 0 when there is no memory for it.
static inline int make_grants(struct grants *grants, const struct bench_shared *shared, uint64_t rights) {
  grants->count = 0;
  for (int i = 0; i < RING_SIZE; i++)
    if (shared->grants[i] >= grants->count) grants->count = shared->grants[i] + 1;
  grants->entry = calloc(grants->count, sizeof *grants->entry);
  if (!grants->entry) return 0;
  for (int i = 0; i < RING_SIZE; i++) {
    struct grant *g = &grants->entry[shared->grants[i]];
    g->word = rights | (uint64_t)SELF << 8;
    g->page = shared->pages[i];
  }
  return 1;
}

// Pins a page for one use; NULL when that is not granted.
static inline struct grant *begin(struct grants *grants, uint32_t gref, uint64_t use) {
  if (gref >= grants->count) return NULL;
  struct grant *g = &grants->entry[gref];
  uint64_t pins = __atomic_fetch_add(&g->pins, use, __ATOMIC_SEQ_CST);
  uint64_t word = __atomic_load_n(&g->word, __ATOMIC_SEQ_CST);
  if ((word & GRANTED) && (uint16_t)(word >> 8) == SELF && (pins & 0xffff) < MOST_READERS) return g;
  __atomic_fetch_sub(&g->pins, use, __ATOMIC_SEQ_CST);
  return NULL;
}

static inline void end(struct grant *g, uint64_t use) { __atomic_fetch_sub(&g->pins, use, __ATOMIC_SEQ_CST); }
