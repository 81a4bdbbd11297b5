// Swift's Glibc module does not show the macros of cpu_set_t.
#ifndef RINGSIDE_BENCH_PIN_H
#define RINGSIDE_BENCH_PIN_H

// Keeps the calling thread on one processor. Returns 0, or -1 when there is no such.
int bench_pin(unsigned processor);

#endif
