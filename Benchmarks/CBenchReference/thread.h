// A thread that is on its core from the start: the one that it is made on may never let go.
#pragma once
#include <pthread.h>
#include <sched.h>

static inline int start_on(int core, void *(*run)(void *), void *argument, pthread_t *thread) {
  pthread_attr_t attributes;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(core, &one);
  int error = pthread_attr_init(&attributes);
  if (error) return error;
  error = pthread_attr_setaffinity_np(&attributes, sizeof one, &one);
  if (!error) error = pthread_create(thread, &attributes, run, argument);
  pthread_attr_destroy(&attributes);
  return error;
}

static inline void rest(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}
