// LTTng-UST's tracepoint for what an event of ours says: its fields, and its payload as octets of any number. LTTng adds the
// time by itself.
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER ringside

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "./events.h"

#if !defined(EVENTS_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define EVENTS_H

#include <lttng/tracepoint.h>
#include <stdint.h>

LTTNG_UST_TRACEPOINT_EVENT(
    ringside, event,
    LTTNG_UST_TP_ARGS(uint8_t, kind, uint8_t, origin, uint16_t, queue, const uint32_t *, field,
                      const uint8_t *, payload, uint32_t, count),
    LTTNG_UST_TP_FIELDS(
        lttng_ust_field_integer(uint8_t, kind, kind)
        lttng_ust_field_integer(uint8_t, origin, origin)
        lttng_ust_field_integer(uint16_t, queue, queue)
        lttng_ust_field_array(uint32_t, field, field, 6)
        lttng_ust_field_sequence(uint8_t, payload, payload, uint32_t, count)))

#endif

#include <lttng/tracepoint-event.h>
