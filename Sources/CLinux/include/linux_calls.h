// Linux calls that Swift's Glibc module does not show, because they need _GNU_SOURCE.
#ifndef RINGSIDE_LINUX_CALLS_H
#define RINGSIDE_LINUX_CALLS_H

#include <poll.h>
#include <stdint.h>

// Waits for descriptors, at most `nanoseconds`; as ppoll(2) without a signal mask.
int linux_poll(struct pollfd *_Nullable descriptors, uint64_t count, uint64_t nanoseconds);

#endif
