#define _GNU_SOURCE
#include "linux_tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
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

static int open_attribute(const char *name, const char *attribute, int flags)
{
    char path[64];
    if (strchr(name, '/') != NULL || strlen(name) >= IFNAMSIZ)
        return -ENODEV;
    snprintf(path, sizeof(path), "/sys/class/net/%s/%s", name, attribute);
    const int file = open(path, flags | O_CLOEXEC);
    return file < 0 ? -errno : file;
}

// Whether somebody has the tap device open. One whose guest is cut off has no carrier and counts as free: nothing crosses it.
static bool is_held(const char *name)
{
    char carrier = '0';
    const int file = open_attribute(name, "carrier", O_RDONLY);
    if (file < 0)
        return false;
    const bool is_known = read(file, &carrier, 1) == 1;
    close(file);
    return is_known && carrier == '1';
}

static int attach(const char *name, short flags)
{
    const int device = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (device < 0)
        return -errno;
    struct ifreq request = named(name);
    request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | flags;
    if (ioctl(device, TUNSETIFF, &request) == 0)
        return device;
    const int error = errno;
    close(device);
    return -error;
}

int linux_tap_open(const char *name, bool has_queues)
{
    // The kernel lets one process open a device with one queue, and any number one with several: they would
    // take each other's frames.
    if (has_queues && is_held(name))
        return -EBUSY;
    return attach(name, has_queues ? IFF_MULTI_QUEUE : 0);
}

int linux_tap_open_queue(int device)
{
    // The device may have another name by now.
    struct ifreq request = named("");
    return ioctl(device, TUNGETIFF, &request) == 0 ? attach(request.ifr_name, IFF_MULTI_QUEUE) : -errno;
}

int linux_tap_persist(int device, bool stays)
{
    return ioctl(device, TUNSETPERSIST, (unsigned long)stays) == 0 ? 0 : -errno;
}

int linux_tap_offload(int device, bool checksum, bool tcpv4, bool tcpv6)
{
    // The kernel takes segmentation only beside the checksum.
    const unsigned long wanted =
        !checksum ? 0 : TUN_F_CSUM | (tcpv4 ? TUN_F_TSO4 : 0) | (tcpv6 ? TUN_F_TSO6 : 0);
    return ioctl(device, TUNSETOFFLOAD, wanted) == 0 ? 0 : -errno;
}

int linux_tap_carrier(int device, bool is_there)
{
    int wanted = is_there;
    return ioctl(device, TUNSETCARRIER, &wanted) == 0 ? 0 : -errno;
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

int linux_interface_alias(const char *name, char *room, uint32_t size)
{
    const int file = open_attribute(name, "ifalias", O_RDONLY);
    if (file < 0)
        return file;
    ssize_t length = read(file, room, size);
    const int error = -errno;
    close(file);
    if (length > 0 && room[length - 1] == '\n')
        length--;
    return length < 0 ? error : (int)length;
}

int linux_interface_set_alias(const char *name, const char *alias)
{
    const int file = open_attribute(name, "ifalias", O_WRONLY);
    if (file < 0)
        return file;
    const ssize_t length = write(file, alias, strlen(alias));
    const int error = length < 0 ? -errno : 0;
    close(file);
    return error;
}
