#include "limits.h"

#include <string.h>

typedef float f4 __attribute__((vector_size(16)));
typedef float f8 __attribute__((vector_size(32)));
typedef float f16 __attribute__((vector_size(64)));

/* A fused multiply-add has a latency of 4 cycles and two pipes: 8 chains are the least, 12 leave
 * room, and 12 accumulators with 2 constants fit into 16 registers. Without a fused one, the
 * multiplication and the addition of a step have pipes of their own. */
enum { CHAINS = 12 };

/* The factor keeps every chain near 1, and the compiler cannot know it. */
static volatile float factor = 0.999f, addend = 0.001f;
static volatile float sink;

#define CHAINED(NAME, VECTOR, ATTRIBUTES)                                          \
  ATTRIBUTES static double NAME(long rounds) {                                     \
    VECTOR chain[CHAINS];                                                          \
    const VECTOR m = factor - (VECTOR){0}, a = addend - (VECTOR){0};               \
    for (int i = 0; i < CHAINS; i++) chain[i] = (float)i - (VECTOR){0};            \
    for (long r = 0; r < rounds; r++) {                                            \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < CHAINS; i++) {        \
        chain[i] = chain[i] * m + a;                                               \
      }                                                                            \
    }                                                                              \
    VECTOR sum = chain[0];                                                         \
    for (int i = 1; i < CHAINS; i++) sum += chain[i];                              \
    sink = sum[0];                                                                 \
    return 2. * CHAINS * (sizeof(VECTOR) / sizeof(float)) * (double)rounds;        \
  }

CHAINED(baseline, f4, )
#if defined(__x86_64__)
CHAINED(avx2, f8, __attribute__((target("avx2,fma"))))
CHAINED(avx512, f16, __attribute__((target("avx512f,avx2,fma"))))
#endif

double limits_multiply_add(const char *set, long rounds) {
  if (strcmp(set, "baseline") == 0) return baseline(rounds);
#if defined(__x86_64__)
  if (strcmp(set, "avx2") == 0) return avx2(rounds);
  if (strcmp(set, "avx512") == 0) return avx512(rounds);
#endif
  return 0;
}

float limits_read(const float *floats, size_t count) {
  enum { SUMS = 8 };
  f4 sum[SUMS] = {0};
  for (size_t i = 0; i < count; i += 4 * SUMS) {
    _Pragma("clang loop unroll(full)") for (int k = 0; k < SUMS; k++) {
      sum[k] += *(const f4 *)(floats + i + 4 * k);
    }
  }
  f4 all = sum[0];
  for (int k = 1; k < SUMS; k++) all += sum[k];
  return all[0] + all[1] + all[2] + all[3];
}
