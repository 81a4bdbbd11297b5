#include "bench_reference.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { KINDS = 32, FIELDS = 6, COLUMNS = KINDS * FIELDS + 4, BLOCK = 256 * 1024 };
enum { TIME = KINDS * FIELDS, TAG, PIECES, PAYLOAD, SLACK = 64 };
enum { HASHES = 8192, MOST_PIECES = 64 };

struct column {
  uint8_t *octets;
  size_t length, capacity;
};

/* Where each content of a block ends. */
struct contents {
  uint32_t *ends;
  size_t count, capacity;
};

struct coder {
  struct column columns[COLUMNS];
  uint32_t last[KINDS][FIELDS];
  uint64_t time;
  size_t raw;
  uint32_t count;
  /* Contents of the payload column, each once, and the newest by a hash of how it begins, plus one. */
  struct contents contents;
  uint32_t newest[HASHES], last_piece;
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

static void add_content(struct contents *c, size_t end) {
  if (c->count == c->capacity) {
    c->capacity = c->capacity * 2 + 64;
    c->ends = realloc(c->ends, c->capacity * sizeof *c->ends);
  }
  c->ends[c->count++] = (uint32_t)end;
}

static size_t content_start(const struct contents *c, size_t number) {
  return number ? c->ends[number - 1] : 0;
}

/* Of the first 16 octets, or of all when there are fewer. */
static size_t hash(const uint8_t *octets, size_t count) {
  uint64_t low = 0, high = count < 16 ? count : 16;
  if (count >= 16) {
    memcpy(&low, octets, 8);
    memcpy(&high, octets + 8, 8);
  } else {
    for (size_t i = 0; i < count; i++) low = low * 31 + octets[i];
  }
  uint64_t mixed = (low ^ high * 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;
  return (size_t)(mixed >> 40) & (HASHES - 1);
}

/* How many contents make up a payload, the last one perhaps cut; 0 when it is not made of any. */
static size_t find_pieces(struct coder *c, const uint8_t *octets, size_t count, size_t first_hash,
                          uint32_t *pieces) {
  size_t found = 0;
  while (count) {
    uint32_t number = c->newest[found ? hash(octets, count) : first_hash];
    if (!number || found == MOST_PIECES) return 0;
    size_t start = content_start(&c->contents, number - 1);
    size_t length = c->contents.ends[number - 1] - start;
    if (length > count) length = count;
    if (memcmp(c->columns[PAYLOAD].octets + start, octets, length)) return 0;
    pieces[found++] = number - 1;
    octets += length;
    count -= length;
  }
  return found;
}

static void encode_payload(struct coder *c, const uint8_t *octets, size_t count) {
  uint32_t pieces[MOST_PIECES];
  size_t first_hash = hash(octets, count);
  size_t found = find_pieces(c, octets, count, first_hash, pieces);
  put(c, PIECES, found);
  for (size_t i = 0; i < found; i++) {
    put(c, PIECES, zigzag(pieces[i] - c->last_piece - 1));
    c->last_piece = pieces[i];
  }
  if (found) return;
  struct column *to = &c->columns[PAYLOAD];
  memcpy(room(to, count), octets, count);
  to->length += count;
  c->raw += count;
  add_content(&c->contents, to->length);
  c->newest[first_hash] = (uint32_t)c->contents.count;
}

static void encode_event(struct coder *c, const struct bench_event *e, const uint8_t *payload) {
  put(c, TIME, e->time - c->time);
  c->time = e->time;
  put(c, TAG, (uint64_t)e->kind | (uint64_t)e->queue << 5 | (uint64_t)e->origin << 21);
  for (int f = 0; f < FIELDS; f++) {
    put(c, e->kind * FIELDS + f, zigzag(e->field[f] - c->last[e->kind][f]));
    c->last[e->kind][f] = e->field[f];
  }
  put(c, PIECES, e->payload);
  if (e->payload) encode_payload(c, payload, e->payload);
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
  memset(c->newest, 0, sizeof c->newest);
  c->contents.count = c->last_piece = 0;
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
  free(c->contents.ends);
  deflateEnd(&z);
  free(c);
  return used;
}

struct reader {
  const uint8_t *at[COLUMNS], *end[COLUMNS];
  uint32_t last[KINDS][FIELDS];
  uint64_t time;
  const uint8_t *payload;
  struct contents *contents;
  uint32_t last_piece;
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

static void scan_payload(struct reader *r, size_t count) {
  uint64_t pieces = take(r, PIECES);
  size_t left = (size_t)(r->end[PAYLOAD] - r->at[PAYLOAD]);
  if (!pieces) {
    r->at[PAYLOAD] += count < left ? count : left;
    add_content(r->contents, (size_t)(r->at[PAYLOAD] - r->payload));
  }
  while (pieces--) {
    uint32_t z = (uint32_t)take(r, PIECES);
    r->last_piece += 1 + ((z >> 1) ^ (0u - (z & 1)));
  }
}

static uint64_t scan_event(struct reader *r) {
  uint64_t sum = r->time += take(r, TIME);
  uint64_t tag = take(r, TAG);
  int kind = tag & 31;
  for (int f = 0; f < FIELDS; f++) {
    uint32_t z = (uint32_t)take(r, kind * FIELDS + f);
    sum += r->last[kind][f] += (z >> 1) ^ (0u - (z & 1));
  }
  uint64_t payload = take(r, PIECES);
  if (payload) scan_payload(r, payload);
  return sum + payload;
}

static size_t scan_block(const uint8_t *head, const uint8_t *raw, struct contents *contents,
                         uint64_t *sum) {
  struct reader r = {.contents = contents};
  uint32_t count, length;
  for (int i = 0; i < COLUMNS; i++) {
    memcpy(&length, head + 16 + 4 * i, 4);
    r.at[i] = raw;
    r.end[i] = raw += length;
  }
  r.payload = r.at[PAYLOAD];
  contents->count = 0;
  memcpy(&count, head + 8, 4);
  for (uint32_t i = 0; i < count; i++) *sum += scan_event(&r);
  return count;
}

size_t bench_scan(const uint8_t *file, size_t length, uint64_t *sum) {
  z_stream z = {0};
  uint8_t *raw = NULL;
  struct contents contents = {0};
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
    events += scan_block(file, raw, &contents, sum);
    file += head + packed;
    length -= head + packed;
  }
  inflateEnd(&z);
  free(raw);
  free(contents.ends);
  return events;
}
