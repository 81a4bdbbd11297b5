#include "bench_reference.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { KINDS = 32, FIELDS = 6, COLUMNS = KINDS * FIELDS + 3, BLOCK = 256 * 1024 };
enum { TIME = KINDS * FIELDS, TAG, PAYLOAD, SLACK = 64 };

struct column {
  uint8_t *octets;
  size_t length, capacity;
};

struct coder {
  struct column columns[COLUMNS];
  uint32_t last[KINDS][FIELDS];
  uint64_t time;
  size_t raw;
  uint32_t count;
};

static uint8_t *room(struct column *c, size_t more) {
  if (c->length + more > c->capacity) {
    c->capacity = (c->length + more) * 2;
    c->octets = realloc(c->octets, c->capacity);
  }
  return c->octets + c->length;
}

static size_t varint(uint8_t *to, uint64_t value) {
  size_t n = 0;
  while (value >= 0x80) {
    to[n++] = (uint8_t)value | 0x80;
    value >>= 7;
  }
  to[n++] = (uint8_t)value;
  return n;
}

static void put(struct coder *c, int column, uint64_t value) {
  struct column *to = &c->columns[column];
  size_t n = varint(room(to, 10), value);
  to->length += n;
  c->raw += n;
}

static uint32_t zigzag(uint32_t delta) { return (delta << 1) ^ (uint32_t)((int32_t)delta >> 31); }

static void encode_event(struct coder *c, const struct bench_event *e, const uint8_t *payload) {
  put(c, TIME, e->time - c->time);
  c->time = e->time;
  put(c, TAG, (uint64_t)e->kind | (uint64_t)e->queue << 5 | (uint64_t)e->origin << 21);
  for (int f = 0; f < FIELDS; f++) {
    put(c, e->kind * FIELDS + f, zigzag(e->field[f] - c->last[e->kind][f]));
    c->last[e->kind][f] = e->field[f];
  }
  put(c, PAYLOAD, e->payload);
  if (e->payload) {
    struct column *to = &c->columns[PAYLOAD];
    memcpy(room(to, e->payload), payload, e->payload);
    to->length += e->payload;
    c->raw += e->payload;
  }
  c->count++;
}

static void store32(uint8_t *to, uint32_t value) { memcpy(to, &value, 4); }

static size_t pack(struct coder *c, z_stream *z, uint8_t *out, size_t capacity) {
  deflateReset(z);
  z->next_out = out;
  z->avail_out = (uInt)capacity;
  for (int i = 0; i < COLUMNS; i++) {
    z->next_in = c->columns[i].octets;
    z->avail_in = (uInt)c->columns[i].length;
    deflate(z, i + 1 == COLUMNS ? Z_FINISH : Z_NO_FLUSH);
  }
  return z->total_out;
}

static size_t gather(struct coder *c, uint8_t *out) {
  size_t used = 0;
  for (int i = 0; i < COLUMNS; i++) {
    if (c->columns[i].length) memcpy(out + used, c->columns[i].octets, c->columns[i].length);
    used += c->columns[i].length;
  }
  return used;
}

static size_t flush(struct coder *c, z_stream *z, uint8_t *out, size_t capacity) {
  if (capacity < SLACK + 4 * COLUMNS + c->raw + c->raw / 64) return 0;
  size_t head = 16 + 4 * COLUMNS;
  for (int i = 0; i < COLUMNS; i++)
    store32(out + 16 + 4 * i, (uint32_t)c->columns[i].length);
  size_t packed = z ? pack(c, z, out + head, capacity - head) : gather(c, out + head);
  for (int i = 0; i < COLUMNS; i++) c->columns[i].length = 0;
  store32(out, (uint32_t)packed);
  if (z) store32(out + 4, (uint32_t)crc32(0, out + head, (uInt)packed));
  store32(out + 8, c->count);
  store32(out + 12, (uint32_t)c->raw);
  memset(c->last, 0, sizeof c->last);
  c->time = 0;
  c->raw = c->count = 0;
  return head + packed;
}

