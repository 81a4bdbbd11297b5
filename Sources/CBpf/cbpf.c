#define _GNU_SOURCE
#include "CBpf.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What libbpf's headers would declare, as far as it is used here. The library's interface is stable within
// its major version.
struct bpf_object;
struct bpf_program;
struct bpf_map;
struct bpf_link;
struct ring_buffer;

struct open_options {
  size_t size;
  const char *object_name;
};

typedef int (*print_function)(int level, const char *format, va_list arguments);
typedef int (*sample_function)(void *context, void *octets, size_t count);

#define FUNCTIONS(X)                                                                                   \
  X(print_function, libbpf_set_print, (print_function))                                                \
  X(struct bpf_object *, bpf_object__open_mem, (const void *, size_t, const struct open_options *))    \
  X(int, bpf_object__load, (struct bpf_object *))                                                      \
  X(void, bpf_object__close, (struct bpf_object *))                                                    \
  X(struct bpf_map *, bpf_object__next_map, (const struct bpf_object *, const struct bpf_map *))       \
  X(struct bpf_program *, bpf_object__next_program, (const struct bpf_object *, struct bpf_program *)) \
  X(const char *, bpf_map__name, (const struct bpf_map *))                                             \
  X(int, bpf_map__fd, (const struct bpf_map *))                                                        \
  X(uint32_t, bpf_map__value_size, (const struct bpf_map *))                                           \
  X(int, bpf_map__set_max_entries, (struct bpf_map *, uint32_t))                                       \
  X(void *, bpf_map__initial_value, (struct bpf_map *, size_t *))                                      \
  X(int, bpf_map_lookup_elem, (int, const void *, void *))                                             \
  X(int, bpf_map_update_elem, (int, const void *, const void *, uint64_t))                             \
  X(int, bpf_program__fd, (const struct bpf_program *))                                                \
  X(const char *, bpf_program__name, (const struct bpf_program *))                                     \
  X(int, bpf_program__set_autoload, (struct bpf_program *, _Bool))                                     \
  X(struct bpf_link *, bpf_program__attach, (const struct bpf_program *))                              \
  X(int, bpf_link__destroy, (struct bpf_link *))                                                       \
  X(int, bpf_obj_get_info_by_fd, (int, void *, uint32_t *))                                            \
  X(struct ring_buffer *, ring_buffer__new, (int, sample_function, void *, const void *))              \
  X(int, ring_buffer__consume, (struct ring_buffer *))                                                 \
  X(void, ring_buffer__free, (struct ring_buffer *))

struct library {
#define DECLARE(result, name, arguments) result(*name) arguments;
  FUNCTIONS(DECLARE)
#undef DECLARE
};

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

// The loader tells what it misses in its log only. One load at a time, so one log will do.
static char log_text[1 << 16];
static size_t log_used;

static int keep_log(int level, const char *format, va_list arguments) {
  if (level != 0) return 0;  // warnings only
  // The end of a long verifier log matters; what does not fit pushes out the first half.
  if (log_used > sizeof log_text / 2) {
    size_t half = log_used / 2;
    memmove(log_text, log_text + half, log_used - half);
    log_used -= half;
  }
  int count = vsnprintf(log_text + log_used, sizeof log_text - log_used, format, arguments);
  if (count > 0) log_used += (size_t)count < sizeof log_text - log_used ? (size_t)count : sizeof log_text - log_used - 1;
  return 0;
}

static void say(char *message, const char *text, size_t count) {
  if (count >= CBPF_MESSAGE) count = CBPF_MESSAGE - 1;
  memcpy(message, text, count);
  message[count] = 0;
}

// The word behind `mark`, up to one of `ends`.
static int find_after(const char *mark, const char *ends, char *message) {
  const char *at = strstr(log_text, mark);
  if (!at) return 0;
  at += strlen(mark);
  size_t count = strcspn(at, ends);
  if (!count) return 0;
  say(message, at, count);
  return 1;
}

static int not_permitted(const char *why, char *message) {
  say(message, why, strlen(why));
  return CBPF_NOT_PERMITTED;
}

