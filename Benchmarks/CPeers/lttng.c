// Records events with LTTng-UST: those of a file of flat events, and the payload in another, as often as is said. Prints the
// nanoseconds of processor time that the recording thread took. Built and run by ringside-bench.
// usage: lttng EVENTS PAYLOAD TIMES
#define LTTNG_UST_TRACEPOINT_DEFINE
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#include "events.h"

#include "bench_reference.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint8_t *contents(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END)) exit(1);
  *size = (size_t)ftell(file);
  rewind(file);
  uint8_t *octets = malloc(*size + 1);
  if (!octets || fread(octets, 1, *size, file) != *size) exit(1);
  fclose(file);
  return octets;
}

static void record(const struct bench_event *events, size_t count, const uint8_t *payload) {
  for (size_t i = 0; i < count; i++) {
    const struct bench_event *e = &events[i];
    lttng_ust_tracepoint(ringside, event, e->kind, e->origin, e->queue, e->field, payload, e->payload);
    payload += e->payload;
  }
}

int main(int argc, char **argv) {
  struct timespec begin, end;
  size_t size, ignored;
  if (argc != 4) return 64;
  const struct bench_event *events = (const void *)contents(argv[1], &size);
  const uint8_t *payload = contents(argv[2], &ignored);
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
  for (int i = atoi(argv[3]); i > 0; i--) record(events, size / sizeof *events, payload);
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
  printf("%lld\n", (end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec);
  return 0;
}
