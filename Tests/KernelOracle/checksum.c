/* CRC-32C by the processor's instruction, against one bit at a time. */
#include "crc32c.h"
#include "oracle.h"

static uint32_t oracle_crc(uint32_t crc, const uint8_t *bytes, int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
  }
  return crc;
}

void check_checksum(void) {
  if (!ck_crc32c_is_native()) return;
  uint8_t bytes[80];
  for (int32_t i = 0; i < 80; i++) bytes[i] = (uint8_t)(31 * i + 7);
  /* RFC 3720, appendix B.4: the numbers from 0 to 31. */
  uint8_t ascending[32];
  for (int32_t i = 0; i < 32; i++) ascending[i] = (uint8_t)i;
  expect(~ck_crc32c(~0u, ascending, 32) == 0x46DD794E, "checksum of the standard's example");
  for (int32_t start = 0; start < 9; start++)
    for (int32_t count = 0; count + start <= 80; count++)
      expect(ck_crc32c(~0u, bytes + start, count) == oracle_crc(~0u, bytes + start, count),
             "checksum of %d bytes from %d", count, start);
}
