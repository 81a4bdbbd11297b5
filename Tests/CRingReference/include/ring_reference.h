/* The ring macros of xen/io/ring.h as functions, and the numbers of xen/io/netif.h by name. */
#ifndef RING_REFERENCE_H
#define RING_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

enum reference_kind { REFERENCE_TX, REFERENCE_RX, REFERENCE_CONTROL };

/* One half of a ring: the C front ring's req_prod_pvt and rsp_cons, or the back ring's
 * rsp_prod_pvt and req_cons. */
struct reference_half {
    void *page;
    uint32_t producer;
    uint32_t consumer;
    enum reference_kind kind;
};

/* XEN_FRONT_RING_INIT, FRONT_RING_ATTACH, BACK_RING_ATTACH. */
struct reference_half reference_front_init(enum reference_kind kind, void *page);
struct reference_half reference_attach(enum reference_kind kind, void *page, uint32_t index);

/* RING_SIZE of one page. */
uint32_t reference_capacity(enum reference_kind kind);

/* RING_GET_REQUEST at req_prod_pvt++, RING_GET_RESPONSE at rsp_prod_pvt++. */
void reference_put_request(struct reference_half *front, const uint32_t *words);
void reference_put_response(struct reference_half *back, const uint32_t *words);
/* The status alone of the next TX response, as Linux answers an extra info. */
void reference_put_status(struct reference_half *back, int16_t status);

/* RING_COPY_REQUEST at req_cons++, RING_COPY_RESPONSE at rsp_cons++. */
void reference_take_request(struct reference_half *back, uint32_t *words);
void reference_take_response(struct reference_half *front, uint32_t *words);

/* XEN_RING_NR_UNCONSUMED_REQUESTS and _RESPONSES, RING_FREE_REQUESTS. */
uint32_t reference_unconsumed_requests(const struct reference_half *back);
uint32_t reference_unconsumed_responses(const struct reference_half *front);
uint32_t reference_free_requests(const struct reference_half *front);

/* RING_REQUEST_PROD_OVERFLOW and RING_RESPONSE_PROD_OVERFLOW of what the page says. */
bool reference_request_overflow(const struct reference_half *back);
bool reference_response_overflow(const struct reference_half *front);

/* RING_PUSH_..._AND_CHECK_NOTIFY. */
bool reference_push_requests(struct reference_half *front);
bool reference_push_responses(struct reference_half *back);

/* RING_FINAL_CHECK_FOR_... */
bool reference_final_check_requests(struct reference_half *back);
bool reference_final_check_responses(struct reference_half *front);

/* A size, an offset or a constant of the headers, by name; false for a name it does not know. */
bool reference_number(const char *name, int64_t *value);

#endif