static size_t encode(struct coder *c, z_stream *z, const struct bench_event *events, size_t count,
                     const uint8_t *payload, uint8_t *out, size_t capacity) {
  size_t used = 0;
  for (size_t i = 0; i < count; i++) {
    encode_event(c, &events[i], payload);
    payload += events[i].payload;
    if (c->raw < BLOCK && i + 1 < count) continue;
    size_t n = flush(c, z, out + used, capacity - used);
    if (n == 0) return 0;
    used += n;
  }
  return used;
}

size_t bench_encode(const struct bench_event *events, size_t count, const uint8_t *payload,
                    int level, int times, uint8_t *out, size_t capacity) {
  struct coder *c = calloc(1, sizeof *c);
  z_stream z = {0};
  size_t used = 0;
  if (!c || deflateInit2(&z, level < 0 ? 0 : level, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) != Z_OK)
    return 0;
  while (times-- > 0)
    used = encode(c, level < 0 ? NULL : &z, events, count, payload, out, capacity);
  for (int i = 0; i < COLUMNS; i++) free(c->columns[i].octets);
  deflateEnd(&z);
  free(c);
  return used;
}

struct reader {
  const uint8_t *at[COLUMNS], *end[COLUMNS];
  uint32_t last[KINDS][FIELDS];
  uint64_t time;
};

static uint64_t take(struct reader *r, int column) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64 && r->at[column] < r->end[column]; shift += 7) {
    uint8_t octet = *r->at[column]++;
    value |= (uint64_t)(octet & 0x7f) << shift;
    if (!(octet & 0x80)) break;
  }
  return value;
}

static uint64_t scan_event(struct reader *r) {
  uint64_t sum = r->time += take(r, TIME);
  uint64_t tag = take(r, TAG);
  int kind = tag & 31;
  for (int f = 0; f < FIELDS; f++) {
    uint32_t z = (uint32_t)take(r, kind * FIELDS + f);
    sum += r->last[kind][f] += (z >> 1) ^ (0u - (z & 1));
  }
  uint64_t payload = take(r, PAYLOAD);
  size_t left = (size_t)(r->end[PAYLOAD] - r->at[PAYLOAD]);
  r->at[PAYLOAD] += payload < left ? payload : left;
  return sum + payload;
}

static size_t scan_block(const uint8_t *head, const uint8_t *raw, uint64_t *sum) {
  struct reader r = {0};
  uint32_t count, length;
  for (int i = 0; i < COLUMNS; i++) {
    memcpy(&length, head + 16 + 4 * i, 4);
    r.at[i] = raw;
    r.end[i] = raw += length;
  }
  memcpy(&count, head + 8, 4);
  for (uint32_t i = 0; i < count; i++) *sum += scan_event(&r);
  return count;
}

size_t bench_scan(const uint8_t *file, size_t length, uint64_t *sum) {
  z_stream z = {0};
  uint8_t *raw = NULL;
  size_t events = 0, head = 16 + 4 * COLUMNS, room = 0;
  *sum = 0;
  if (inflateInit2(&z, -15) != Z_OK) return 0;
  while (length > head) {
    uint32_t packed, crc, size;
    memcpy(&packed, file, 4);
    memcpy(&crc, file + 4, 4);
    memcpy(&size, file + 12, 4);
    if (packed > length - head || crc32(0, file + head, packed) != crc) break;
    if (size > room) raw = realloc(raw, room = size);
    inflateReset(&z);
    z.next_in = (uint8_t *)file + head;
    z.avail_in = packed;
    z.next_out = raw;
    z.avail_out = size;
    inflate(&z, Z_FINISH);
    events += scan_block(file, raw, sum);
    file += head + packed;
    length -= head + packed;
  }
  inflateEnd(&z);
  free(raw);
  return events;
}
