/* What one core of this machine can do at best: the yardsticks of `make bench`. */
#pragma once
#include <stddef.h>

/* Multiplies and adds in chains enough to keep two pipes busy, in registers alone. `set` is
 * "baseline", "avx2" or "avx512"; the caller knows that the processor has it.
 * Returns floating-point operations done, 0 for a set that this build lacks. */
double limits_multiply_add(const char *set, long rounds);

/* Adds up `count` floats (a multiple of 128) in order, at the baseline's width: reading from DRAM is
 * no faster with wider registers. Returns the sum. */
float limits_read(const float *floats, size_t count);
