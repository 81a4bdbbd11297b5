#include "bench_reference.h"
#include <zlib.h>

size_t bench_gzip(const uint8_t *octets, size_t count, int level) {
  enum { GZIP = 16, ROOM = 64 * 1024, MOST = 1 << 30 };
  uint8_t out[ROOM];
  z_stream z = {0};
  int code = Z_OK;
  if (deflateInit2(&z, level, Z_DEFLATED, MAX_WBITS + GZIP, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
  z.next_in = (uint8_t *)octets;
  while (code == Z_OK) {
    if (z.avail_in == 0 && count) {
      z.avail_in = count < MOST ? (uInt)count : MOST;
      count -= z.avail_in;
    }
    z.next_out = out;
    z.avail_out = ROOM;
    code = deflate(&z, count ? Z_NO_FLUSH : Z_FINISH);
  }
  size_t size = z.total_out;
  deflateEnd(&z);
  return code == Z_STREAM_END ? size : 0;
}
