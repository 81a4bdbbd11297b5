// One module for all of Xen: the headers disagree with each other when split over several.
// The interface version makes the grant table's v1 names visible.
#define __XEN_INTERFACE_VERSION__ 0x00040e00
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <xengnttab.h>
#include <xenevtchn.h>
#include <xen/io/netif.h>
#include <xen/io/xenbus.h>
#include <xen/io/xs_wire.h>

// The version of the libraries where they are linked into the program, which whoever links it says (Scripts/dist).
#ifndef RINGSIDE_LIBXEN
#define RINGSIDE_LIBXEN ""
#endif
#define XEN_BUILT_IN RINGSIDE_LIBXEN

// A logger that says nothing. Without one the libraries write a line to stderr for every refused
// call, and a guest decides how many of those there are; our callers see each as an error.
#include <xentoollog.h>
static inline void xen_quiet_message(struct xentoollog_logger *logger, xentoollog_level level,
                                     int error, const char *context, const char *format,
                                     va_list arguments) {}
static inline void xen_quiet_destroy(struct xentoollog_logger *logger) {}
static inline struct xentoollog_logger *xen_quiet_logger(void) {
  static struct xentoollog_logger logger = {xen_quiet_message, NULL, xen_quiet_destroy};
  return &logger;
}
