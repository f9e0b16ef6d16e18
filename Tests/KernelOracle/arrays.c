/* The kernels on plain arrays: the norm, Adam, the nearest window. */
#include "oracle.h"

static float *random_floats(int32_t count) {
  float *memory = reserve(count);
  for (int32_t i = 0; i < count; i++) memory[i] = number();
  return memory;
}

static void check_norm(const ck_kernels *k, int32_t n) {
  float *values = random_floats(n);
  double sum = 0;
  for (int32_t i = 0; i < n; i++) sum += (double)values[i] * values[i];
  expect_near(k->squared_norm(values, n), sum, 1e-6 * sum, "squared norm of %d", n);
  if (n > 0) {
    values[n - 1] = NAN;
    expect(isnan(k->squared_norm(values, n)), "squared norm of %d with a NaN", n);
  }
  release(values, n, "squared norm");
}

static void check_adam(const ck_kernels *k, int32_t n) {
  const float scale = 0.75f, rate = 2e-3f, epsilon = 1e-6f;
  float *weights = random_floats(n), *mean = random_floats(n), *variance = random_floats(n),
        *gradient = random_floats(n);
  double w[n], m[n], v[n];
  for (int32_t i = 0; i < n; i++) {
    variance[i] *= variance[i];
    if (i % 5 == 0) mean[i] = variance[i] = gradient[i] = 0; /* as padding is, and stays */
    const double g = (double)gradient[i] * scale;
    m[i] = 0.9 * mean[i] + 0.1 * g;
    v[i] = 0.999 * variance[i] + 0.001 * g * g;
    w[i] = weights[i] - m[i] * rate / (sqrt(v[i]) + epsilon);
  }
  k->adam(weights, mean, variance, gradient, n, scale, rate, epsilon);
  for (int32_t i = 0; i < n; i++) {
    expect_near(mean[i], m[i], 2e-7, "mean %d of Adam on %d", i, n);
    expect_near(variance[i], v[i], 2e-7 * v[i], "variance %d of Adam on %d", i, n);
    expect_near(weights[i], w[i], 1e-6 + 1e-6 * fabs(w[i]), "weight %d of Adam on %d", i, n);
  }
  release(weights, n, "Adam's weights");
  release(mean, n, "Adam's mean");
  release(variance, n, "Adam's variance");
  release(gradient, n, "Adam's gradient");
}

/* The window lies, but for a little, at `planted`: each start must be looked at to find it. */
static void check_nearest(const ck_kernels *k, int32_t starts, int32_t length, int32_t planted) {
  const int32_t count = starts + length - 1;
  float *series = random_floats(count), *window = random_floats(length);
  for (int32_t q = 0; q < length && starts > 0; q++)
    series[planted + q] = window[q] + 1e-3f * number();
  double least = INFINITY;
  for (int32_t j = 0; j < starts; j++) {
    double sum = 0;
    for (int32_t q = 0; q < length; q++) {
      const double d = (double)series[j + q] - window[q];
      sum += d * d;
    }
    least = fmin(least, sum);
  }
  expect_near(k->nearest_window(series, starts, window, length), least, 1e-5 * least + 1e-12,
              "nearest window of %d among %d, at %d", length, starts, planted);
  release(series, count, "nearest window's series");
  release(window, length, "nearest window");
}

void check_arrays(const ck_kernels *k) {
  seed_numbers(5);
  const int32_t counts[] = {0, 1, 15, 16, 31, 32, 33, 840};
  for (int32_t i = 0; i < 8; i++) check_norm(k, counts[i]);
  const int32_t eights[] = {8, 16, 24, 840};
  for (int32_t i = 0; i < 4; i++) check_adam(k, eights[i]);
  const int32_t starts[] = {0, 1, 2, 15, 16, 17, 33, 200}, lengths[] = {1, 8, 12, 13};
  for (int32_t i = 0; i < 8; i++)
    for (int32_t j = 0; j < 4; j++)
      for (int32_t planted = 0; planted == 0 || planted < starts[i]; planted++)
        check_nearest(k, starts[i], lengths[j], planted);
}
