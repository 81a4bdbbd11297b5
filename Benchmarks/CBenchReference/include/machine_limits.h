// What no program on this machine can do faster.
#pragma once
#include <stdint.h>

/// Nanoseconds in which a cache line that one core has written is read by the other: two threads in turn write one word.
/// -1 when there is no such core.
double bench_handover(int core, int other, uint32_t rounds);

/// Nanoseconds of a plain copy of `size` octets at the start of one page after the other, of so many; -1 without memory.
double bench_copy(uint32_t size, uint32_t pages, uint64_t packets);

/// Nanoseconds of a system call that does nothing.
double bench_system_call(uint64_t calls);
