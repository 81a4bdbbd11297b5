#define _GNU_SOURCE
#include "receive.h"
#include "ring.h"
#include "thread.h"
#include <stdlib.h>

struct bench_receiver {
  struct bench_shared shared;
  struct rx_page *ring;
  uint64_t packets;
  uint32_t size;
  // Pages of the frame under way that have come.
  uint32_t pages;
  struct told_thread thread;
  uint32_t produced, answered, published, notifications;
  uint64_t wrong, sum;
};

struct bench_receiver *bench_receiver_make(const struct bench_shared *shared, uint64_t packets, uint32_t size) {
  struct bench_receiver *r = calloc(1, sizeof *r);
  if (!r) return NULL;
  r->shared = *shared;
  r->ring = (struct rx_page *)shared->ring;
  r->packets = packets;
  r->size = size;
  return r;
}

void bench_receiver_free(struct bench_receiver *r) { free(r); }

static void offer(struct bench_receiver *r) {
  uint32_t place = r->produced++ % RING_SIZE, *slot = r->ring->slot[place];
  store(slot, place);
  store(slot + 1, r->shared.grants[place]);
}

static void publish(struct bench_receiver *r) {
  r->notifications += push(&r->ring->req_prod, r->published, r->produced, &r->ring->req_event);
  r->published = r->produced;
}

// The answer's second word, flags with the status above them, to the page of a frame that is next.
static uint32_t expected(const struct bench_receiver *r) {
  uint32_t left = r->size - r->pages * PAGE_SIZE;
  return left > PAGE_SIZE ? PAGE_SIZE << 16 | MORE_DATA : left << 16;
}

// Takes what has come and offers its pages again; then asks to be told of the next frame, as Linux does. Returns how many
// frames are whole.
static uint32_t take(struct bench_receiver *r) {
  uint32_t end = load_acquire(&r->ring->rsp_prod), frames = 0;
  if (r->answered == end) return 0;
  for (; r->answered != end; r->answered++) {
    uint32_t place = r->answered % RING_SIZE;
    const uint32_t *slot = r->ring->slot[place];
    // The id has the offset above it.
    r->wrong += load(slot) != place || load(slot + 1) != expected(r);
    if (!r->pages) r->sum += first_octets(r->shared.pages[place]);
    r->pages = r->pages + 1 == pages_of(r->size) ? 0 : r->pages + 1;
    frames += !r->pages;
    offer(r);
  }
  publish(r);
  arm(&r->ring->rsp_event, r->answered + 1);
  return frames;
}

static void *run(void *argument) {
  struct bench_receiver *r = argument;
  uint64_t there = 0;
  await_go(&r->thread);
  while (there < r->packets && !is_stopped(&r->thread)) {
    uint32_t taken = take(r);
    there += taken;
    if (!taken) rest();
  }
  return NULL;
}

int bench_receiver_start(struct bench_receiver *r, int core) {
  memset(r->ring, 0, sizeof *r->ring);
  r->ring->req_event = r->ring->rsp_event = 1;
  r->produced = r->answered = r->published = r->notifications = 0;
  r->wrong = r->sum = r->pages = 0;
  for (int page = 0; page < RING_SIZE; page++) offer(r);
  publish(r);
  return start_told(&r->thread, core, run, r);
}

void bench_receiver_go(struct bench_receiver *r) { tell_to_go(&r->thread); }

void bench_receiver_join(struct bench_receiver *r, int at_once) { join_told(&r->thread, at_once); }

uint64_t bench_receiver_wrong(const struct bench_receiver *r) { return r->wrong; }
uint64_t bench_receiver_sum(const struct bench_receiver *r) { return r->sum; }
