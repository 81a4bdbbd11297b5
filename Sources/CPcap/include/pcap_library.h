// libpcap, found at run time: a machine without it can do everything else.
#ifndef RINGSIDE_PCAP_LIBRARY_H
#define RINGSIDE_PCAP_LIBRARY_H

#include <pcap/pcap.h>

#pragma clang assume_nonnull begin

// The functions of libpcap that are used, under their names without the prefix.
struct pcap_library {
  pcap_t *_Nullable (*_Nonnull create)(const char *device, char *error);
  int (*set_snaplen)(pcap_t *handle, int octets);
  int (*set_promisc)(pcap_t *handle, int on);
  int (*set_immediate_mode)(pcap_t *handle, int on);
  int (*set_buffer_size)(pcap_t *handle, int octets);
  int (*activate)(pcap_t *handle);
  int (*setdirection)(pcap_t *handle, pcap_direction_t direction);
  int (*setnonblock)(pcap_t *handle, int on, char *error);
  int (*get_selectable_fd)(pcap_t *handle);
  int (*next_ex)(pcap_t *handle, struct pcap_pkthdr *_Nullable *_Nonnull header,
                 const u_char *_Nullable *_Nonnull octets);
  int (*inject)(pcap_t *handle, const void *octets, size_t count);
  int (*stats)(pcap_t *handle, struct pcap_stat *counters);
  void (*close)(pcap_t *handle);
  int (*datalink)(pcap_t *handle);
  pcap_t *_Nullable (*_Nonnull open_offline_with_tstamp_precision)(const char *path, u_int precision,
                                                          char *error);
  pcap_t *_Nullable (*_Nonnull open_dead_with_tstamp_precision)(int link, int snaplen, u_int precision);
  pcap_dumper_t *_Nullable (*_Nonnull dump_open)(pcap_t *handle, const char *path);
  void (*dump)(u_char *dumper, const struct pcap_pkthdr *header, const u_char *octets);
  int (*dump_flush)(pcap_dumper_t *dumper);
  void (*dump_close)(pcap_dumper_t *dumper);
};

// Loads libpcap on the first call. NULL when it is not on this machine.
const struct pcap_library *_Nullable pcap_library_load(void);

#pragma clang assume_nonnull end

#endif
