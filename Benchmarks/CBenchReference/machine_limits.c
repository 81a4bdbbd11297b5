#define _GNU_SOURCE
#include "machine_limits.h"
#include "bench_reference.h"
#include "ring.h"
#include "thread.h"
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

// A word alone in its cache line, and where the other thread writes it.
struct table {
  _Alignas(128) uint32_t turn;
  uint32_t rounds;
};

static void play(struct table *t, uint32_t side) {
  for (uint32_t turn = side; turn < 2 * t->rounds; turn += 2) {
    while (load_acquire(&t->turn) != turn) rest();
    store_release(&t->turn, turn + 1);
  }
}

static void *opponent(void *table) {
  play(table, 1);
  return NULL;
}

double bench_handover(int core, int other, uint32_t rounds) {
  struct table t = {.rounds = rounds};
  pthread_t thread;
  if (bench_pin((unsigned)core) || start_on(other, opponent, &t, &thread)) return -1;
  double begin = now();
  play(&t, 0);
  pthread_join(thread, NULL);
  return (now() - begin) / (2.0 * rounds);
}

double bench_copy(uint32_t size, uint32_t pages, uint64_t packets) {
  uint8_t *from = malloc((size_t)pages * PAGE_SIZE), *to = malloc((size_t)pages * PAGE_SIZE);
  if (!from || !to) return -1;
  memset(from, 1, (size_t)pages * PAGE_SIZE);
  memset(to, 2, (size_t)pages * PAGE_SIZE);
  double begin = now();
  for (uint64_t i = 0; i < packets; i++) {
    size_t page = i % pages * PAGE_SIZE;
    memcpy(to + page, from + page, size);
    __asm__ volatile("" ::"r"(to) : "memory");
  }
  double time = (now() - begin) / (double)packets;
  free(from);
  free(to);
  return time;
}

double bench_system_call(uint64_t calls) {
  double begin = now();
  for (uint64_t i = 0; i < calls; i++) syscall(SYS_getppid);
  return (now() - begin) / (double)calls;
}
