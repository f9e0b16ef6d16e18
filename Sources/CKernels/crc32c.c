#include "crc32c.h"

#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#define CRC_TARGET __attribute__((target("sse4.2")))
#define CRC_WORD(crc, word) (uint32_t) _mm_crc32_u64(crc, word)
#define CRC_BYTE(crc, byte) _mm_crc32_u8(crc, byte)

int32_t ck_crc32c_is_native(void) { return __builtin_cpu_supports("sse4.2") != 0; }

#elif defined(__aarch64__)
#include <sys/auxv.h>
#define CRC_TARGET __attribute__((target("crc")))
#define CRC_WORD(crc, word) __builtin_arm_crc32cd(crc, word)
#define CRC_BYTE(crc, byte) __builtin_arm_crc32cb(crc, byte)

/* HWCAP_CRC32 of <asm/hwcap.h>. */
int32_t ck_crc32c_is_native(void) { return (getauxval(AT_HWCAP) & 1 << 7) != 0; }

#else
#define CRC_TARGET
#define CRC_WORD(crc, word) (__builtin_trap(), (uint32_t)(word))
#define CRC_BYTE(crc, byte) (__builtin_trap(), (uint32_t)(byte))

int32_t ck_crc32c_is_native(void) { return 0; }
#endif

CRC_TARGET uint32_t ck_crc32c(uint32_t crc, const uint8_t *bytes, size_t count) {
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    crc = CRC_WORD(crc, word);
  }
  for (; count > 0; bytes++, count--) crc = CRC_BYTE(crc, *bytes);
  return crc;
}
