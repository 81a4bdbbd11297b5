// Frames that arrive on this host's interfaces, through one packet socket.
#ifndef RINGSIDE_LINUX_PACKETS_H
#define RINGSIDE_LINUX_PACKETS_H

#include <stdint.h>

// A non-blocking packet socket that hears all interfaces; -1 when it cannot be had.
int linux_packets_open(void);

// Takes one frame that came in, its first `room` octets, and the index of its interface. Frames that
// this host sent are skipped. Returns its length, or -1 when none is waiting.
int64_t linux_packets_take(int socket, void *_Nonnull octets, uint64_t room, uint32_t *_Nonnull interface);

// Sets an interface up. Returns its index, or 0 on failure.
uint32_t linux_interface_up(const char *_Nonnull name);

#endif
