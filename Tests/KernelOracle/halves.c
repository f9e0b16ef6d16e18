/* Half precision as storage, and the nearest window among halves. */
#include "oracle.h"

/* IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction. */
static double value_of(uint16_t half) {
  const int exponent = half >> 10 & 31, fraction = half & 1023;
  const double magnitude =
      exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, exponent - 25);
  return half & 0x8000 ? -magnitude : magnitude;
}

enum { FINITE = 0x7c00, LARGEST = 0x7bff }; /* halves of one sign; the largest of them */

static void check_all(const ck_kernels *k) {
  static uint16_t halves[2 * FINITE], back[2 * FINITE];
  for (int32_t i = 0; i < FINITE; i++) {
    halves[i] = (uint16_t)i;
    halves[FINITE + i] = (uint16_t)(i | 0x8000);
  }
  float *floats = reserve(2 * FINITE);
  k->widen_halves(floats, halves, 2 * FINITE);
  k->narrow_floats(back, floats, 2 * FINITE);
  for (int32_t i = 0; i < 2 * FINITE; i++) {
    expect(floats[i] == value_of(halves[i]) && !signbit(floats[i]) == !(halves[i] & 0x8000),
           "half %#x is widened to %g", halves[i], floats[i]);
    expect(back[i] == halves[i], "half %#x comes back as %#x", halves[i], back[i]);
  }
  release(floats, 2 * FINITE, "widened halves");
}

/* Half-way between two halves, ties go to the even one; a float beside it, to the nearer one. */
static void check_rounding(const ck_kernels *k) {
  for (uint16_t half = 0; half < LARGEST; half++) {
    const float middle = (float)((value_of(half) + value_of(half + 1)) / 2);
    const float floats[] = {nextafterf(middle, 0), middle, nextafterf(middle, 1e9f), -middle};
    const uint16_t even = half + (half & 1);
    const uint16_t expected[] = {half, even, half + 1, even | 0x8000};
    uint16_t found[4];
    k->narrow_floats(found, floats, 4);
    for (int32_t i = 0; i < 4; i++)
      expect(found[i] == expected[i], "%.9g is narrowed to %#x", floats[i], found[i]);
  }
  const float beyond[] = {65520, 1e30f, -65520, -1e30f};
  uint16_t found[4];
  k->narrow_floats(found, beyond, 4);
  for (int32_t i = 0; i < 4; i++)
    expect(found[i] == (i < 2 ? LARGEST : LARGEST | 0x8000), "%g is narrowed to %#x", beyond[i],
           found[i]);
}

static void check_ends(const ck_kernels *k, int32_t n) {
  float floats[40];
  uint16_t halves[40];
  for (int32_t i = 0; i < 40; i++) {
    floats[i] = 7;
    halves[i] = 0x3c00; /* 1 */
  }
  k->widen_halves(floats, halves, n);
  for (int32_t i = 0; i < 40; i++)
    expect(floats[i] == (i < n ? 1 : 7), "widening %d halves: the one at %d", n, i);
  for (int32_t i = 0; i < 40; i++) floats[i] = 2;
  k->narrow_floats(halves, floats, n);
  for (int32_t i = 0; i < 40; i++)
    expect(halves[i] == (i < n ? 0x4000 : 0x3c00), "narrowing %d floats: the one at %d", n, i);
}

/* As in arrays.c: the window lies, but for its last bits, at `planted`. */
static void check_nearest(const ck_kernels *k, int32_t starts, int32_t length, int32_t planted) {
  const int32_t count = starts + length - 1;
  uint16_t series[count + 1];
  float window[length];
  for (int32_t i = 0; i <= count; i++) {
    const float value = number();
    k->narrow_floats(series + i, &value, 1);
  }
  for (int32_t q = 0; q < length; q++) window[q] = number();
  if (starts > 0) k->narrow_floats(series + planted, window, length);
  double least = INFINITY;
  for (int32_t j = 0; j < starts; j++) {
    double sum = 0;
    for (int32_t q = 0; q < length; q++) {
      const double d = value_of(series[j + q]) - window[q];
      sum += d * d;
    }
    least = fmin(least, sum);
  }
  expect_near(k->nearest_window_half(series, starts, window, length), least, 1e-5 * least + 1e-12,
              "nearest window of %d among %d halves, at %d", length, starts, planted);
}

void check_halves(const ck_kernels *k) {
  seed_numbers(6);
  check_all(k);
  check_rounding(k);
  const int32_t counts[] = {0, 1, 15, 16, 17, 33};
  for (int32_t i = 0; i < 6; i++) check_ends(k, counts[i]);
  const int32_t starts[] = {0, 1, 15, 16, 17, 255, 256, 257, 271, 272, 273};
  const int32_t lengths[] = {1, 8, 12, 13};
  for (int32_t i = 0; i < 11; i++)
    for (int32_t j = 0; j < 4; j++)
      for (int32_t planted = 0; planted == 0 || planted < starts[i]; planted++)
        check_nearest(k, starts[i], lengths[j], planted);
}