// Whether the kernel lets nobody read its memory. The verifier's words for it change from version to version.
static int is_locked_down(void) {
  char modes[64] = "";
  FILE *file = fopen("/sys/kernel/security/lockdown", "re");
  if (!file) return 0;
  int known = fgets(modes, sizeof modes, file) != NULL;
  fclose(file);
  return known && strstr(modes, "[confidentiality]") != NULL;
}

// Turns the loader's log into what a person needs to know.
static int explain(int error, char *message) {
  if (error < 0) error = -error;
  if (find_after("failed to find kernel BTF type ID of '", "'", message)) return CBPF_NO_SYMBOL;
  if (find_after("extern (ksym) '", "'", message)) return CBPF_NO_SYMBOL;
  const char *relocation = strstr(log_text, "CO-RE relocation <");
  if (relocation) {
    const char *name = strstr(relocation, "] ");
    if (name) {
      say(message, name + 2, strcspn(name + 2, " \n") + 0);
      // "struct NAME.FIELD (0:1:2 @ offset 4)"
      if (strncmp(message, "struct", 6) == 0) say(message, name + 9, strcspn(name + 9, " (\n"));
      return CBPF_NO_FIELD;
    }
  }
  if (error == EPERM && geteuid() != 0)
    return not_permitted("loading eBPF programs needs root, or the capabilities BPF and PERFMON", message);
  if (is_locked_down())
    return not_permitted("the kernel is locked down (confidentiality) and lets nobody read its memory", message);
  size_t end = log_used;
  while (end && log_text[end - 1] == '\n') end--;
  size_t start = end;
  while (start && log_text[start - 1] != '\n') start--;
  if (end > start) {
    say(message, log_text + start, end - start);
  } else {
    const char *text = strerror(error);
    say(message, text, strlen(text));
  }
  return CBPF_FAILED;
}

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
  static const char *const types[] = {"/sys/kernel/btf/vmlinux", "/sys/kernel/btf/xen_netback"};
  for (size_t i = 0; i < 2; i++) {
    if (access(types[i], R_OK) == 0) continue;
    say(message, types[i], strlen(types[i]));
    return errno == EACCES ? CBPF_NOT_PERMITTED : CBPF_NO_TYPES;
  }
  void *handle = dlopen("libbpf.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    say(message, "libbpf.so.1", 11);
    return CBPF_NO_LIBRARY;
  }
  cbpf *tap = calloc(1, sizeof *tap);
  if (!tap) {
    dlclose(handle);
    say(message, "out of memory", 13);
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
  log_used = 0;
  log_text[0] = 0;
  tap->library.libbpf_set_print(keep_log);
  struct open_options options = {sizeof options, "tap"};
  tap->object = tap->library.bpf_object__open_mem(object, count, &options);
  if (!tap->object) {
    int code = explain(errno, message);
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
    say(message, "the object lacks its maps", 25);
    return CBPF_FAILED;
  }
  int error = tap->library.bpf_object__load(tap->object);
  if (error) return explain(error, message);
  tap->ring = tap->library.ring_buffer__new(tap->library.bpf_map__fd(events), sample, tap, NULL);
  if (!tap->ring) return explain(errno, message);
  struct bpf_program *program = NULL;
  while ((program = tap->library.bpf_object__next_program(tap->object, program))) {
    if (tap->library.bpf_program__fd(program) < 0) continue;  // left out
    struct bpf_link *link = tap->link_count < MAXIMUM_LINKS ? tap->library.bpf_program__attach(program) : NULL;
    if (!link) return explain(errno, message);
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

uint64_t cbpf_missed_calls(cbpf *tap) {
  uint64_t missed = 0;
  struct bpf_program *program = NULL;
  while ((program = tap->library.bpf_object__next_program(tap->object, program))) {
    struct bpf_prog_info info;
    uint32_t size = sizeof info;
    memset(&info, 0, sizeof info);
    if (tap->library.bpf_obj_get_info_by_fd(tap->library.bpf_program__fd(program), &info, &size) == 0) {
      missed += info.recursion_misses;
    }
  }
  return missed;
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
