/// What every C program of a scenario has in common.
enum ProgramText {
  /// What is said of it behind its name, up to what the guest does.
  static let remark = #"""
    what a guest sent, as a frontend of its own. Made by `ringside show --as c`.
     *
     *     cc FILE -lxengnttab -lxenevtchn -lxenstore
     *     ./a.out [DIRECTORY]
     *
     * DIRECTORY is the frontend's in xenstore; device/vif/0 if none is said. A toolstack has made it
     * and the backend's, no other frontend serves it, and the backend's interface is up.
     *
     * Each answer is printed as `slot N: status S`. N counts slots from the first, S is 0 for OKAY,
     * -1 for ERROR, -2 for DROPPED, 1 for the NULL of an extra info. It ends with 0 if the answers are
     * those that must come, with 1 if not, with 2 if it does not come that far.
     *
     * What the guest does, and behind # what must come of it:
     *

    """#

  /// Headers, and what `wanted` consists of.
  static let head = #"""
    #include <stdbool.h>
    #include <stdint.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <unistd.h>
    #include <xenevtchn.h>
    #include <xengnttab.h>
    #include <xenstore.h>

    enum { page_size = 4096, data_pages = 16, slot_count = 256, slot_words = 3, first_slot = 16 };
    /* Words of a ring's page in front of its slots. */
    enum { request_producer, request_event, response_producer, response_event };
    /* Milliseconds that the backend may take for anything. For answers that must not come: behind
       others, and where none is to come. */
    enum { patience = 60000, grace = 100, silence = 2000 };

    struct answer {
        uint16_t slot;
        int16_t status;
    };

    """#

  /// The life of a frontend: its directory, rings and pages.
  static let frontend = #"""
    static struct xs_handle *store;
    static const char *frontend = "device/vif/0";
    static char *backend;
    static uint32_t domain;
    static xenevtchn_handle *events;
    static int port;
    static uint32_t *rings, references[2 + data_pages];
    static uint8_t *pages;
    static uint32_t next, answered;
    static unsigned expected;
    static bool met[sizeof(wanted) / sizeof(wanted[0])], differs;

    static _Noreturn void fail(const char *what, const char *why)
    {
        fprintf(stderr, "%s: %s\n", what, why);
        exit(2);
    }

    static char *value(const char *directory, const char *name)
    {
        char path[512];
        snprintf(path, sizeof(path), "%s/%s", directory, name);
        return xs_read(store, XBT_NULL, path, NULL);
    }

    static void write_key(const char *name, uint32_t number)
    {
        char path[512], text[16];
        snprintf(path, sizeof(path), "%s/%s", frontend, name);
        snprintf(text, sizeof(text), "%u", number);
        if (!xs_write(store, XBT_NULL, path, text, (unsigned)strlen(text)))
            fail(path, "cannot be written");
    }

    static void remove_key(const char *name)
    {
        char path[512];
        snprintf(path, sizeof(path), "%s/%s", frontend, name);
        xs_rm(store, XBT_NULL, path);
    }

    static void wait_for_backend(int state, int or_state)
    {
        for (int waited = 0; waited < patience; waited += 10) {
            char *text = value(backend, "state");
            const int now = text ? atoi(text) : 0;
            free(text);
            if (now == state || now == or_state)
                return;
            usleep(10 * 1000);
        }
        fail(backend, state == 2 ? "not in state 2: is a backend there?" : "does not follow");
    }

    static void begin_ring(uint32_t *ring, uint32_t index)
    {
        memset(ring, 0, page_size);
        ring[request_producer] = ring[response_producer] = index;
        ring[request_event] = ring[response_event] = index + 1;
    }

    static void join(void)
    {
        write_key("state", 1);
        wait_for_backend(2, 2);
        begin_ring(rings, start);
        begin_ring(rings + page_size / 4, 0);
        next = answered = start;
        port = xenevtchn_bind_unbound_port(events, domain);
        if (port < 0)
            fail("event channel", "cannot be made");
        remove_key("event-channel-tx");
        remove_key("event-channel-rx");
        remove_key("ctrl-ring-ref");
        write_key("tx-ring-ref", references[0]);
        write_key("rx-ring-ref", references[1]);
        write_key("event-channel", (uint32_t)port);
        write_key("multi-queue-num-queues", 1);
        write_key("request-rx-copy", 1);
        write_key("feature-rx-notify", 1);
        write_key("feature-sg", 1);
        write_key("state", 4);
        wait_for_backend(4, 4);
    }

    static void leave(void)
    {
        write_key("state", 5);
        wait_for_backend(5, 6);
        write_key("state", 6);
        wait_for_backend(6, 6);
        xenevtchn_unbind(events, (evtchn_port_t)port);
    }

    static void prepare(void)
    {
        store = xs_open(0);
        if (!store)
            fail("xenstore", "cannot be opened");
        backend = value(frontend, "backend");
        char *text = value(frontend, "backend-id");
        if (!backend || !text)
            fail(frontend, "names no backend; a toolstack makes a vif's directories");
        domain = (uint32_t)atoi(text);
        free(text);
        events = xenevtchn_open(NULL, 0);
        if (!events)
            fail("/dev/xen/evtchn", "cannot be opened");
        xengntshr_handle *grants = xengntshr_open(NULL, 0);
        if (!grants)
            fail("/dev/xen/gntalloc", "cannot be opened");
        rings = xengntshr_share_pages(grants, domain, 2, references, 1);
        pages = xengntshr_share_pages(grants, domain, data_pages, references + 2, 0);
        if (!rings || !pages)
            fail("/dev/xen/gntalloc", "grants no more pages");
        memset(pages, 0, data_pages * page_size);
    }

    """#

  static let main = #"""
    int main(int count, char **words)
    {
        if (count > 1)
            frontend = words[1];
        prepare();
        join();
        play();
        collect(0);
        printf("%u of %u slots answered\n", answered - start, next - start);
        fflush(stdout);
        leave();
        return differs;
    }

    """#
}
