// Reads or writes of one file, as many as 64 with one system call, where the kernel (Linux 5.18) and liburing can.
#ifndef RINGSIDE_LINUX_URING_H
#define RINGSIDE_LINUX_URING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

struct linux_uring;

enum { linux_uring_limit = 64 };

// A ring for calls to `file`, which must not block. NULL where liburing is not there, or the kernel cannot do this or
// does not let us.
struct linux_uring *_Nullable linux_uring_open(int file);
void linux_uring_close(struct linux_uring *_Nonnull uring);
// Whether it reads, too: a tap device's does since Linux 6.4.
bool linux_uring_can_read(const struct linux_uring *_Nonnull uring);

// Up to `linux_uring_limit` calls of readv or writev, `each` pieces to a call, done in order. results[i] is what call i
// returned, or its negative error number. All of them are over on return; false when the ring cannot be used any more.
bool linux_uring_do(struct linux_uring *_Nonnull uring, bool writes, int file,
                    const struct iovec *_Nonnull pieces, uint32_t each, uint32_t count,
                    int32_t *_Nonnull results);

#endif
