// Frames behind vnet headers (struct virtio_net_hdr, 10 octets), in batches, through a tap device or a
// packet socket that is bound to one interface.
#ifndef RINGSIDE_LINUX_FRAMES_H
#define RINGSIDE_LINUX_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

// A packet socket that hears what comes in on interface `name`, with vnet headers and without
// blocking. Returns its descriptor, or the negative error number.
int linux_frames_open(const char *_Nonnull name);

// Whether a socket sends past its interface's queues: faster, but a frame that the interface cannot cut
// is lost then.
void linux_frames_bypass(int socket, bool bypasses);

// Frames of one batch: frame i has bounds[2 * i + 1] octets from octets[bounds[2 * i]] on, and its vnet
// header at headers[10 * i].
struct linux_frames {
  const uint8_t *_Nonnull headers;
  const uint32_t *_Nonnull bounds;
  const uint8_t *_Nonnull octets;
  uint32_t count;
};

struct linux_uring;

// Hand frames over: one write each to a tap device, 64 with one call to a socket. Return how many were
// taken; those that were not are lost. With a ring (linux_uring.h) a tap device gets 64 with one call, too; a ring that
// fails is closed and forgotten.
uint32_t linux_frames_write(int tap, struct linux_uring *_Nullable *_Nonnull ring,
                            const struct linux_frames *_Nonnull frames);
uint32_t linux_frames_send(int socket, const struct linux_frames *_Nonnull frames);

// Take up to `limit` frames, each with its vnet header to a place of `stride` octets in `room`, and the
// length of both together into `lengths`: more than `stride` for a frame that was cut, 0 where none came to its place.
// Return how many places there are up to the last that came; 0 when none is waiting, the negative error number when none
// can come.
int linux_frames_read(int tap, struct linux_uring *_Nullable *_Nonnull ring, uint8_t *_Nonnull room, uint32_t stride,
                      uint32_t limit, uint32_t *_Nonnull lengths);
int linux_frames_receive(int socket, uint8_t *_Nonnull room, uint32_t stride, uint32_t limit,
                         uint32_t *_Nonnull lengths);

#endif
