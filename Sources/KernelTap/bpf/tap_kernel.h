// SPDX-License-Identifier: MIT OR GPL-2.0
//
// The little that the tap needs of the BPF helper interface and of the kernel's types. The structs name fields only;
// the loader finds their offsets in the running kernel's type information (CO-RE), and refuses where one is missing.
#ifndef TAP_KERNEL_H
#define TAP_KERNEL_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;

#define SECTION(name) __attribute__((section(name), used))
#define INLINE static inline __attribute__((always_inline))
#define NOINLINE static __attribute__((noinline))
// Not static: the verifier looks at such a function once for each program, and not once for each call.
#define GLOBAL __attribute__((noinline))

// Helpers, by the numbers of the kernel's uapi.
static void *(*bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static u64 (*bpf_ktime_get_ns)(void) = (void *)5;
static u32 (*bpf_get_smp_processor_id)(void) = (void *)8;
static u64 (*bpf_get_current_pid_tgid)(void) = (void *)14;
static long (*bpf_probe_read_kernel)(void *to, u32 size, const void *from) = (void *)113;
static long (*bpf_ringbuf_output)(void *ring, void *data, u64 size, u64 flags) = (void *)130;
static long (*bpf_loop)(u32 count, void *callback, void *context, u64 flags) = (void *)181;
static long (*bpf_get_func_arg)(void *context, u32 number, u64 *value) = (void *)183;
static long (*bpf_get_func_ret)(void *context, u64 *value) = (void *)184;

// Hides a value's history from the compiler, which otherwise drops or moves the bounds check that the verifier must see.
#define OPAQUE(value) asm volatile("" : "+r"(value))

#define BPF_MAP_TYPE_ARRAY 2
#define BPF_MAP_TYPE_RINGBUF 27
#define BPF_RB_NO_WAKEUP 1

#define MAP_UINT(name, value) int(*name)[value]
#define MAP_TYPE(name, type) type *name

// CO-RE: offsets, sizes and bit fields of the running kernel's structs.
#define OFFSET(type, field) __builtin_preserve_field_info(((struct type *)0)->field, 0)
#define FIELD_SIZE(type, field) __builtin_preserve_field_info(((struct type *)0)->field, 1)
#define LEFT_SHIFT(type, field) __builtin_preserve_field_info(((struct type *)0)->field, 4)
#define RIGHT_SHIFT(type, field) __builtin_preserve_field_info(((struct type *)0)->field, 5)
#define TYPE_SIZE(type) __builtin_preserve_type_info(*(struct type *)0, 1)
#define READ(to, base, type, field) \
  bpf_probe_read_kernel(&(to), sizeof(to), (void *)((base) + OFFSET(type, field)))
#define READ_BITS(to, base, type, field)                                                            \
  do {                                                                                              \
    u64 bits = 0;                                                                                   \
    bpf_probe_read_kernel(&bits, FIELD_SIZE(type, field), (void *)((base) + OFFSET(type, field)));  \
    bits <<= LEFT_SHIFT(type, field);                                                               \
    (to) = bits >> RIGHT_SHIFT(type, field);                                                        \
  } while (0)

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head {
  void *next;
};

struct sk_buff_head {
  void *next;
  u32 qlen;
};

struct sk_buff {
  void *next;
  void *dev;
  unsigned char *head;
  unsigned char *data;
  u32 len;
  u32 data_len;
  u32 end;
  u16 mac_header;
  u16 protocol;
  u32 hash;
  u8 ip_summed : 2;
  u8 l4_hash : 1;
  u8 sw_hash : 1;
};

struct bio_vec {
  void *bv_page;
  u32 bv_len;
  u32 bv_offset;
};

struct skb_shared_info {
  u8 nr_frags;
  u16 gso_size;
  u32 gso_type;
  void *frag_list;
  struct bio_vec frags[0];
};

struct page {
  unsigned long flags;
};

struct net_device {
  void *netdev_ops;
};

struct napi_struct {
  unsigned long state;
};

struct xen_netif_tx_back_ring {
  u32 rsp_prod_pvt;
  u32 req_cons;
  void *sring;
};

struct xen_netif_rx_back_ring {
  u32 rsp_prod_pvt;
  u32 req_cons;
  void *sring;
};

struct xen_netif_ctrl_back_ring {
  u32 rsp_prod_pvt;
  u32 req_cons;
  void *sring;
};

struct xenvif_hash {
  u32 alg;
  u32 flags;
  u8 mapping_sel;
  u8 key[0];
  u32 mapping[0];  // two tables; type information knows one dimension only
  u32 size;
};

struct xenvif_mcast_addr {
  struct list_head entry;
  u8 addr[6];
};

struct gnttab_copy {
  s16 status;
};

struct gnttab_map_grant_ref {
  u64 host_addr;
};

struct gnttab_unmap_grant_ref {
  u64 host_addr;
};

struct xen_netif_tx_request {
  u32 gref;
};

struct ubuf_info_msgzc {
  u16 desc;
};

struct pending_tx_info {
  struct xen_netif_tx_request req;
  u32 extra_count;
  struct ubuf_info_msgzc callback_struct;
};

struct xenvif_copy_state {
  struct gnttab_copy op[0];
  u32 idx[0];
  u32 num;
};

struct xenvif_queue {
  u32 id;
  void *vif;
  struct napi_struct napi;
  struct xen_netif_tx_back_ring tx;
  struct sk_buff_head tx_queue;
  void *mmap_pages[0];
  u32 pending_prod;
  u32 pending_cons;
  u16 pending_ring[0];
  struct pending_tx_info pending_tx_info[0];
  u32 grant_tx_handle[0];
  struct gnttab_copy tx_copy_ops[0];
  struct gnttab_map_grant_ref tx_map_ops[0];
  struct gnttab_unmap_grant_ref tx_unmap_ops[0];
  void *pages_to_map[0];
  u32 dealloc_prod;
  u32 dealloc_cons;
  u16 dealloc_ring[0];
  struct xen_netif_rx_back_ring rx;
  struct sk_buff_head rx_queue;
  u32 rx_queue_len;
  u8 stalled;
  struct xenvif_copy_state rx_copy;
  u64 credit_bytes;
  u64 credit_usec;
  u64 remaining_credit;
  u8 rate_limited;
};

struct xenvif {
  u16 domid;
  u32 handle;
  u8 fe_dev_addr[6];
  struct list_head fe_mcast_addr;
  u32 fe_mcast_count;
  int gso_mask;
  u8 can_sg : 1;
  u8 ip_csum : 1;
  u8 ipv6_csum : 1;
  u8 multicast_control : 1;
  u16 xdp_headroom;
  u8 disabled;
  u64 status;
  void *queues;
  u32 num_queues;
  struct xenvif_hash hash;
  struct xen_netif_ctrl_back_ring ctrl;
  void *dev;
};

#pragma clang attribute pop

#endif
