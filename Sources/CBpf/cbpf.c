#define _GNU_SOURCE
#include "CBpf.h"

#include "library.h"
#include "log.h"
#include "targets.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAXIMUM_LINKS 64

struct cbpf {
  void *handle;
  struct library library;
  struct bpf_object *object;
  struct ring_buffer *ring;
  struct bpf_link *links[MAXIMUM_LINKS];
  size_t link_count;
  cbpf_record record;
  void *context;
};

static int sample(void *context, void *octets, size_t count) {
  cbpf *tap = context;
  if (tap->record) tap->record(tap->context, octets, count);
  return 0;
}

static struct bpf_map *map_named(cbpf *tap, const char *part) {
  struct bpf_map *map = NULL;
  while ((map = tap->library.bpf_object__next_map(tap->object, map))) {
    if (strstr(tap->library.bpf_map__name(map), part)) return map;
  }
  return NULL;
}

int cbpf_open(const void *object, size_t count, cbpf **result, char message[CBPF_MESSAGE]) {
  static const char *const types[] = {"/sys/kernel/btf/vmlinux", "/sys/kernel/btf/" TARGET_MODULE};
  for (size_t i = 0; i < 2; i++) {
    if (access(types[i], R_OK) == 0) continue;
    log_say(message, types[i], strlen(types[i]));
    return errno == EACCES ? CBPF_NOT_PERMITTED : CBPF_NO_TYPES;
  }
  // It stays when it is closed: it holds our handlers.
  void *handle = dlopen("libbpf.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!handle) {
    log_say(message, "libbpf.so.1", 11);
    return CBPF_NO_LIBRARY;
  }
  cbpf *tap = calloc(1, sizeof *tap);
  if (!tap) {
    dlclose(handle);
    log_say(message, "out of memory", 13);
    return CBPF_FAILED;
  }
  tap->handle = handle;
#define FIND(type, name, arguments)                                        \
  *(void **)&tap->library.name = dlsym(handle, #name);                     \
  if (!tap->library.name) {                                                \
    snprintf(message, CBPF_MESSAGE, "libbpf.so.1 without %s", #name);      \
    cbpf_close(tap);                                                       \
    return CBPF_NO_LIBRARY;                                                \
  }
  FUNCTIONS(FIND)
#undef FIND
  log_clear();
  tap->library.libbpf_set_print(log_keep);
  if (targets_begin(&tap->library)) {
    log_say(message, "libbpf.so.1 takes no handlers", 29);
    cbpf_close(tap);
    return CBPF_FAILED;
  }
  struct open_options options = {sizeof options, "tap"};
  tap->object = tap->library.bpf_object__open_mem(object, count, &options);
  if (!tap->object) {
    int code = log_explain(errno, message);
    cbpf_close(tap);
    return code;
  }
  *result = tap;
  return CBPF_OK;
}

int cbpf_set_constant(cbpf *tap, size_t index, uint32_t value) {
  size_t count = 0;
  struct bpf_map *map = map_named(tap, ".rodata");
  uint32_t *values = map ? tap->library.bpf_map__initial_value(map, &count) : NULL;
  if (!values || (index + 1) * sizeof value > count) return CBPF_FAILED;
  values[index] = value;
  return CBPF_OK;
}

void cbpf_leave_out(cbpf *tap, const char *prefix) {
  struct bpf_program *program = NULL;
  while ((program = tap->library.bpf_object__next_program(tap->object, program))) {
    if (strncmp(tap->library.bpf_program__name(program), prefix, strlen(prefix)) == 0)
      tap->library.bpf_program__set_autoload(program, 0);
  }
}

int cbpf_start(cbpf *tap, uint32_t ring_octets, char message[CBPF_MESSAGE]) {
  struct bpf_map *events = map_named(tap, "events"), *control = map_named(tap, ".bss.control");
  if (!events || !control || tap->library.bpf_map__set_max_entries(events, ring_octets)) {
    log_say(message, "the object lacks its maps", 25);
    return CBPF_FAILED;
  }
  int error = tap->library.bpf_object__load(tap->object);
  targets_end();
  if (error) return log_explain(error, message);
  tap->ring = tap->library.ring_buffer__new(tap->library.bpf_map__fd(events), sample, tap, NULL);
  if (!tap->ring) return log_explain(errno, message);
  struct bpf_program *program = NULL;
  while ((program = tap->library.bpf_object__next_program(tap->object, program))) {
    if (tap->library.bpf_program__fd(program) < 0) continue;  // left out
    struct bpf_link *link = tap->link_count < MAXIMUM_LINKS ? tap->library.bpf_program__attach(program) : NULL;
    if (!link) return log_explain(errno, message);
    tap->links[tap->link_count++] = link;
  }
  return CBPF_OK;
}

int cbpf_begin_round(cbpf *tap, uint32_t round) {
  uint32_t key = 0;
  struct bpf_map *control = map_named(tap, ".bss.control");
  return control && tap->library.bpf_map_update_elem(tap->library.bpf_map__fd(control), &key, &round, 0) == 0
             ? CBPF_OK
             : CBPF_FAILED;
}

long cbpf_consume(cbpf *tap, cbpf_record record, void *context) {
  tap->record = record;
  tap->context = context;
  long count = tap->library.ring_buffer__consume(tap->ring);
  tap->record = NULL;
  tap->context = NULL;
  return count;
}

int cbpf_counters(cbpf *tap, uint64_t *counters, size_t count) {
  uint64_t values[64];
  uint32_t key = 0;
  struct bpf_map *map = map_named(tap, ".bss.counters");
  if (!map || count > 64 || tap->library.bpf_map__value_size(map) > sizeof values ||
      tap->library.bpf_map__value_size(map) < count * sizeof *counters) {
    return CBPF_FAILED;
  }
  if (tap->library.bpf_map_lookup_elem(tap->library.bpf_map__fd(map), &key, values)) return CBPF_FAILED;
  memcpy(counters, values, count * sizeof *counters);
  return CBPF_OK;
}

// What the kernel says of the next program; all 0 where it says nothing.
static struct bpf_program *next_program(cbpf *tap, struct bpf_program *program, struct bpf_prog_info *info) {
  uint32_t size = sizeof *info;
  memset(info, 0, sizeof *info);
  program = tap->library.bpf_object__next_program(tap->object, program);
  if (program && tap->library.bpf_obj_get_info_by_fd(tap->library.bpf_program__fd(program), info, &size))
    memset(info, 0, sizeof *info);
  return program;
}

uint64_t cbpf_missed_calls(cbpf *tap) {
  uint64_t missed = 0;
  struct bpf_program *program = NULL;
  struct bpf_prog_info info;
  while ((program = next_program(tap, program, &info))) missed += info.recursion_misses;
  return missed;
}

int cbpf_measure(cbpf *tap) {
  // Measured as long as the descriptor is open.
  static int file = -1;
  if (file < 0) file = tap->library.bpf_enable_stats(BPF_STATS_RUN_TIME);
  return file < 0 ? CBPF_FAILED : CBPF_OK;
}

void cbpf_run_time(cbpf *tap, uint64_t *calls, uint64_t *nanoseconds) {
  struct bpf_program *program = NULL;
  struct bpf_prog_info info;
  *calls = *nanoseconds = 0;
  while ((program = next_program(tap, program, &info))) {
    *calls += info.run_cnt;
    *nanoseconds += info.run_time_ns;
  }
}

int cbpf_read_through(const char *path) {
  char octets[4096];
  ssize_t count;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return CBPF_FAILED;
  do count = read(file, octets, sizeof octets);
  while (count > 0);
  close(file);
  return count < 0 ? CBPF_FAILED : CBPF_OK;
}

void cbpf_close(cbpf *tap) {
  if (!tap) return;
  for (size_t i = 0; i < tap->link_count; i++) tap->library.bpf_link__destroy(tap->links[i]);
  if (tap->ring) tap->library.ring_buffer__free(tap->ring);
  if (tap->object) tap->library.bpf_object__close(tap->object);
  dlclose(tap->handle);
  free(tap);
}
