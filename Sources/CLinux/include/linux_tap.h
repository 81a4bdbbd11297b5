// Tap devices: an interface of the host whose other end is a descriptor.
#ifndef RINGSIDE_LINUX_TAP_H
#define RINGSIDE_LINUX_TAP_H

#include <stdbool.h>
#include <stdint.h>

// Opens the tap device `name`, which is made when it is not there, for whole frames behind vnet
// headers, without blocking. `has_queues`: it may have several. Returns its descriptor, or the negative
// error number: -EINVAL when the device is there and is another kind of device, -EBUSY when somebody has it.
int linux_tap_open(const char *_Nonnull name, bool has_queues);

// Opens a further queue of a device that may have several, which spreads what it sends over them. Returns
// its descriptor, or the negative error number.
int linux_tap_open_queue(int device);

// Whether the device stays when its descriptor is closed. Returns 0, or the negative error number.
int linux_tap_persist(int device, bool stays);

// What may come out of the device: checksums left blank, TCP over IPv4 and over IPv6 that is still to
// be cut. Returns 0, or the negative error number.
int linux_tap_offload(int device, bool checksum, bool tcpv4, bool tcpv6);

// Whether the device has a carrier; opening it gives it one. Returns 0, or the negative error number.
int linux_tap_carrier(int device, bool is_there);

// Sets an interface up. Returns 0, or the negative error number.
int linux_interface_set_up(const char *_Nonnull name);

// Reads an interface's alias into `room` (IFALIASZ is 256), without the line's end; empty when it has
// none. Returns its length, or the negative error number.
int linux_interface_alias(const char *_Nonnull name, char *_Nonnull room, uint32_t size);

// Gives an interface an alias. Returns 0, or the negative error number.
int linux_interface_set_alias(const char *_Nonnull name, const char *_Nonnull alias);

#endif
