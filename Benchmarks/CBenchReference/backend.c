#include "ring.h"
#include "throughput.h"
#include <stdlib.h>

enum { BUDGET = 64, SHORTEST = 14, MOST_READERS = 64, SELF = 0 };
enum { OKAY = 0, ERROR = -1 };

// An entry of the guest's grant table, as the simulation has it: what it allows, and how often it is in use.
struct grant {
  uint64_t word, pins;
  uint8_t *page;
  uint8_t pad[8];
};

static const uint64_t GRANTED = 1, READ_ONLY = 2, READER = 1, COPY = (uint64_t)1 << 32;

struct frame {
  uint32_t head, start, linear, length;
  // What is read where it lies; none when NULL.
  const uint8_t *fragment;
  struct grant *pinned;
};

struct answer {
  uint16_t id;
  int16_t status;
};

struct bench_backend {
  struct ring_page *ring;
  struct grant *grants;
  uint32_t grant_count, mapped_above;
  uint32_t consumed, produced, published, notifications;
  int is_broken, is_refused;
  // Of one poll.
  uint32_t frame_count, answer_count, fill;
  struct frame frame[BUDGET];
  struct answer answer[BUDGET];
  uint8_t octets[BUDGET * PAGE_SIZE];
  // What the sink has seen.
  uint64_t frames, sum;
};

struct bench_backend *bench_backend_make(const struct bench_shared *shared, uint32_t mapped_above) {
  struct bench_backend *b = calloc(1, sizeof *b);
  if (!b) return NULL;
  for (int i = 0; i < RING_SIZE; i++)
    if (shared->grants[i] >= b->grant_count) b->grant_count = shared->grants[i] + 1;
  b->grants = calloc(b->grant_count, sizeof *b->grants);
  if (!b->grants) {
    free(b);
    return NULL;
  }
  for (int i = 0; i < RING_SIZE; i++) {
    struct grant *g = &b->grants[shared->grants[i]];
    g->word = GRANTED | READ_ONLY | (uint64_t)SELF << 8;
    g->page = shared->pages[i];
  }
  b->ring = (struct ring_page *)shared->ring;
  b->mapped_above = mapped_above;
  return b;
}

void bench_backend_free(struct bench_backend *b) {
  free(b->grants);
  free(b);
}

// Pins a page for one use; NULL when that is not granted.
static struct grant *begin(struct bench_backend *b, uint32_t gref, uint64_t use) {
  if (gref >= b->grant_count) return NULL;
  struct grant *g = &b->grants[gref];
  uint64_t pins = __atomic_fetch_add(&g->pins, use, __ATOMIC_SEQ_CST);
  uint64_t word = __atomic_load_n(&g->word, __ATOMIC_SEQ_CST);
  if ((word & GRANTED) && (uint16_t)(word >> 8) == SELF && (pins & 0xffff) < MOST_READERS) return g;
  __atomic_fetch_sub(&g->pins, use, __ATOMIC_SEQ_CST);
  return NULL;
}

static void end(struct grant *g, uint64_t use) { __atomic_fetch_sub(&g->pins, use, __ATOMIC_SEQ_CST); }

static struct request take(struct bench_backend *b) {
  const uint32_t *slot = b->ring->slot[b->consumed++ % RING_SIZE];
  uint32_t word[3] = {load(slot), load(slot + 1), load(slot + 2)};
  struct request r;
  memcpy(&r, word, sizeof r);
  return r;
}

static void answer(struct bench_backend *b, uint16_t id, int16_t status) {
  b->answer[b->answer_count++] = (struct answer){id, status};
}

// Copies a packet's first octets and pins the page of what lies behind them.
static int fetch(struct bench_backend *b, const struct request *r, struct frame *f) {
  uint32_t copied = r->size > b->mapped_above && r->size > LINEAR_OCTETS ? LINEAR_OCTETS : r->size;
  struct grant *g = begin(b, r->gref, COPY);
  if (!g) return 0;
  memcpy(b->octets + b->fill, g->page + r->offset, copied);
  end(g, COPY);
  *f = (struct frame){b->consumed - 1, b->fill, copied, r->size, NULL, NULL};
  b->fill += copied;
  if (copied == r->size) return 1;
  f->pinned = begin(b, r->gref, READER);
  if (!f->pinned) return 0;
  f->fragment = f->pinned->page + r->offset + copied;
  return 1;
}

// What Linux checks for packets of one slot; those of more are beyond this reference.
static int judge(struct bench_backend *b, const struct request *r) {
  if (r->flags) b->is_broken = 1;
  if (r->size < SHORTEST) {
    b->is_refused = 1;
    answer(b, r->id, ERROR);
  }
  if (r->offset + r->size > PAGE_SIZE) b->is_broken = 1;
  return !b->is_broken && !b->is_refused;
}

static void assemble(struct bench_backend *b, uint32_t producer) {
  while (b->consumed != producer && b->answer_count < BUDGET) {
    struct request r = take(b);
    if (!judge(b, &r)) return;
    int is_there = fetch(b, &r, &b->frame[b->frame_count]);
    b->frame_count += is_there;
    answer(b, r.id, is_there ? OKAY : ERROR);
  }
}

// The sink, called once a poll.
__attribute__((noinline)) static void deliver(struct bench_backend *b) {
  for (uint32_t i = 0; i < b->frame_count; i++) {
    const struct frame *f = &b->frame[i];
    b->sum += first_octets(b->octets + f->start);
    if (f->fragment) b->sum += first_octets(f->fragment);
  }
  b->frames += b->frame_count;
}

static void release(struct bench_backend *b) {
  for (uint32_t i = 0; i < b->frame_count; i++)
    if (b->frame[i].pinned) end(b->frame[i].pinned, READER);
}

static void respond(struct bench_backend *b) {
  for (uint32_t i = 0; i < b->answer_count; i++) {
    uint32_t word = b->answer[i].id | (uint32_t)(uint16_t)b->answer[i].status << 16;
    store(b->ring->slot[b->produced++ % RING_SIZE], word);
  }
  b->notifications += push(&b->ring->rsp_prod, b->published, b->produced, &b->ring->rsp_event);
  b->published = b->produced;
}

static void poll(struct bench_backend *b) {
  uint32_t producer = load_acquire(&b->ring->req_prod);
  if (producer - b->consumed > RING_SIZE) b->is_broken = 1;
  b->frame_count = b->answer_count = b->fill = 0;
  if (!b->is_broken) assemble(b, producer);
  if (b->frame_count) deliver(b);
  release(b);
  if (b->answer_count) respond(b);
  if (b->answer_count < BUDGET && b->consumed == producer) arm(&b->ring->req_event, b->consumed + 1);
}

void bench_backend_run(struct bench_backend *b, uint64_t packets) {
  b->consumed = b->produced = b->published = b->notifications = 0;
  b->is_broken = b->is_refused = 0;
  b->frames = b->sum = 0;
  while (b->frames < packets && !b->is_broken && !b->is_refused) poll(b);
}

uint64_t bench_backend_frames(const struct bench_backend *b) { return b->frames; }
uint64_t bench_backend_sum(const struct bench_backend *b) { return b->sum; }
