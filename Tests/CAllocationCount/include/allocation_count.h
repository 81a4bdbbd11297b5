#ifndef RINGSIDE_ALLOCATION_COUNT_H
#define RINGSIDE_ALLOCATION_COUNT_H

#include <stdbool.h>
#include <stdint.h>

// Whether allocations are counted: with another C library than glibc, and under sanitizers, which
// have an allocator of their own, they are not.
bool allocation_count_works(void);

// Pieces of memory that the calling thread has asked for since it began.
uint64_t allocation_count(void);

#endif
