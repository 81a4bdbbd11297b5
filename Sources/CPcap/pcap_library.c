#include "pcap_library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

static struct pcap_library library;
static bool is_complete;
static pthread_once_t once = PTHREAD_ONCE_INIT;

#define ENTRY(NAME) {"pcap_" #NAME, offsetof(struct pcap_library, NAME)}

static void load(void)
{
    static const struct {
        const char *symbol;
        size_t place;
    } entries[] = {
        ENTRY(create),
        ENTRY(set_snaplen),
        ENTRY(set_promisc),
        ENTRY(set_immediate_mode),
        ENTRY(set_buffer_size),
        ENTRY(activate),
        ENTRY(setdirection),
        ENTRY(setnonblock),
        ENTRY(get_selectable_fd),
        ENTRY(next_ex),
        ENTRY(inject),
        ENTRY(stats),
        ENTRY(close),
        ENTRY(datalink),
        ENTRY(open_offline_with_tstamp_precision),
        ENTRY(open_dead_with_tstamp_precision),
        ENTRY(dump_open),
        ENTRY(dump),
        ENTRY(dump_flush),
        ENTRY(dump_close),
    };
    void *handle = dlopen("libpcap.so.0.8", RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        handle = dlopen("libpcap.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return;
    for (size_t index = 0; index < sizeof(entries) / sizeof(entries[0]); index++) {
        void *function = dlsym(handle, entries[index].symbol);
        if (!function)
            return;
        *(void **)((char *)&library + entries[index].place) = function;
    }
    is_complete = true;
}

const struct pcap_library *pcap_library_load(void)
{
    pthread_once(&once, load);
    return is_complete ? &library : NULL;
}
