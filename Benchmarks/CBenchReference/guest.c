#define _GNU_SOURCE
#include "ring.h"
#include "thread.h"
#include "throughput.h"
#include <stdlib.h>

struct bench_guest {
  struct bench_shared shared;
  struct ring_page *ring;
  uint64_t packets;
  uint32_t size, slots, burst;
  struct told_thread thread;
  uint32_t produced, answered, published, notifications;
  uint64_t wrong, head_sum, tail_sum;
};

struct bench_guest *bench_guest_make(const struct bench_shared *shared, uint64_t packets, uint32_t size,
                                     uint32_t slots, uint32_t burst) {
  struct bench_guest *g = calloc(1, sizeof *g);
  if (!g) return NULL;
  g->shared = *shared;
  g->ring = (struct ring_page *)shared->ring;
  g->packets = packets;
  g->size = size;
  g->slots = slots;
  g->burst = burst;
  for (int page = 0; page < RING_SIZE; page++)
    for (int octet = 0; octet < PAGE_SIZE; octet++) shared->pages[page][octet] = (uint8_t)(page + octet);
  return g;
}

void bench_guest_free(struct bench_guest *g) { free(g); }

// Each packet says something else where a sink looks.
static void fill(struct bench_guest *g, uint8_t *page, uint64_t number) {
  uint64_t head = number * 0x9e3779b97f4a7c15u, tail = ~head;
  memcpy(page, &head, sizeof head);
  g->head_sum += head;
  if (g->size < LINEAR_OCTETS + sizeof tail) return;
  memcpy(page + LINEAR_OCTETS, &tail, sizeof tail);
  g->tail_sum += tail;
}

static void put_slot(struct bench_guest *g, uint32_t size, uint32_t flags) {
  uint32_t place = g->produced++ % RING_SIZE, *slot = g->ring->slot[place];
  store(slot, g->shared.grants[place]);
  store(slot + 1, flags << 16);
  store(slot + 2, place | size << 16);
}

// A packet's first slot says the size of all of it; the others have equal parts.
static void put(struct bench_guest *g, uint64_t number) {
  fill(g, g->shared.pages[g->produced % RING_SIZE], number);
  for (uint32_t slot = 0; slot < g->slots; slot++)
    put_slot(g, slot ? g->size / g->slots : g->size, slot + 1 < g->slots ? MORE_DATA : 0);
}

static void publish(struct bench_guest *g) {
  g->notifications += push(&g->ring->req_prod, g->published, g->produced, &g->ring->req_event);
  g->published = g->produced;
}

// Takes what was answered; then asks to be told of the next answer, as Linux does.
static uint32_t take(struct bench_guest *g) {
  uint32_t end = load_acquire(&g->ring->rsp_prod), taken = end - g->answered;
  for (; g->answered != end; g->answered++) {
    uint32_t place = g->answered % RING_SIZE;
    g->wrong += load(g->ring->slot[place]) != place;  // the id, and 0 for OKAY
  }
  if (taken) arm(&g->ring->rsp_event, g->answered + 1);
  return taken;
}

static void send(struct bench_guest *g) {
  uint64_t sent = 0, answered = 0;
  while (answered < g->packets * g->slots && !is_stopped(&g->thread)) {
    uint64_t left = g->packets - sent;
    uint32_t count = left < g->burst ? (uint32_t)left : g->burst;
    uint32_t room = RING_SIZE - (g->produced - g->answered);
    int fits = count * g->slots <= room;
    if (count && fits) {
      for (uint32_t i = 0; i < count; i++) put(g, sent++);
      publish(g);
    }
    uint32_t taken = take(g);
    answered += taken;
    if (!taken && (!count || !fits)) rest();
  }
}

static void *run(void *argument) {
  struct bench_guest *g = argument;
  await_go(&g->thread);
  send(g);
  return NULL;
}

int bench_guest_start(struct bench_guest *g, int core) {
  memset(g->ring, 0, sizeof *g->ring);
  g->ring->req_event = g->ring->rsp_event = 1;
  g->produced = g->answered = g->published = g->notifications = 0;
  g->wrong = g->head_sum = g->tail_sum = 0;
  return start_told(&g->thread, core, run, g);
}

void bench_guest_go(struct bench_guest *g) { tell_to_go(&g->thread); }

void bench_guest_join(struct bench_guest *g, int at_once) { join_told(&g->thread, at_once); }

uint64_t bench_guest_wrong(const struct bench_guest *g) { return g->wrong; }
uint64_t bench_guest_head_sum(const struct bench_guest *g) { return g->head_sum; }
uint64_t bench_guest_tail_sum(const struct bench_guest *g) { return g->tail_sum; }
