// What libbpf says while it loads, and what that means for a person.
#ifndef LOG_H
#define LOG_H

#include <stdarg.h>
#include <stddef.h>

// Forgets what was said before.
void log_clear(void);
// For libbpf_set_print. One load at a time, so one log will do.
int log_keep(int level, const char *format, va_list arguments);
// Writes no more than CBPF_MESSAGE octets.
void log_say(char *message, const char *text, size_t count);
// Why a call failed with `error`: a cbpf_result and its message.
int log_explain(int error, char *message);

#endif
