#define _GNU_SOURCE
#include "linux_packets.h"
#include "linux_tap.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <sys/socket.h>

int linux_packets_open(void) {
  const int opened = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
  // A burst of one ring: 256 frames of up to 64 KiB, which the kernel accounts for twice.
  const int room = 64 << 20;
  if (opened >= 0) (void)setsockopt(opened, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  return opened;
}

int64_t linux_packets_take(int socket, void *octets, uint64_t room, uint32_t *interface) {
  for (;;) {
    struct sockaddr_ll from;
    socklen_t size = sizeof from;
    const ssize_t length = recvfrom(socket, octets, room, MSG_TRUNC, (struct sockaddr *)&from, &size);
    if (length < 0) return -1;
    if (from.sll_pkttype == PACKET_OUTGOING) continue;
    *interface = (uint32_t)from.sll_ifindex;
    return length;
  }
}

uint32_t linux_interface_up(const char *name) {
  return linux_interface_set_up(name) == 0 ? if_nametoindex(name) : 0;
}
