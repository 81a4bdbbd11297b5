#include "targets.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
  struct library library;
  struct btf *kernel;
  struct btf *module;
  int module_file;
  char missing[128];
} load = {.module_file = -1};

// A descriptor of the module's types; negative when there is none.
static int open_module_types(void) {
  uint32_t id = 0;
  while (load.library.bpf_btf_get_next_id(id, &id) == 0) {
    int file = load.library.bpf_btf_get_fd_by_id(id);
    if (file < 0) continue;
    char name[64] = "";
    struct bpf_btf_info info = {.name = (uintptr_t)name, .name_len = sizeof name};
    uint32_t size = sizeof info;
    if (load.library.bpf_obj_get_info_by_fd(file, &info, &size) == 0 && info.kernel_btf &&
        strcmp(name, TARGET_MODULE) == 0)
      return file;
    close(file);
  }
  return -1;
}

static int open_types(void) {
  if (load.module) return 0;
  load.kernel = load.library.btf__load_vmlinux_btf();
  load.module = load.kernel ? load.library.btf__load_module_btf(TARGET_MODULE, load.kernel) : NULL;
  load.module_file = load.module ? open_module_types() : -1;
  return load.module_file < 0 ? -ENOENT : 0;
}

// The id of a function among the module's own types; 0 when it is not there.
static uint32_t find_in_module(const char *function) {
  uint32_t count = load.library.btf__type_cnt(load.module);
  for (uint32_t id = load.library.btf__type_cnt(load.kernel); id < count; id++) {
    const struct btf_type *type = load.library.btf__type_by_id(load.module, id);
    if (BTF_INFO_KIND(type->info) != BTF_KIND_FUNC) continue;
    if (strcmp(load.library.btf__name_by_offset(load.module, type->name_off), function) == 0) return id;
  }
  return 0;
}

static int prepare(struct bpf_program *program, struct prog_load_options *options, long cookie) {
  const char *function = strchr(load.library.bpf_program__section_name(program), '/') + 1;
  int error = open_types();
  if (error) return error;
  uint32_t id = find_in_module(function);
  options->attach_btf_obj_fd = id ? load.module_file : 0;
  int found = id ? (int)id : load.library.btf__find_by_name_kind(load.kernel, function, BTF_KIND_FUNC);
  if (found > 0) {
    options->attach_btf_id = found;
    return 0;
  }
  snprintf(load.missing, sizeof load.missing, "%s", function);
  return -ENOENT;
}

static int attach(const struct bpf_program *program, long cookie, struct bpf_link **link) {
  *link = load.library.bpf_program__attach_trace(program);
  return *link ? 0 : -errno;
}

int targets_begin(const struct library *library) {
  // The library keeps pointers to its handlers in each object: they are registered once, and stay.
  static int registered;
  static const struct prog_handler_options options = {
      sizeof options, .prog_prepare_load_fn = prepare, .prog_attach_fn = attach};
  load.library = *library;
  load.missing[0] = 0;
  if (registered) return 0;
  int first = library->libbpf_register_prog_handler("fentry+", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, &options);
  if (first < 0) return first;
  int second = library->libbpf_register_prog_handler("fexit+", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, &options);
  if (second < 0) return second;
  registered = 1;
  return 0;
}

void targets_end(void) {
  if (!load.kernel) return;
  load.library.btf__free(load.module);
  load.library.btf__free(load.kernel);
  if (load.module_file >= 0) close(load.module_file);
  load.kernel = load.module = NULL;
  load.module_file = -1;
}

const char *targets_missing(void) { return load.missing[0] ? load.missing : NULL; }
