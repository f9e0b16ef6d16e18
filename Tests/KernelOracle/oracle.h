/* What the checks of the kernels share: dual numbers, random numbers, guarded memory, one verdict.
 *
 * The oracle is the network written down once more in plain double-precision loops, from its
 * equations. Its numbers are dual: with each value its derivative with respect to one parameter, so
 * that gradients need no second derivation by hand, which might share an error with the kernels'. */
#pragma once
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "kernels.h"

/* A value and its derivative with respect to the parameter in question (Clifford 1873, a + b epsilon). */
typedef struct {
  double value, slope;
} dual;

static inline dual constant(double v) { return (dual){v, 0}; }
static inline dual plus(dual a, dual b) { return (dual){a.value + b.value, a.slope + b.slope}; }
static inline dual times(dual a, dual b) {
  return (dual){a.value * b.value, a.slope * b.value + a.value * b.slope};
}
static inline dual exponential(dual a) { return (dual){exp(a.value), exp(a.value) * a.slope}; }
static inline dual logarithm(dual a) { return (dual){log(a.value), a.slope / a.value}; }
static inline dual sigmoid(dual a) {
  const double s = 1 / (1 + exp(-a.value));
  return (dual){s, s * (1 - s) * a.slope};
}
static inline dual hyperbolic_tangent(dual a) {
  const double t = tanh(a.value);
  return (dual){t, (1 - t * t) * a.slope};
}

/* Parameters of a network as the kernels have them, one of them with slope 1 (-1: none). */
typedef struct {
  const float *floats;
  int32_t varied;
} parameters;

static inline dual parameter(parameters p, int32_t index) {
  return (dual){p.floats[index], index == p.varied};
}

/* The cell: `sums` are the four gates' pre-activations of one unit, i f g o. */
dual cell_of(const dual sums[4], dual *state);

/* Student-t negative log likelihood without its constant, log-scale acting clipped to [-5, 3]; a
 * slope of the log-scale that points outward is dropped, as the kernels drop it. */
dual likelihood(dual mean, dual logScale, double target, double degreesOfFreedom);

/* Every `stride`th of the places that hold parameters is differentiated; odd, so that no column is
 * left out, and 1 for networks as small as the detector's. */
int32_t stride_for(int32_t places);

/* xorshift64, the same numbers in every run and on every machine. */
void seed_numbers(uint64_t seed);
double uniform(void);
float number(void); /* normal, of deviation 0.5 */

/* `count` floats of zero, 64-byte aligned, followed by a guard that `release` looks at. */
float *reserve(int32_t count);
void release(float *memory, int32_t count, const char *what);

/* The verdict on the kernels in hand: `what` says which number of which case. */
void begin(const ck_kernels *kernels);
void expect(bool holds, const char *what, ...) __attribute__((format(printf, 2, 3)));
void expect_near(double found, double expected, double tolerance, const char *what, ...)
    __attribute__((format(printf, 4, 5)));
/* How many expectations were met; exits 1 where one was not. */
long verdict(void);

/* The checks, one file each. */
void check_network(const ck_kernels *kernels);
void check_symbols(const ck_kernels *kernels);
void check_cells(const ck_kernels *kernels);
void check_dense(const ck_kernels *kernels);
void check_losses(const ck_kernels *kernels);
void check_arrays(const ck_kernels *kernels);
void check_halves(const ck_kernels *kernels);
void check_checksum(void);
