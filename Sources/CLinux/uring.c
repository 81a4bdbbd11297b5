#define _GNU_SOURCE
#include "linux_uring.h"

#include <dlfcn.h>
#include <errno.h>
#include <liburing.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

// What of liburing is not in its header.
static struct {
    int (*begin)(unsigned entries, struct io_uring *ring, unsigned flags);
    int (*submit)(struct io_uring *ring, unsigned awaited);
    void (*end)(struct io_uring *ring);
} library;
static bool is_there;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void)
{
    void *handle = dlopen("liburing.so.2", RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return;
    *(void **)&library.begin = dlsym(handle, "io_uring_queue_init");
    *(void **)&library.submit = dlsym(handle, "io_uring_submit_and_wait");
    *(void **)&library.end = dlsym(handle, "io_uring_queue_exit");
    is_there = library.begin && library.submit && library.end;
}

struct linux_uring {
    struct io_uring ring;
    // Whether calls can be told not to wait; else a read of nothing would.
    bool can_read;
};

// Takes what is over; returns how many those are.
static uint32_t take(struct io_uring *ring, uint32_t count, int32_t *results)
{
    struct io_uring_cqe *done;
    unsigned head;
    uint32_t taken = 0;
    io_uring_for_each_cqe(ring, head, done)
    {
        if (done->user_data < count)
            results[done->user_data] = done->res;
        taken++;
    }
    io_uring_cq_advance(ring, taken);
    return taken;
}

bool linux_uring_do(struct linux_uring *uring, bool writes, int file, const struct iovec *pieces, uint32_t each,
                    uint32_t count, int32_t *results)
{
    struct io_uring *ring = &uring->ring;
    for (uint32_t at = 0; at < count; at++) {
        struct io_uring_sqe *call = io_uring_get_sqe(ring);
        io_uring_prep_rw(writes ? IORING_OP_WRITEV : IORING_OP_READV, call, file, pieces + each * at, each, 0);
        // Without this the kernel waits where it can, whatever the file itself says.
        call->rw_flags = uring->can_read ? RWF_NOWAIT : 0;
        call->user_data = at;
        results[at] = -EAGAIN;
    }
    uint32_t left = count;
    while (left > 0) {
        const int code = library.submit(ring, left);
        left -= take(ring, count, results);
        if (code < 0 && code != -EINTR && code != -EAGAIN)
            return false;
    }
    return true;
}

void linux_uring_close(struct linux_uring *uring)
{
    library.end(&uring->ring);
    free(uring);
}

// Finds out whether a driver takes calls that do not wait: tap devices do since Linux 6.4. Reading no octets takes no
// frame. False when the ring cannot be used.
static bool probe(struct linux_uring *uring, int file)
{
    uint8_t octet;
    const struct iovec none = {&octet, 0};
    int32_t result;
    uring->can_read = true;
    const bool is_usable = linux_uring_do(uring, false, file, &none, 1, 1, &result);
    uring->can_read = result >= 0 || result == -EAGAIN;
    return is_usable;
}

struct linux_uring *linux_uring_open(int file)
{
    pthread_once(&once, load);
    struct linux_uring *uring = is_there ? calloc(1, sizeof(*uring)) : NULL;
    if (uring == NULL)
        return NULL;
    // A frame that is refused must not hold back those behind it.
    if (library.begin(linux_uring_limit, &uring->ring, IORING_SETUP_SUBMIT_ALL) != 0) {
        free(uring);
        return NULL;
    }
    if (probe(uring, file))
        return uring;
    linux_uring_close(uring);
    return NULL;
}

bool linux_uring_can_read(const struct linux_uring *uring)
{
    return uring->can_read;
}
