#include <linux/virtio_net.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define __XEN_INTERFACE_VERSION__ 0x00040e00
#include <xen/io/netif.h>
#include <xen/io/xenbus.h>

#include "ring_reference.h"

#define SIZE(TYPE) {#TYPE, sizeof(struct TYPE)}
#define FIELD(TYPE, FIELD)                                                                         \
    {#TYPE "." #FIELD, offsetof(struct TYPE, FIELD)},                                              \
    {                                                                                              \
        #TYPE "." #FIELD ".size", sizeof(((struct TYPE *)0)->FIELD)                                \
    }
#define VALUE(CONSTANT) {#CONSTANT, CONSTANT}

static const struct {
    const char *name;
    int64_t value;
} numbers[] = {
    SIZE(netif_tx_request),
    FIELD(netif_tx_request, gref),
    FIELD(netif_tx_request, offset),
    FIELD(netif_tx_request, flags),
    FIELD(netif_tx_request, id),
    FIELD(netif_tx_request, size),
    SIZE(netif_tx_response),
    FIELD(netif_tx_response, id),
    FIELD(netif_tx_response, status),
    SIZE(netif_rx_request),
    FIELD(netif_rx_request, id),
    FIELD(netif_rx_request, gref),
    SIZE(netif_rx_response),
    FIELD(netif_rx_response, id),
    FIELD(netif_rx_response, offset),
    FIELD(netif_rx_response, flags),
    FIELD(netif_rx_response, status),
    SIZE(xen_netif_ctrl_request),
    FIELD(xen_netif_ctrl_request, id),
    FIELD(xen_netif_ctrl_request, type),
    FIELD(xen_netif_ctrl_request, data[0]),
    FIELD(xen_netif_ctrl_request, data[1]),
    FIELD(xen_netif_ctrl_request, data[2]),
    SIZE(xen_netif_ctrl_response),
    FIELD(xen_netif_ctrl_response, id),
    FIELD(xen_netif_ctrl_response, type),
    FIELD(xen_netif_ctrl_response, status),
    FIELD(xen_netif_ctrl_response, data),
    SIZE(xen_netif_gref),
    FIELD(xen_netif_gref, ref),
    FIELD(xen_netif_gref, flags),
    FIELD(xen_netif_gref, status),
    SIZE(netif_extra_info),
    FIELD(netif_extra_info, type),
    FIELD(netif_extra_info, flags),
    FIELD(netif_extra_info, u.gso.size),
    FIELD(netif_extra_info, u.gso.type),
    FIELD(netif_extra_info, u.mcast.addr),
    FIELD(netif_extra_info, u.hash.type),
    FIELD(netif_extra_info, u.hash.algorithm),
    FIELD(netif_extra_info, u.hash.value),
    FIELD(netif_tx_sring, req_prod),
    FIELD(netif_tx_sring, req_event),
    FIELD(netif_tx_sring, rsp_prod),
    FIELD(netif_tx_sring, rsp_event),
    FIELD(netif_tx_sring, ring),
    FIELD(netif_rx_sring, ring),
    FIELD(xen_netif_ctrl_sring, ring),
    VALUE(XEN_NETIF_CTRLF_GREF_readonly),
    VALUE(XEN_NETIF_CTRL_TYPE_GET_GREF_MAPPING_SIZE),
    VALUE(XEN_NETIF_CTRL_TYPE_ADD_GREF_MAPPING),
    VALUE(XEN_NETIF_CTRL_TYPE_DEL_GREF_MAPPING),
    VALUE(XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER),
    VALUE(NETTXF_csum_blank),
    VALUE(NETTXF_data_validated),
    VALUE(NETTXF_more_data),
    VALUE(NETTXF_extra_info),
    VALUE(NETRXF_data_validated),
    VALUE(NETRXF_csum_blank),
    VALUE(NETRXF_more_data),
    VALUE(NETRXF_extra_info),
    VALUE(NETIF_RSP_DROPPED),
    VALUE(NETIF_RSP_ERROR),
    VALUE(NETIF_RSP_OKAY),
    VALUE(NETIF_RSP_NULL),
    VALUE(XEN_NETIF_EXTRA_TYPE_GSO),
    VALUE(XEN_NETIF_EXTRA_TYPE_MCAST_ADD),
    VALUE(XEN_NETIF_EXTRA_TYPE_MCAST_DEL),
    VALUE(XEN_NETIF_EXTRA_TYPE_HASH),
    VALUE(XEN_NETIF_EXTRA_FLAG_MORE),
    VALUE(XEN_NETIF_GSO_TYPE_TCPV4),
    VALUE(XEN_NETIF_GSO_TYPE_TCPV6),
    VALUE(XEN_NETIF_NR_SLOTS_MIN),
    VALUE(XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED),
    VALUE(XenbusStateUnknown),
    VALUE(XenbusStateInitialising),
    VALUE(XenbusStateInitWait),
    VALUE(XenbusStateInitialised),
    VALUE(XenbusStateConnected),
    VALUE(XenbusStateClosing),
    VALUE(XenbusStateClosed),
    VALUE(XenbusStateReconfiguring),
    VALUE(XenbusStateReconfigured),
    SIZE(virtio_net_hdr),
    FIELD(virtio_net_hdr, flags),
    FIELD(virtio_net_hdr, gso_type),
    FIELD(virtio_net_hdr, hdr_len),
    FIELD(virtio_net_hdr, gso_size),
    FIELD(virtio_net_hdr, csum_start),
    FIELD(virtio_net_hdr, csum_offset),
    VALUE(VIRTIO_NET_HDR_F_NEEDS_CSUM),
    VALUE(VIRTIO_NET_HDR_F_DATA_VALID),
    VALUE(VIRTIO_NET_HDR_GSO_NONE),
    VALUE(VIRTIO_NET_HDR_GSO_TCPV4),
    VALUE(VIRTIO_NET_HDR_GSO_UDP),
    VALUE(VIRTIO_NET_HDR_GSO_TCPV6),
};

bool reference_number(const char *name, int64_t *value)
{
    for (size_t index = 0; index < sizeof(numbers) / sizeof(numbers[0]); index++) {
        if (strcmp(numbers[index].name, name) == 0) {
            *value = numbers[index].value;
            return true;
        }
    }
    return false;
}
