#define _GNU_SOURCE
#include "linux_calls.h"

#include <stddef.h>
#include <time.h>

int linux_poll(struct pollfd *descriptors, uint64_t count, uint64_t nanoseconds) {
  const struct timespec wait = {
      .tv_sec = (time_t)(nanoseconds / 1000000000),
      .tv_nsec = (long)(nanoseconds % 1000000000),
  };
  return ppoll(descriptors, count, &wait, NULL);
}
