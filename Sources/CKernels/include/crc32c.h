/* CRC-32C (Castagnoli, reflected polynomial 0x82F63B78, RFC 3720 appendix B.4) by the instruction
 * that processors have for it. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Whether this processor has the instruction. */
int32_t ck_crc32c_is_native(void);

/* Moves the register of a checksum (all ones at the beginning, inverted at the end) over `count`
 * bytes. Only where the processor has the instruction. */
uint32_t ck_crc32c(uint32_t crc, const uint8_t *bytes, size_t count);
