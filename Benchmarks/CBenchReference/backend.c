#include "grants.h"
#include "ring.h"
#include "throughput.h"
#include <stdlib.h>

enum { BUDGET = 64, MOST_ANSWERS = BUDGET + MOST_SLOTS, SHORTEST = 14 };
enum { OKAY = 0, ERROR = -1 };

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
  struct grants grants;
  uint32_t mapped_above;
  uint32_t consumed, produced, published, notifications;
  int is_broken, is_refused;
  // Of one poll.
  uint32_t frame_count, answer_count, fill;
  struct frame frame[BUDGET];
  struct answer answer[MOST_ANSWERS];
  uint8_t octets[MOST_ANSWERS * PAGE_SIZE];
  // What the sink has seen.
  uint64_t frames, sum;
};

struct bench_backend *bench_backend_make(const struct bench_shared *shared, uint32_t mapped_above) {
  struct bench_backend *b = calloc(1, sizeof *b);
  if (!b) return NULL;
  if (!make_grants(&b->grants, shared, GRANTED | READ_ONLY)) {
    free(b);
    return NULL;
  }
  b->ring = (struct ring_page *)shared->ring;
  b->mapped_above = mapped_above;
  return b;
}

void bench_backend_free(struct bench_backend *b) {
  free(b->grants.entry);
  free(b);
}

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

static int copy(struct bench_backend *b, const struct request *r, uint32_t count) {
  struct grant *g = begin(&b->grants, r->gref, COPY);
  if (!g) return 0;
  memcpy(b->octets + b->fill, g->page + r->offset, count);
  end(g, COPY);
  b->fill += count;
  return 1;
}

// Copies a packet's first octets and pins the page of what lies behind them.
static int fetch(struct bench_backend *b, const struct request *r, struct frame *f) {
  uint32_t copied = r->size > b->mapped_above && r->size > LINEAR_OCTETS ? LINEAR_OCTETS : r->size;
  *f = (struct frame){b->consumed - 1, b->fill, copied, r->size, NULL, NULL};
  if (!copy(b, r, copied)) return 0;
  if (copied == r->size) return 1;
  f->pinned = begin(&b->grants, r->gref, READER);
  if (!f->pinned) return 0;
  f->fragment = f->pinned->page + r->offset + copied;
  return 1;
}

// What Linux checks for packets without extras; others are beyond this reference.
static int judge(struct bench_backend *b, const struct request *r, uint32_t size) {
  if (r->flags & ~MORE_DATA) b->is_broken = 1;
  if (size < SHORTEST) {
    b->is_refused = 1;
    answer(b, r->id, ERROR);
  }
  if (r->offset + r->size > PAGE_SIZE) b->is_broken = 1;
  return !b->is_broken && !b->is_refused;
}

// Takes the slots behind a first one, which then has its own part of the size alone; returns how many slots there are.
static uint32_t gather(struct bench_backend *b, struct request *slot, uint32_t producer) {
  uint32_t count = 1, total = slot->size;
  while (slot[count - 1].flags & MORE_DATA) {
    if (count == MOST_SLOTS || b->consumed == producer) {
      b->is_broken = 1;
      return 0;
    }
    slot[count] = take(b);
    if (slot[count].size > slot->size) b->is_refused = 1;
    slot->size -= slot[count++].size;
  }
  for (uint32_t i = 0; i < count; i++)
    if (!judge(b, &slot[i], i ? SHORTEST : total)) return 0;
  return count;
}

// A packet of several slots, copied whole.
static int fetch_all(struct bench_backend *b, const struct request *slot, uint32_t count, struct frame *f) {
  *f = (struct frame){b->consumed - count, b->fill, 0, 0, NULL, NULL};
  for (uint32_t i = 0; i < count; i++)
    if (!copy(b, &slot[i], slot[i].size)) return 0;
  f->linear = f->length = b->fill - f->start;
  return 1;
}

static void assemble(struct bench_backend *b, uint32_t producer) {
  struct request slot[MOST_SLOTS];
  while (b->consumed != producer && b->answer_count < BUDGET) {
    slot[0] = take(b);
    uint32_t count = slot->flags & MORE_DATA ? gather(b, slot, producer) : (uint32_t)judge(b, slot, slot->size);
    if (!count) return;
    struct frame *f = &b->frame[b->frame_count];
    int is_there = count == 1 ? fetch(b, slot, f) : fetch_all(b, slot, count, f);
    b->frame_count += is_there;
    for (uint32_t i = 0; i < count; i++) answer(b, slot[i].id, is_there ? OKAY : ERROR);
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
