#ifndef LIBRARY_H
#define LIBRARY_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

// What libbpf's headers would declare, as far as it is used here. The library's interface is stable within
// its major version.
struct bpf_object;
struct bpf_program;
struct bpf_map;
struct bpf_link;
struct ring_buffer;
struct btf;
struct btf_type;

struct open_options {
  size_t size;
  const char *object_name;
};

// The first members of what a program is loaded with.
struct prog_load_options {
  size_t size;
  int attempts;
  uint32_t expected_attach_type;
  uint32_t prog_btf_fd;
  uint32_t prog_flags;
  uint32_t prog_ifindex;
  uint32_t kern_version;
  uint32_t attach_btf_id;
  uint32_t attach_prog_fd;
  uint32_t attach_btf_obj_fd;
};

struct prog_handler_options {
  size_t size;
  long cookie;
  int (*prog_setup_fn)(struct bpf_program *, long);
  int (*prog_prepare_load_fn)(struct bpf_program *, struct prog_load_options *, long);
  int (*prog_attach_fn)(const struct bpf_program *, long, struct bpf_link **);
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
  X(const char *, bpf_program__section_name, (const struct bpf_program *))                             \
  X(int, bpf_program__set_autoload, (struct bpf_program *, _Bool))                                     \
  X(struct bpf_link *, bpf_program__attach, (const struct bpf_program *))                              \
  X(struct bpf_link *, bpf_program__attach_trace, (const struct bpf_program *))                        \
  X(int, libbpf_register_prog_handler, (const char *, int, int, const struct prog_handler_options *))  \
  X(int, bpf_btf_get_next_id, (uint32_t, uint32_t *))                                                  \
  X(int, bpf_btf_get_fd_by_id, (uint32_t))                                                             \
  X(struct btf *, btf__load_vmlinux_btf, (void))                                                       \
  X(struct btf *, btf__load_module_btf, (const char *, struct btf *))                                  \
  X(void, btf__free, (struct btf *))                                                                   \
  X(uint32_t, btf__type_cnt, (const struct btf *))                                                     \
  X(const struct btf_type *, btf__type_by_id, (const struct btf *, uint32_t))                          \
  X(const char *, btf__name_by_offset, (const struct btf *, uint32_t))                                 \
  X(int, btf__find_by_name_kind, (const struct btf *, const char *, uint32_t))                         \
  X(int, bpf_link__destroy, (struct bpf_link *))                                                       \
  X(int, bpf_enable_stats, (int))                                                                      \
  X(int, bpf_obj_get_info_by_fd, (int, void *, uint32_t *))                                            \
  X(struct ring_buffer *, ring_buffer__new, (int, sample_function, void *, const void *))              \
  X(int, ring_buffer__consume, (struct ring_buffer *))                                                 \
  X(void, ring_buffer__free, (struct ring_buffer *))

struct library {
#define DECLARE(result, name, arguments) result(*name) arguments;
  FUNCTIONS(DECLARE)
#undef DECLARE
};

#endif
