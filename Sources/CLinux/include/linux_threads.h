// Threads that take no signals, and a bell by which one wakes another that waits for descriptors.
#ifndef RINGSIDE_LINUX_THREADS_H
#define RINGSIDE_LINUX_THREADS_H

#include <pthread.h>
#include <stdbool.h>

// Starts a thread. Signals are for the threads that were there before. Returns 0, or the error number.
int linux_thread_start(pthread_t *_Nonnull thread, void *_Nullable (*_Nonnull run)(void *_Nullable),
                       void *_Nullable context);

// Opens a bell, whose descriptor is readable while it was rung and not heard. Returns it, or the
// negative error number.
int linux_bell_open(void);

void linux_bell_ring(int bell);

// Whether it was rung; it is silent then. Does not wait.
bool linux_bell_hear(int bell);

// Waits until it is rung, and silences it.
void linux_bell_await(int bell);

#endif
