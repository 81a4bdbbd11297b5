#include "log.h"

#include "CBpf.h"
#include "targets.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char log_text[1 << 16];
static size_t log_used;

void log_clear(void) {
  log_used = 0;
  log_text[0] = 0;
}

int log_keep(int level, const char *format, va_list arguments) {
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

void log_say(char *message, const char *text, size_t count) {
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
  log_say(message, at, count);
  return 1;
}

static int not_permitted(const char *why, char *message) {
  log_say(message, why, strlen(why));
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
int log_explain(int error, char *message) {
  if (error < 0) error = -error;
  const char *missing = targets_missing();
  if (missing) {
    log_say(message, missing, strlen(missing));
    return CBPF_NO_SYMBOL;
  }
  if (find_after("extern (ksym) '", "'", message)) return CBPF_NO_SYMBOL;
  const char *relocation = strstr(log_text, "CO-RE relocation <");
  if (relocation) {
    const char *name = strstr(relocation, "] ");
    if (name) {
      log_say(message, name + 2, strcspn(name + 2, " \n") + 0);
      // "struct NAME.FIELD (0:1:2 @ offset 4)"
      if (strncmp(message, "struct", 6) == 0) log_say(message, name + 9, strcspn(name + 9, " (\n"));
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
    log_say(message, log_text + start, end - start);
  } else {
    const char *text = strerror(error);
    log_say(message, text, strlen(text));
  }
  return CBPF_FAILED;
}
