#define _GNU_SOURCE
#include "linux_threads.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int linux_thread_start(pthread_t *thread, void *(*run)(void *), void *context) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int code = pthread_create(thread, NULL, run, context);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return code;
}

int linux_bell_open(void) {
  const int bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return bell < 0 ? -errno : bell;
}

void linux_bell_ring(int bell) {
  const uint64_t once = 1;
  // Fails only where it was rung more often than a number holds.
  if (write(bell, &once, sizeof once) < 0) return;
}

bool linux_bell_hear(int bell) {
  uint64_t count;
  return read(bell, &count, sizeof count) == sizeof count;
}

void linux_bell_await(int bell) {
  struct pollfd request = {.fd = bell, .events = POLLIN};
  while (!linux_bell_hear(bell)) (void)poll(&request, 1, -1);
}
