// C references for the benchmarks: the same work on the same events, written plainly.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// A trace event as flat numbers.
struct bench_event {
  uint64_t time;
  uint32_t field[6];
  uint32_t payload;
  uint16_t queue;
  uint8_t kind;
  uint8_t origin;
};

/// Writes events as columns of variable-length deltas, and a payload that the block has already as
/// references to it, deflated in blocks of 256 KiB with a CRC; with a negative level the columns are
/// copied together instead, as for another thread to deflate.
/// Does so `times` times over the same room; returns the octets of one time, 0 when they do not fit.
size_t bench_encode(const struct bench_event *events, size_t count, const uint8_t *payload,
                    int level, int times, uint8_t *out, size_t capacity);

/// Reads what `bench_encode` wrote; returns the number of events, and a sum over their fields.
size_t bench_scan(const uint8_t *file, size_t length, uint64_t *sum);

/// Plays TX slots and their payload through a plain ring, as a backend and a frontend would, and
/// counts the answers that differ from the recorded ones.
size_t bench_replay(const struct bench_event *events, size_t count, const uint8_t *payload,
                    uint64_t *answered);

/// How many octets gzip makes of these; 0 when it cannot.
size_t bench_gzip(const uint8_t *octets, size_t count, int level);

/// Keeps the calling thread on one processor. Returns 0, or -1 when there is no such.
int bench_pin(unsigned processor);
/// Lets the calling thread run wherever the process might when it began. Returns 0, or -1.
int bench_unpin(void);

/// The `ordinal`th core that the process might run on when it began; -1 when there were fewer.
int bench_core(int ordinal);
