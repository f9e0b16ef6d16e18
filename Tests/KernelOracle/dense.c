/* Dense layers and the activations between them. */
#include <string.h>

#include "oracle.h"

/* inputs, outputs, rows: every kind of padding, and more rows than one block of the gradient takes. */
static const int32_t cases[][3] = {{1, 1, 1},   {8, 8, 4},   {12, 3, 7},  {33, 17, 13},
                                   {5, 62, 29}, {64, 8, 300}, {20, 40, 2}};

static int32_t eights(int32_t n) { return (n + 7) / 8 * 8; }

static float *random_rows(int32_t rows, int32_t count, int32_t stride, float padding) {
  float *memory = reserve(rows * stride);
  for (int32_t i = 0; i < rows * stride; i++) memory[i] = i % stride < count ? number() : padding;
  return memory;
}

/* A dense layer is linear: its gradients are sums that can be written down. */
static void check_case(const ck_kernels *k, const int32_t sizes[3]) {
  const ck_dense n = {sizes[0], sizes[1], eights(sizes[0]), eights(sizes[1])};
  const int32_t rows = sizes[2], O = n.lanes, L = n.inputLanes, I = n.inputs,
                floats = ck_dense_parameter_count(&n), scratch = ck_dense_scratch_floats(&n);
  float *w = random_rows(I + 1, n.outputs, O, 0), *x = random_rows(rows, I, L, NAN),
        *slopes = random_rows(rows, n.outputs, O, 0), *y = reserve(rows * O),
        *byInputs = reserve(rows * L), *gradient = reserve(floats), *room = reserve(scratch);
  k->dense_forward(&n, w, x, y, rows);
  for (int32_t r = 0; r < rows; r++)
    for (int32_t o = 0; o < O; o++) {
      double sum = w[I * O + o];
      for (int32_t i = 0; i < I; i++) sum += (double)x[r * L + i] * w[i * O + o];
      expect_near(y[r * O + o], sum, 1e-5, "dense %d to %d, y[%d] of row %d", I, n.outputs, o, r);
    }

  for (int32_t i = 0; i < floats; i++) gradient[i] = 0.25f; /* gradients accumulate */
  ck_dense_gradient d = {w, x, slopes, byInputs, gradient, room};
  k->dense_backward(&n, &d, rows);
  for (int32_t i = 0; i <= I; i++)
    for (int32_t o = 0; o < O; o++) {
      double sum = 0.25;
      for (int32_t r = 0; r < rows; r++)
        sum += (i < I ? (double)x[r * L + i] : 1) * slopes[r * O + o];
      expect_near(gradient[i * O + o], sum, 1e-5 * sqrt(rows), "dense %d to %d, gradient[%d][%d]",
                  I, n.outputs, i, o);
    }
  for (int32_t r = 0; r < rows; r++)
    for (int32_t i = 0; i < L; i++) {
      double sum = 0;
      for (int32_t o = 0; i < I && o < O; o++) sum += (double)slopes[r * O + o] * w[i * O + o];
      expect_near(byInputs[r * L + i], sum, 1e-5, "dense %d to %d, gradient of input %d of row %d", I,
                  n.outputs, i, r);
    }
  d.inputs = NULL;
  k->dense_backward(&n, &d, rows);
  release(w, floats, "dense, weights");
  release(x, rows * L, "dense, x");
  release(slopes, rows * O, "dense, slopes");
  release(y, rows * O, "dense, y");
  release(byInputs, rows * L, "dense, gradient of the inputs");
  release(gradient, floats, "dense, gradient");
  release(room, scratch, "dense, scratch");
}

static void check_activations(const ck_kernels *k, int32_t n) {
  float *x = random_rows(1, n, n, 0), *t = reserve(n), *s = reserve(n), *slopes = reserve(n);
  for (int32_t i = 0; i < n; i++) {
    x[i] *= 8;
    slopes[i] = 2;
  }
  memcpy(t, x, (size_t)n * sizeof(float));
  memcpy(s, x, (size_t)n * sizeof(float));
  k->tangents(t, n);
  k->tangents_back(t, slopes, n);
  k->logistics(s, n);
  for (int32_t i = 0; i < n; i++) {
    const double tangent = tanh(x[i]);
    expect_near(t[i], tangent, 3e-7, "tanh(%g)", (double)x[i]);
    expect_near(slopes[i], 2 * (1 - tangent * tangent), 2e-6, "tanh'(%g)", (double)x[i]);
    expect_near(s[i], 1 / (1 + exp(-x[i])), 3e-7, "logistic(%g)", (double)x[i]);
  }
  release(x, n, "activations, x");
  release(t, n, "tanh");
  release(s, n, "logistic");
  release(slopes, n, "slopes of tanh");
}

void check_dense(const ck_kernels *k) {
  seed_numbers(32);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_case(k, cases[i]);
  const int32_t counts[] = {8, 64, 1000};
  for (int32_t i = 0; i < 3; i++) check_activations(k, counts[i]);
}
