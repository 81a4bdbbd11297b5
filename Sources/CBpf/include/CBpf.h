// Loads an eBPF object with libbpf, which is found at run time: nothing of it is needed to build.
#ifndef CBPF_H
#define CBPF_H

#include <stddef.h>
#include <stdint.h>

// A library, an object, its programs' attachments and its ring buffer.
typedef struct cbpf cbpf;

enum cbpf_result {
  CBPF_OK = 0,
  CBPF_NO_LIBRARY = 1,     // libbpf.so.1 is not here; `message` is what was looked for
  CBPF_NO_TYPES = 2,       // the kernel or its netback has no type information; `message` is the file
  CBPF_NO_SYMBOL = 3,      // a function that is hooked is not in this kernel; `message` is its name
  CBPF_NO_FIELD = 4,       // a struct has other fields in this kernel; `message` is the struct and field
  CBPF_NOT_PERMITTED = 5,  // the kernel refused for lack of rights
  CBPF_FAILED = 6,         // anything else; `message` is the loader's last line
};

#define CBPF_MESSAGE 256

// Called for each record; the octets are valid during the call only.
typedef void (*cbpf_record)(void *context, const void *octets, size_t count);

// Opens an object. `*tap` is set on CBPF_OK only. Not to be called from two threads at once.
int cbpf_open(const void *object, size_t count, cbpf **tap, char message[CBPF_MESSAGE]);
// Sets the 32-bit constant at `index` of the object's read-only data. Before cbpf_load.
int cbpf_set_constant(cbpf *tap, size_t index, uint32_t value);
// Leaves out the programs whose names begin with `prefix`. Before cbpf_start.
void cbpf_leave_out(cbpf *tap, const char *prefix);
// Loads the programs and attaches all of them. `ring_octets` is a power of two.
int cbpf_start(cbpf *tap, uint32_t ring_octets, char message[CBPF_MESSAGE]);
// Tells the programs to record, each queue from a snapshot on. A round is not 0; in round 0 nothing is recorded.
int cbpf_begin_round(cbpf *tap, uint32_t round);
// Hands over what is in the ring buffer. Answers how many records, or a negative errno.
long cbpf_consume(cbpf *tap, cbpf_record record, void *context);
// Copies the object's counters.
int cbpf_counters(cbpf *tap, uint64_t *counters, size_t count);
// Calls that a program missed because it was running on that processor already.
uint64_t cbpf_missed_calls(cbpf *tap);
// Has the kernel measure how long programs run, until this process ends: a few nanoseconds more each time they do.
int cbpf_measure(cbpf *tap);
// How often the programs ran, and for how long in nanoseconds, while that was measured.
void cbpf_run_time(cbpf *tap, uint64_t *calls, uint64_t *nanoseconds);
// Reads a file to its end and forgets it: for files whose reading makes the kernel do something.
int cbpf_read_through(const char *path);
// Detaches and frees everything.
void cbpf_close(cbpf *tap);

#endif
