#define _GNU_SOURCE
#include "bench_reference.h"

#include <sched.h>

// Where the process might run when it began.
static cpu_set_t allowed;

__attribute__((constructor)) static void remember(void) { sched_getaffinity(0, sizeof allowed, &allowed); }

int bench_pin(unsigned processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  return sched_setaffinity(0, sizeof set, &set);
}

int bench_unpin(void) { return sched_setaffinity(0, sizeof allowed, &allowed); }

int bench_core(int ordinal) {
  for (int core = 0; core < CPU_SETSIZE; core++)
    if (CPU_ISSET(core, &allowed) && ordinal-- == 0) return core;
  return -1;
}
