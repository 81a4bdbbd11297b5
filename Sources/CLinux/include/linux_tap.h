// Tap devices: an interface of the host whose other end is a descriptor.
#ifndef RINGSIDE_LINUX_TAP_H
#define RINGSIDE_LINUX_TAP_H

#include <stdint.h>

// Opens the tap device `name`, which is made when it is not there, for whole frames without
// blocking. Returns its descriptor, or the negative error number.
int linux_tap_open(const char *_Nonnull name);

// Sets an interface up. Returns 0, or the negative error number.
int linux_interface_set_up(const char *_Nonnull name);

#endif
