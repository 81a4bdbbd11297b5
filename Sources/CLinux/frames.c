#define _GNU_SOURCE
#include "linux_frames.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { header_size = 10, batch = 64 };

// The system calls want pointers that may be written to, though they only read.
static void place(const struct linux_frames *frames, uint32_t at, struct iovec *parts)
{
    parts[0] = (struct iovec){(void *)(frames->headers + header_size * at), header_size};
    parts[1] = (struct iovec){(void *)(frames->octets + frames->bounds[2 * at]),
                              frames->bounds[2 * at + 1]};
}

static int set(int socket, int option, int value)
{
    return setsockopt(socket, SOL_PACKET, option, &value, sizeof(value));
}

static int bind_to(int socket, unsigned index)
{
    const struct packet_mreq all = {.mr_ifindex = (int)index, .mr_type = PACKET_MR_PROMISC};
    const struct sockaddr_ll address = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)index};
    // A burst of a ring of unsegmented frames, which the kernel accounts for twice.
    const int room = 64 << 20;
    (void)setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
    (void)setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
    if (set(socket, PACKET_VNET_HDR, 1) != 0 || set(socket, PACKET_IGNORE_OUTGOING, 1) != 0)
        return -1;
    if (setsockopt(socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all)) != 0)
        return -1;
    return bind(socket, (const struct sockaddr *)&address, sizeof(address));
}

int linux_frames_open(const char *name)
{
    const unsigned index = if_nametoindex(name);
    if (index == 0)
        return -errno;
    // Protocol 0: it hears nothing before it is bound.
    const int opened = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (opened < 0)
        return -errno;
    if (bind_to(opened, index) == 0)
        return opened;
    const int error = errno;
    close(opened);
    return -error;
}

void linux_frames_bypass(int socket, bool bypasses)
{
    (void)set(socket, PACKET_QDISC_BYPASS, bypasses);
}

uint32_t linux_frames_write(int tap, const struct linux_frames *frames)
{
    uint32_t taken = 0;
    for (uint32_t at = 0; at < frames->count; at++) {
        struct iovec parts[2];
        place(frames, at, parts);
        ssize_t written;
        do
            written = writev(tap, parts, 2);
        while (written < 0 && errno == EINTR);
        taken += written >= 0;
    }
    return taken;
}

// Sends one batch; a frame that is refused is passed over, a full socket ends it.
static uint32_t send_batch(int socket, struct mmsghdr *messages, uint32_t count)
{
    uint32_t at = 0, taken = 0;
    while (at < count) {
        const int sent = sendmmsg(socket, messages + at, count - at, MSG_DONTWAIT);
        if (sent > 0) {
            at += (uint32_t)sent;
            taken += (uint32_t)sent;
        } else if (errno == EAGAIN || errno == ENOBUFS) {
            return taken;
        } else if (errno != EINTR) {
            at++;
        }
    }
    return taken;
}

uint32_t linux_frames_send(int socket, const struct linux_frames *frames)
{
    struct mmsghdr messages[batch];
    struct iovec parts[batch][2];
    uint32_t taken = 0;
    for (uint32_t first = 0; first < frames->count; first += batch) {
        const uint32_t left = frames->count - first, count = left < batch ? left : batch;
        memset(messages, 0, sizeof(messages));
        for (uint32_t at = 0; at < count; at++) {
            place(frames, first + at, parts[at]);
            messages[at].msg_hdr.msg_iov = parts[at];
            messages[at].msg_hdr.msg_iovlen = 2;
        }
        taken += send_batch(socket, messages, count);
    }
    return taken;
}

int linux_frames_read(int tap, uint8_t *room, uint32_t stride, uint32_t limit, uint32_t *lengths)
{
    for (uint32_t at = 0; at < limit; at++) {
        const ssize_t length = read(tap, room + (size_t)stride * at, stride);
        if (length < 0 && (at > 0 || errno == EAGAIN || errno == EINTR))
            return (int)at;
        if (length < 0)
            return -errno;
        lengths[at] = (uint32_t)length;
    }
    return (int)limit;
}

int linux_frames_receive(int socket, uint8_t *room, uint32_t stride, uint32_t limit,
                         uint32_t *lengths)
{
    struct mmsghdr messages[batch];
    struct iovec parts[batch];
    const uint32_t count = limit < batch ? limit : batch;
    memset(messages, 0, sizeof(messages));
    for (uint32_t at = 0; at < count; at++) {
        parts[at] = (struct iovec){room + (size_t)stride * at, stride};
        messages[at].msg_hdr.msg_iov = &parts[at];
        messages[at].msg_hdr.msg_iovlen = 1;
    }
    const int came = recvmmsg(socket, messages, count, MSG_DONTWAIT | MSG_TRUNC, NULL);
    if (came < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    for (int at = 0; at < came; at++)
        lengths[at] = messages[at].msg_len;
    return came;
}
