// One module for all of Xen: the headers disagree with each other when split over several.
// The interface version makes the grant table's v1 names visible.
#define __XEN_INTERFACE_VERSION__ 0x00040e00
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <xengnttab.h>
#include <xenevtchn.h>
#include <xenstore.h>
#include <xen/io/netif.h>
#include <xen/io/xenbus.h>
