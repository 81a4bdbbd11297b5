// Where the programs attach, found in the backend module's own types first.
//
// libbpf looks for each function in all of the kernel's types before it looks at a module's: a quarter of a second for
// each program on a slow machine, and most of the programs attach to the module.
#ifndef TARGETS_H
#define TARGETS_H

#include "library.h"

#define TARGET_MODULE "xen_netback"

// Makes libbpf ask here for sections named fentry/FUNCTION and fexit/FUNCTION; before an object is opened. One load at
// a time. Answers 0 or an error of libbpf's.
int targets_begin(const struct library *library);
// Frees what a load needed.
void targets_end(void);
// The function that the last load did not find, or NULL.
const char *targets_missing(void);

#endif
