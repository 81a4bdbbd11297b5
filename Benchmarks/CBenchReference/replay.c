#include "bench_reference.h"
#include <stdlib.h>
#include <string.h>

// Kinds of events, in the order of the benchmark's table.
enum { TX_SLOT = 0, POLL_END = 8, MEMORY = 13, TX_RESPONSE = 15 };
enum { RING = 256, PAGE = 4096 };

struct slot {
  uint32_t gref;
  uint16_t offset, flags, id, size;
};

struct world {
  struct slot ring[RING], taken[RING];
  uint8_t pages[RING][PAGE], frame[RING * PAGE];
  uint32_t req_prod, req_cons;
  int16_t answer[RING];
  uint16_t answer_id[RING];
};

// What a backend does with a slot: copies it once, checks it, copies its data, answers it.
static void serve(struct world *w, size_t *fill) {
  struct slot s = w->ring[w->req_cons % RING];
  int bad = s.size < 1 || (uint32_t)s.offset + s.size > PAGE;
  if (!bad && *fill + s.size <= sizeof w->frame) {
    memcpy(w->frame + *fill, w->pages[w->req_cons % RING] + s.offset, s.size);
    *fill += s.size;
  }
  w->answer[s.id % RING] = bad ? -1 : 0;
  w->answer_id[s.id % RING] = s.id;
  w->req_cons++;
}

static void publish(struct world *w, const struct bench_event *e) {
  struct slot s = {e->field[1], (uint16_t)e->field[2], (uint16_t)(e->field[2] >> 16),
                   (uint16_t)e->field[3], (uint16_t)(e->field[3] >> 16)};
  w->ring[e->field[0] % RING] = s;
  w->req_prod = e->field[0] + 1;
}

size_t bench_replay(const struct bench_event *events, size_t count, const uint8_t *payload,
                    uint64_t *answered) {
  struct world *w = calloc(1, sizeof *w);
  size_t different = 0;
  *answered = 0;
  if (!w) return (size_t)-1;
  for (size_t i = 0; i < count; i++) {
    const struct bench_event *e = &events[i];
    size_t fill = 0;
    switch (e->kind) {
    case TX_SLOT: publish(w, e); break;
    case MEMORY:
      memcpy(w->pages[e->field[0] % RING], payload, e->payload < PAGE ? e->payload : PAGE);
      break;
    case POLL_END:
      while (w->req_cons != w->req_prod) serve(w, &fill);
      break;
    case TX_RESPONSE:
      different += w->answer_id[e->field[2] % RING] != (uint16_t)e->field[2];
      ++*answered;
      break;
    default: break;
    }
    payload += e->payload;
  }
  free(w);
  return different;
}
