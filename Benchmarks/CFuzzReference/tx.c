// What a fuzz target costs at least: one that does nothing (-DEMPTY), and one that judges the slots of a TX ring, which it is
// given one behind the other, by the rules of Linux's netback, and keeps how each packet ended. There is no ring, no grant, no
// frame and nobody who compares. With -DSTILL inputs stay as they are. Built and run by Scripts/fuzz-rate.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { more_data = 4, extra_info = 8, extra_more = 1, page = 4096, header = 14, most = 18, fatal = 20 };
enum verdict { delivered, refused, cut_off };

struct request {
    uint32_t gref;
    uint16_t offset, flags, id, size;
};

struct extra {
    uint8_t type, flags;
    uint16_t size;
    uint8_t gso, pad[7];
};

_Static_assert(sizeof(struct request) == 12 && sizeof(struct extra) == 12, "xen/io/netif.h");

static volatile uint32_t ends[3];

static struct request slot(const uint8_t *data, size_t at)
{
    struct request slot;
    memcpy(&slot, data + sizeof(slot) * at, sizeof(slot));
    return slot;
}

// Reads the extra infos behind a first slot; returns where the next slot is, 0 for a guest that is to be cut off.
static size_t skip_extras(const uint8_t *data, size_t at, size_t count)
{
    struct extra info;
    do {
        if (at == count)
            return 0;
        memcpy(&info, data + sizeof(info) * at, sizeof(info));
        if (info.type == 0 || info.type > 5)
            return 0;
        if (info.type == 1 && (info.size == 0 || info.gso == 0 || info.gso > 2))
            return 0;
        at++;
    } while (info.flags & extra_more);
    return at;
}

// Judges the packet whose first slot is `at`, and goes on behind it.
static enum verdict judge(const uint8_t *data, size_t *at, size_t count)
{
    const struct request first = slot(data, (*at)++);
    enum verdict verdict = delivered;
    uint16_t left = first.size;
    size_t behind = 0;
    if (first.flags & extra_info && !(*at = skip_extras(data, *at, count)))
        return cut_off;
    for (uint16_t flags = first.flags; flags & more_data; behind++) {
        if (*at == count || behind >= fatal)
            return cut_off;
        const struct request next = slot(data, (*at)++);
        if (behind >= most || next.size > left)
            verdict = refused;
        left -= next.size;
        if (next.offset + next.size > page)
            return cut_off;
        flags = next.flags;
    }
    if (verdict == refused || left < header)
        return refused;
    return first.offset + left > page ? cut_off : delivered;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
#ifndef EMPTY
    size_t at = 0;
    const size_t count = size / sizeof(struct request);
    while (at < count) {
        const enum verdict verdict = judge(data, &at, count);
        ends[verdict]++;
        if (verdict == cut_off)
            break;
    }
#else
    (void)data, (void)size;
#endif
    return 0;
}

#ifdef STILL
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
    (void)data, (void)room, (void)seed;
    return size;
}
#endif
