// A guest that receives, and the netback's RX path in plain C. The guest takes from the C backend and ours alike.
#pragma once
#include "throughput.h"

struct bench_receiver;

/// Makes a guest that offers all its pages, takes what comes into them, and offers each again.
struct bench_receiver *bench_receiver_make(const struct bench_shared *shared, uint64_t packets, uint32_t size);
void bench_receiver_free(struct bench_receiver *receiver);

/// Writes a new ring's header, offers all pages, and starts a thread on `core`, which waits for `bench_receiver_go`.
/// Returns 0, or an error number.
int bench_receiver_start(struct bench_receiver *receiver, int core);
/// Lets the guest take frames.
void bench_receiver_go(struct bench_receiver *receiver);
/// Ends the guest's thread: when all packets are there, or at once.
void bench_receiver_join(struct bench_receiver *receiver, int at_once);

/// Answers that were not a whole frame at the start of its page, or not in the order of what was offered.
uint64_t bench_receiver_wrong(const struct bench_receiver *receiver);
/// The sum over the first eight octets of each frame.
uint64_t bench_receiver_sum(const struct bench_receiver *receiver);

struct bench_sender;

/// Makes a backend that hands frames over, `burst` of them queued at a time; NULL when there is no memory, or they do not fit in
/// a MiB, or a frame in four pages.
struct bench_sender *bench_sender_make(const struct bench_shared *shared, uint32_t size, uint32_t burst);
void bench_sender_free(struct bench_sender *sender);
/// Hands `packets` frames over, the first eight octets of each another number, and returns the sum of these; stops
/// early when a page was not granted. Begins with a new ring.
uint64_t bench_sender_run(struct bench_sender *sender, uint64_t packets);

/// What the first eight octets of frame `number` are.
static inline uint64_t bench_frame_mark(uint64_t number) { return number * 0x9e3779b97f4a7c15u; }
