#define _GNU_SOURCE
#include "linux_tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static struct ifreq named(const char *name)
{
    struct ifreq request;
    memset(&request, 0, sizeof(request));
    strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
    return request;
}

int linux_tap_open(const char *name)
{
    const int device = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (device < 0)
        return -errno;
    struct ifreq request = named(name);
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    if (ioctl(device, TUNSETIFF, &request) == 0)
        return device;
    const int error = errno;
    close(device);
    return -error;
}

int linux_interface_set_up(const char *name)
{
    const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (control < 0)
        return -errno;
    struct ifreq request = named(name);
    int code = ioctl(control, SIOCGIFFLAGS, &request);
    request.ifr_flags |= IFF_UP;
    if (code == 0)
        code = ioctl(control, SIOCSIFFLAGS, &request);
    const int error = code == 0 ? 0 : -errno;
    close(control);
    return error;
}
