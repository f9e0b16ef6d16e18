#include "kernels.h"

#include <stddef.h>
#include <string.h>

/* The set that every processor of this architecture has. */
#if defined(__aarch64__)
#define EVERYWHERE ck_kernels_neon
#else
#define EVERYWHERE ck_kernels_baseline
#endif
extern const ck_kernels EVERYWHERE;
#if defined(__x86_64__)
extern const ck_kernels ck_kernels_avx2, ck_kernels_avx512;
#endif

int32_t ck_parameter_count(const ck_shape *s) {
  return (s->inputs + s->hidden + 1) * (4 * s->units + s->outputLanes);
}

int32_t ck_scratch_floats(const ck_shape *s, int32_t steps) {
  const int32_t perStep = 2 * 4 * s->units       /* activations, their gradients */
                          + 4 * s->units         /* h, c, tanh c, dh from the head */
                          + 2 * s->outputLanes;  /* outputs, their gradients */
  const int32_t pairs = (steps * s->horizons + 7) / 8 * 8;
  const int32_t transposed = 4 * s->units * s->units + s->outputLanes * s->units;
  return perStep * (steps + 1) + 4 * pairs + transposed; /* means, log-scales, theirs */
}

int32_t ck_symbol_parameter_count(const ck_symbol_shape *s) {
  return (s->symbols + s->scalars + s->hidden + 1) * 4 * s->units +
         (s->hidden + 1 + 2) * s->lanes;
}

int32_t ck_symbol_scratch_floats(const ck_symbol_shape *s, int32_t steps) {
  const int32_t perStep = 2 * 4 * s->units  /* activations, their gradients */
                          + 4 * s->units    /* h, c, tanh c, dh from the head */
                          + 2 * s->lanes;   /* outputs, their gradients */
  const int32_t times = (steps + 7) / 8 * 8;
  const int32_t transposed = 4 * s->units * s->units + s->lanes * s->units;
  return perStep * (steps + 1) + 4 * times + transposed; /* locations, log-scales, theirs */
}

int32_t ck_cell_parameter_count(const ck_cell *n) {
  return (n->inputs + n->hidden + 1) * 4 * n->units;
}

int32_t ck_cell_scratch_floats(const ck_cell *n) { return 4 * n->units * (n->units + n->lanes); }

int32_t ck_dense_parameter_count(const ck_dense *n) { return (n->inputs + 1) * n->lanes; }

int32_t ck_dense_scratch_floats(const ck_dense *n) { return n->lanes * n->inputLanes; }

const ck_kernels *ck_kernels_named(const char *name) {
  if (strcmp(name, EVERYWHERE.name) == 0) return &EVERYWHERE;
#if defined(__x86_64__)
  if (strcmp(name, "avx2") == 0)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                   __builtin_cpu_supports("f16c")
               ? &ck_kernels_avx2
               : NULL;
  if (strcmp(name, "avx512") == 0)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma") &&
                   __builtin_cpu_supports("f16c")
               ? &ck_kernels_avx512
               : NULL;
#endif
  return NULL;
}

const ck_kernels *ck_kernels_best(void) {
  const char *const widestFirst[] = {"avx512", "avx2"};
  for (int i = 0; i < 2; i++) {
    const ck_kernels *k = ck_kernels_named(widestFirst[i]);
    if (k) return k;
  }
  return &EVERYWHERE;
}
