#define _GNU_SOURCE
#include "linux_frames.h"
#include "linux_uring.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { header_size = 10, batch = linux_uring_limit };

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

// Up to a batch of calls of readv or writev, in order: with one system call if there is a ring. Without one nothing is
// read behind the first that fails. Returns how many were called.
static uint32_t transfer(struct linux_uring **ring, bool writes, int tap, const struct iovec *pieces, uint32_t each,
                         uint32_t count, int32_t *results)
{
    if (*ring != NULL && (writes || linux_uring_can_read(*ring))) {
        if (!linux_uring_do(*ring, writes, tap, pieces, each, count, results)) {
            linux_uring_close(*ring);
            *ring = NULL;
        }
        return count;
    }
    for (uint32_t at = 0; at < count; at++) {
        const struct iovec *piece = pieces + each * at;
        ssize_t length;
        do
            length = writes ? writev(tap, piece, (int)each) : readv(tap, piece, (int)each);
        while (length < 0 && errno == EINTR);
        results[at] = length < 0 ? -errno : (int32_t)length;
        if (length < 0 && !writes)
            return at + 1;
    }
    return count;
}

uint32_t linux_frames_write(int tap, struct linux_uring **ring, const struct linux_frames *frames)
{
    struct iovec parts[batch][2];
    int32_t results[batch];
    uint32_t taken = 0;
    for (uint32_t first = 0; first < frames->count; first += batch) {
        const uint32_t left = frames->count - first, count = left < batch ? left : batch;
        for (uint32_t at = 0; at < count; at++)
            place(frames, first + at, parts[at]);
        transfer(ring, true, tap, parts[0], 2, count, results);
        for (uint32_t at = 0; at < count; at++)
            taken += results[at] >= 0;
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

// Places up to the last that a frame came to: one may come after a look that found none.
static uint32_t note(const int32_t *results, uint32_t count, uint32_t *lengths)
{
    uint32_t came = 0;
    for (uint32_t at = 0; at < count; at++) {
        lengths[at] = results[at] < 0 ? 0 : (uint32_t)results[at];
        if (results[at] >= 0)
            came = at + 1;
    }
    return came;
}

int linux_frames_read(int tap, struct linux_uring **ring, uint8_t *room, uint32_t stride, uint32_t limit,
                      uint32_t *lengths)
{
    struct iovec parts[batch];
    int32_t results[batch];
    uint32_t taken = 0;
    // A call that finds nothing costs time, too: a few at first, then twice as many.
    for (uint32_t asked = 4; taken < limit; asked *= 2) {
        const uint32_t left = limit - taken, most = asked < batch ? asked : batch;
        const uint32_t count = left < most ? left : most;
        for (uint32_t at = 0; at < count; at++)
            parts[at] = (struct iovec){room + (size_t)stride * (taken + at), stride};
        const uint32_t called = transfer(ring, false, tap, parts, 1, count, results);
        const uint32_t came = note(results, called, lengths + taken);
        if (taken + came == 0 && results[0] != -EAGAIN)
            return results[0];
        taken += came;
        if (came < count)
            break;
    }
    return (int)taken;
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
