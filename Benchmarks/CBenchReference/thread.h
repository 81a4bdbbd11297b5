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

// A guest's thread, and what it is told: to begin, and to end before it is done.
struct told_thread {
  pthread_t thread;
  int go, stop;
};

static inline int start_told(struct told_thread *t, int core, void *(*run)(void *), void *argument) {
  t->go = t->stop = 0;
  return start_on(core, run, argument, &t->thread);
}

static inline void tell_to_go(struct told_thread *t) { __atomic_store_n(&t->go, 1, __ATOMIC_RELEASE); }

static inline void await_go(const struct told_thread *t) {
  while (!__atomic_load_n(&t->go, __ATOMIC_ACQUIRE)) rest();
}

static inline int is_stopped(const struct told_thread *t) { return __atomic_load_n(&t->stop, __ATOMIC_RELAXED); }

// When it is done, or at once.
static inline void join_told(struct told_thread *t, int at_once) {
  if (at_once) __atomic_store_n(&t->stop, 1, __ATOMIC_RELAXED);
  tell_to_go(t);
  pthread_join(t->thread, NULL);
}
