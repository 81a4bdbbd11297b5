#include "grants.h"
#include "receive.h"
#include "ring.h"
#include <stdlib.h>

enum { BATCH = 64 };

struct bench_sender {
  struct rx_page *ring;
  struct grants grants;
  uint32_t size, burst;
  uint32_t consumed, produced, published, notifications;
  int is_broken;
  // Frames that wait for a poll, one behind the other.
  uint32_t first, waiting;
  uint8_t frame[MOST_PAGES * PAGE_SIZE];
  uint8_t octets[RING_SIZE * PAGE_SIZE];
};

struct bench_sender *bench_sender_make(const struct bench_shared *shared, uint32_t size, uint32_t burst) {
  struct bench_sender *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  int fits = size <= sizeof s->frame && (uint64_t)size * burst <= sizeof s->octets;
  if (!fits || !make_grants(&s->grants, shared, GRANTED)) {
    free(s);
    return NULL;
  }
  s->ring = (struct rx_page *)shared->ring;
  s->size = size;
  s->burst = burst;
  memset(s->frame, 1, sizeof s->frame);
  return s;
}

void bench_sender_free(struct bench_sender *s) {
  free(s->grants.entry);
  free(s);
}

static void enqueue(struct bench_sender *s, const uint8_t *frame) {
  memcpy(s->octets + (size_t)s->waiting++ * s->size, frame, s->size);
}

// Copies a page of a frame, or what is left of it, into the page of the next request.
static void fill(struct bench_sender *s, const uint8_t *octets, uint32_t length, uint32_t flags) {
  const uint32_t *request = s->ring->slot[s->consumed++ % RING_SIZE];
  uint32_t id = load(request) & 0xffff, gref = load(request + 1);
  struct grant *g = begin(&s->grants, gref, COPY);
  if (!g) {
    s->is_broken = 1;
    return;
  }
  memcpy(g->page, octets, length);
  end(g, COPY);
  uint32_t *answer = s->ring->slot[s->produced++ % RING_SIZE];
  store(answer, id);
  store(answer + 1, length << 16 | flags);
}

// Hands the next frame over that waits.
static void hand_over(struct bench_sender *s) {
  const uint8_t *octets = s->octets + (size_t)s->first++ * s->size;
  uint32_t left = s->size;
  for (; left > PAGE_SIZE; left -= PAGE_SIZE, octets += PAGE_SIZE) fill(s, octets, PAGE_SIZE, MORE_DATA);
  fill(s, octets, left, 0);
}

static void poll(struct bench_sender *s) {
  uint32_t producer = load_acquire(&s->ring->req_prod);
  if (producer - s->consumed > RING_SIZE) s->is_broken = 1;
  uint32_t pages = pages_of(s->size);
  for (int i = 0; i < BATCH && s->first < s->waiting && producer - s->consumed >= pages && !s->is_broken; i++)
    hand_over(s);
  if (s->first == s->waiting) s->first = s->waiting = 0;
  if (s->produced == s->published) {
    arm(&s->ring->req_event, producer + 1);
    return;
  }
  s->notifications += push(&s->ring->rsp_prod, s->published, s->produced, &s->ring->rsp_event);
  s->published = s->produced;
}

uint64_t bench_sender_run(struct bench_sender *s, uint64_t packets) {
  uint64_t sent = 0, sum = 0;
  s->consumed = s->produced = s->published = s->notifications = s->first = s->waiting = 0;
  s->is_broken = 0;
  while ((sent < packets || s->waiting) && !s->is_broken) {
    uint64_t left = packets - sent, count = s->waiting ? 0 : left < s->burst ? left : s->burst;
    for (; count; count--) {
      uint64_t mark = bench_frame_mark(sent++);
      memcpy(s->frame, &mark, sizeof mark);
      sum += mark;
      enqueue(s, s->frame);
    }
    poll(s);
  }
  return sum;
}
