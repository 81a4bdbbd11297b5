#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define __XEN_INTERFACE_VERSION__ 0x00040e00
#define xen_mb() __sync_synchronize()
#define xen_rmb() __sync_synchronize()
#define xen_wmb() __sync_synchronize()
#include <xen/io/netif.h>

#include "ring_reference.h"

enum { PAGE_OCTETS = 4096 };

/* Runs STATEMENT with `ring` as the C half named SIDE of HALF, and stores its indices back. */
#define WITH_RING_OF(TAG, SIDE, PRODUCER, CONSUMER, HALF, STATEMENT)                               \
    do {                                                                                           \
        TAG##_##SIDE##_ring_t c_half, *ring = &c_half;                                                 \
        memset(ring, 0, sizeof(*ring));                                                            \
        c_half.sring = (HALF)->page;                                                                 \
        c_half.nr_ents = __RING_SIZE(c_half.sring, PAGE_OCTETS);                                       \
        c_half.PRODUCER = (HALF)->producer;                                                          \
        c_half.CONSUMER = (HALF)->consumer;                                                          \
        STATEMENT;                                                                                 \
        producer = c_half.PRODUCER;                                                                  \
        consumer = c_half.CONSUMER;                                                                  \
    } while (0)

#define WITH_RING(SIDE, PRODUCER, CONSUMER, HALF, STATEMENT)                                       \
    uint32_t producer, consumer;                                                                   \
    switch ((HALF)->kind) {                                                                        \
    case REFERENCE_TX:                                                                             \
        WITH_RING_OF(netif_tx, SIDE, PRODUCER, CONSUMER, HALF, STATEMENT);                         \
        break;                                                                                     \
    case REFERENCE_RX:                                                                             \
        WITH_RING_OF(netif_rx, SIDE, PRODUCER, CONSUMER, HALF, STATEMENT);                         \
        break;                                                                                     \
    default:                                                                                       \
        WITH_RING_OF(xen_netif_ctrl, SIDE, PRODUCER, CONSUMER, HALF, STATEMENT);                   \
        break;                                                                                     \
    }                                                                                              \
    (void)producer;                                                                                \
    (void)consumer

#define WITH_FRONT(HALF, STATEMENT) WITH_RING(front, req_prod_pvt, rsp_cons, HALF, STATEMENT)
#define WITH_BACK(HALF, STATEMENT) WITH_RING(back, rsp_prod_pvt, req_cons, HALF, STATEMENT)
#define KEEP(HALF) ((HALF)->producer = producer, (HALF)->consumer = consumer)

struct reference_half reference_attach(enum reference_kind kind, void *page, uint32_t index)
{
    return (struct reference_half){.page = page, .producer = index, .consumer = index, .kind = kind};
}

struct reference_half reference_front_init(enum reference_kind kind, void *page)
{
    struct reference_half fresh = reference_attach(kind, page, 0), *half = &fresh;
    WITH_FRONT(half, XEN_FRONT_RING_INIT(ring, ring->sring, PAGE_OCTETS));
    KEEP(half);
    return fresh;
}

uint32_t reference_capacity(enum reference_kind kind)
{
    switch (kind) {
    case REFERENCE_TX:
        return __CONST_RING_SIZE(netif_tx, PAGE_OCTETS);
    case REFERENCE_RX:
        return __CONST_RING_SIZE(netif_rx, PAGE_OCTETS);
    default:
        return __CONST_RING_SIZE(xen_netif_ctrl, PAGE_OCTETS);
    }
}

void reference_put_request(struct reference_half *front, const uint32_t *words)
{
    WITH_FRONT(front, {
        void *slot = RING_GET_REQUEST(ring, ring->req_prod_pvt);
        memcpy(slot, words, sizeof(*RING_GET_REQUEST(ring, 0)));
        ring->req_prod_pvt++;
    });
    KEEP(front);
}

void reference_put_response(struct reference_half *back, const uint32_t *words)
{
    WITH_BACK(back, {
        void *slot = RING_GET_RESPONSE(ring, ring->rsp_prod_pvt);
        memcpy(slot, words, sizeof(*RING_GET_RESPONSE(ring, 0)));
        ring->rsp_prod_pvt++;
    });
    KEEP(back);
}

void reference_put_status(struct reference_half *back, int16_t status)
{
    uint32_t producer, consumer;
    WITH_RING_OF(netif_tx, back, rsp_prod_pvt, req_cons, back, {
        RING_GET_RESPONSE(ring, ring->rsp_prod_pvt)->status = status;
        ring->rsp_prod_pvt++;
    });
    KEEP(back);
}

void reference_take_request(struct reference_half *back, uint32_t *words)
{
    WITH_BACK(back, {
        __typeof__(ring->sring->ring[0].req) request;
        RING_COPY_REQUEST(ring, ring->req_cons, &request);
        memcpy(words, &request, sizeof(request));
        ring->req_cons++;
    });
    KEEP(back);
}

void reference_take_response(struct reference_half *front, uint32_t *words)
{
    WITH_FRONT(front, {
        __typeof__(ring->sring->ring[0].rsp) response;
        RING_COPY_RESPONSE(ring, ring->rsp_cons, &response);
        memcpy(words, &response, sizeof(response));
        ring->rsp_cons++;
    });
    KEEP(front);
}

uint32_t reference_unconsumed_requests(const struct reference_half *back)
{
    uint32_t count;
    WITH_BACK(back, count = XEN_RING_NR_UNCONSUMED_REQUESTS(ring));
    return count;
}

uint32_t reference_unconsumed_responses(const struct reference_half *front)
{
    uint32_t count;
    WITH_FRONT(front, count = XEN_RING_NR_UNCONSUMED_RESPONSES(ring));
    return count;
}

uint32_t reference_free_requests(const struct reference_half *front)
{
    uint32_t count;
    WITH_FRONT(front, count = RING_FREE_REQUESTS(ring));
    return count;
}

bool reference_request_overflow(const struct reference_half *back)
{
    bool overflow;
    WITH_BACK(back, overflow = RING_REQUEST_PROD_OVERFLOW(ring, ring->sring->req_prod));
    return overflow;
}

bool reference_response_overflow(const struct reference_half *front)
{
    bool overflow;
    WITH_FRONT(front, overflow = RING_RESPONSE_PROD_OVERFLOW(ring, ring->sring->rsp_prod));
    return overflow;
}

bool reference_push_requests(struct reference_half *front)
{
    bool notify;
    WITH_FRONT(front, RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(ring, notify));
    return notify;
}

bool reference_push_responses(struct reference_half *back)
{
    bool notify;
    WITH_BACK(back, RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(ring, notify));
    return notify;
}

bool reference_final_check_requests(struct reference_half *back)
{
    uint32_t work;
    WITH_BACK(back, RING_FINAL_CHECK_FOR_REQUESTS(ring, work));
    return work != 0;
}

bool reference_final_check_responses(struct reference_half *front)
{
    uint32_t work;
    WITH_FRONT(front, RING_FINAL_CHECK_FOR_RESPONSES(ring, work));
    return work != 0;
}
