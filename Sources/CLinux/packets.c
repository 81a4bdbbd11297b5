#define _GNU_SOURCE
#include "linux_packets.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

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
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, name, sizeof request.ifr_name - 1);
  const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (control < 0) return 0;
  int code = ioctl(control, SIOCGIFFLAGS, &request);
  request.ifr_flags |= IFF_UP;
  if (code == 0) code = ioctl(control, SIOCSIFFLAGS, &request);
  close(control);
  return code == 0 ? if_nametoindex(name) : 0;
}
