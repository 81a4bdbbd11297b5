#define _GNU_SOURCE
#include "bench_reference.h"

#include <sched.h>

int bench_pin(unsigned processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  return sched_setaffinity(0, sizeof set, &set);
}
