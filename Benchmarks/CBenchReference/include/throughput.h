// A guest that sends, and the netback's TX path in plain C. The guest drives the C backend and ours alike.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// What a guest shares with a backend: its TX ring's page, and pages of data that it granted.
struct bench_shared {
  uint8_t *ring;
  /// As many as the ring has slots; slot i is sent from page i.
  uint8_t *const *pages;
  /// Their references.
  const uint32_t *grants;
};

struct bench_guest;

/// Makes a guest whose packets have `size` octets each, in `slots` equal parts. It publishes `burst` at a time, as soon
/// as the ring has room for them.
struct bench_guest *bench_guest_make(const struct bench_shared *shared, uint64_t packets, uint32_t size,
                                     uint32_t slots, uint32_t burst);
void bench_guest_free(struct bench_guest *guest);

/// Writes a new ring's header, and starts a thread on `core`, which waits for `bench_guest_go`.
/// Returns 0, or an error number.
int bench_guest_start(struct bench_guest *guest, int core);
/// Lets the guest send.
void bench_guest_go(struct bench_guest *guest);
/// Ends the guest's thread: when all it sent is answered, or at once.
void bench_guest_join(struct bench_guest *guest, int at_once);

/// Answers that were not OKAY, or not those to the slots in their order.
uint64_t bench_guest_wrong(const struct bench_guest *guest);
/// The sum over the first eight octets of each packet.
uint64_t bench_guest_head_sum(const struct bench_guest *guest);
/// The sum over the eight octets behind the first 128 of each packet.
uint64_t bench_guest_tail_sum(const struct bench_guest *guest);

struct bench_backend;

/// Makes a backend. Of packets of more than `mapped_above` octets it copies the first 128 and reads the rest where
/// it lies; others, and those of several slots, it copies whole.
struct bench_backend *bench_backend_make(const struct bench_shared *shared, uint32_t mapped_above);
void bench_backend_free(struct bench_backend *backend);
/// Polls the ring until `packets` of them are delivered and answered, or one is refused. Begins with a new ring.
void bench_backend_run(struct bench_backend *backend, uint64_t packets);
/// Packets that the last run delivered.
uint64_t bench_backend_frames(const struct bench_backend *backend);
/// The sum over the first eight octets of each piece of them.
uint64_t bench_backend_sum(const struct bench_backend *backend);
