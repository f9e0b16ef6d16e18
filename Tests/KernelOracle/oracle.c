#include "oracle.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

dual cell_of(const dual sums[4], dual *state) {
  *state = plus(times(sigmoid(sums[1]), *state),
                times(sigmoid(sums[0]), hyperbolic_tangent(sums[2])));
  return times(sigmoid(sums[3]), hyperbolic_tangent(*state));
}

dual likelihood(dual mean, dual logScale, double target, double nu) {
  dual scale = {fmin(fmax(logScale.value, -5), 3), logScale.slope};
  const dual minus = constant(-1);
  const dual inverse = exponential(times(minus, scale));
  const double e = (target - mean.value) * inverse.value;
  const double towards = 1 - (nu + 1) / (nu + e * e) * e * e; /* d loss / d logScale */
  if ((logScale.value > 3 && towards < 0) || (logScale.value < -5 && towards > 0)) scale.slope = 0;
  const dual error = times(plus(constant(target), times(minus, mean)),
                           exponential(times(minus, scale)));
  const dual spread = plus(constant(1), times(times(error, error), constant(1 / nu)));
  return plus(scale, times(constant((nu + 1) / 2), logarithm(spread)));
}

int32_t stride_for(int32_t places) { return places <= 1000 ? 1 : (places / 300) | 1; }

static uint64_t randomState;

void seed_numbers(uint64_t seed) {
  randomState = seed * UINT64_C(0x9E3779B97F4A7C15) + 88172645463325252;
  for (int i = 0; i < 8; i++) uniform();
}

double uniform(void) {
  randomState ^= randomState << 13;
  randomState ^= randomState >> 7;
  randomState ^= randomState << 17;
  return (double)(randomState >> 11) / 9007199254740992.0;
}

float number(void) {
  const double radius = uniform() + 1e-12, angle = uniform();
  return (float)(0.5 * sqrt(-2 * log(radius)) * cos(2 * acos(-1.0) * angle));
}

enum { GUARD = 64 };
static const float guard = -12345.5f;

float *reserve(int32_t count) {
  const size_t bytes = ((size_t)count + GUARD) * sizeof(float);
  float *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
  if (!memory) {
    perror("KernelOracle");
    exit(1);
  }
  for (int32_t i = 0; i < count; i++) memory[i] = 0;
  for (int32_t i = 0; i < GUARD; i++) memory[count + i] = guard;
  return memory;
}

void release(float *memory, int32_t count, const char *what) {
  for (int32_t i = 0; i < GUARD; i++)
    expect(memory[count + i] == guard, "%s: wrote %d floats beyond its %d", what, i + 1, count);
  free(memory);
}

static const char *set = "";
static long met, missed;

void begin(const ck_kernels *kernels) {
  set = kernels->name;
  met = missed = 0;
}

static void judge(bool holds, const char *what, va_list arguments) {
  if (holds) {
    met++;
  } else if (missed++ < 10) {
    fprintf(stderr, "%s: ", set);
    vfprintf(stderr, what, arguments);
    fputc('\n', stderr);
  }
}

void expect(bool holds, const char *what, ...) {
  va_list arguments;
  va_start(arguments, what);
  judge(holds, what, arguments);
  va_end(arguments);
}

void expect_near(double found, double expected, double tolerance, const char *what, ...) {
  const bool holds = found == expected || fabs(found - expected) <= tolerance;
  if (!holds && missed < 10)
    fprintf(stderr, "expected %.9g within %.2g, found %.9g: ", expected, tolerance, found);
  va_list arguments;
  va_start(arguments, what);
  judge(holds, what, arguments);
  va_end(arguments);
}

long verdict(void) {
  if (missed) {
    fprintf(stderr, "%s: %ld of %ld expectations are not met\n", set, missed, met + missed);
    exit(1);
  }
  return met;
}
