/* Losses: their values, and their gradients as slopes of dual numbers. */
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

/* What the four losses of single predictions have in common. */
typedef struct {
  const char *name;
  int32_t parts; /* predictions for each target: location, log-scale */
  float (*run)(const ck_kernels *, const ck_loss *);
  dual (*oracle)(dual first, dual second, double target);
} kind;

enum { NU = 4 };

static float run_student_t(const ck_kernels *k, const ck_loss *l) { return k->student_t(l, NU); }
static float run_squared(const ck_kernels *k, const ck_loss *l) { return k->squared_error(l); }
static float run_absolute(const ck_kernels *k, const ck_loss *l) { return k->absolute_error(l); }
static float run_logistic(const ck_kernels *k, const ck_loss *l) { return k->logistic_loss(l); }

static dual student_t(dual location, dual logScale, double target) {
  return likelihood(location, logScale, target, NU);
}
static dual difference(dual y, double target) { return plus(y, constant(-target)); }
static dual squared(dual y, dual unused, double target) {
  (void)unused;
  return times(difference(y, target), difference(y, target));
}
static dual absolute(dual y, dual unused, double target) {
  (void)unused;
  return times(difference(y, target), constant(y.value > target ? 1 : y.value < target ? -1 : 0));
}
static dual logistic(dual y, dual unused, double target) {
  (void)unused;
  const dual yes = sigmoid(y), no = sigmoid(times(constant(-1), y));
  return plus(times(constant(-target), logarithm(yes)),
              times(constant(target - 1), logarithm(no)));
}

static const kind kinds[] = {{"Student-t", 2, run_student_t, student_t},
                             {"squared error", 1, run_squared, squared},
                             {"absolute error", 1, run_absolute, absolute},
                             {"logistic loss", 1, run_logistic, logistic}};

static void check_kind(const ck_kernels *k, const kind *kind, int32_t rows, int32_t count,
                       bool inPlace) {
  const int32_t columns = (count + 7) / 8 * 8, stride = kind->parts * columns + 8;
  float *y = reserve(rows * stride), *gradient = reserve(rows * stride),
        *targets = reserve(rows * columns), *weights = reserve(rows * columns);
  for (int32_t i = 0; i < rows * stride; i++) y[i] = gradient[i] = 4 * number();
  for (int32_t i = 0; i < rows * columns; i++) {
    const bool isKnown = i % columns < count && (i == 0 || uniform() < 0.8);
    weights[i] = isKnown ? (float)(0.1 + uniform()) : 0;
    targets[i] = kind->oracle == logistic ? (float)uniform() : number();
  }
  y[0] = targets[0]; /* the absolute error has no slope here */
  double expected[rows * stride], total = 0, sizes = 0;
  for (int32_t i = 0; i < rows * stride; i++) expected[i] = gradient[i];
  const float scale = 0.25f;
  for (int32_t r = 0; r < rows; r++)
    for (int32_t j = 0; j < columns; j++) {
      const double share = (double)weights[r * columns + j] * scale;
      for (int32_t part = 0; part < kind->parts; part++) {
        const int32_t first = r * stride + j, second = first + (kind->parts - 1) * columns;
        const dual loss =
            kind->oracle((dual){y[first], part == 0}, (dual){y[second], part == 1},
                         targets[r * columns + j]);
        expected[first + part * columns] = share * loss.slope;
        if (part == 0) total += share * loss.value, sizes += fabs(share * loss.value);
      }
    }
  if (inPlace) memcpy(gradient, y, (size_t)(rows * stride) * sizeof(float));
  const ck_loss l = {inPlace ? gradient : y, targets, weights, gradient, rows, columns, stride,
                     scale};
  expect_near(kind->run(k, &l), total, 2e-6 * sizes, "%s of %d rows of %d", kind->name, rows,
              count);
  for (int32_t i = 0; i < rows * stride; i++)
    if (i % stride < kind->parts * columns || !inPlace)
      expect_near(gradient[i], expected[i], 3e-6 * fmax(1, fabs(expected[i])),
                  "gradient %d of the %s of %d rows of %d", i, kind->name, rows, count);
  release(y, rows * stride, "loss, predictions");
  release(gradient, rows * stride, "loss, gradient");
  release(targets, rows * columns, "loss, targets");
  release(weights, rows * columns, "loss, weights");
}

static void check_classes(const ck_kernels *k, int32_t rows, int32_t count, int32_t unit) {
  const int32_t lanes = (count + unit - 1) / unit * unit;
  float *logits = reserve(rows * lanes), *gradient = reserve(rows * lanes),
        *weights = reserve(count), *probabilities = reserve(rows * lanes);
  int32_t classes[rows];
  for (int32_t i = 0; i < rows * lanes; i++) probabilities[i] = logits[i] = 6 * number();
  for (int32_t i = 0; i < count; i++) weights[i] = (float)(0.1 + uniform());
  for (int32_t r = 0; r < rows; r++)
    classes[r] = r % 5 == 4 ? -1 : (int32_t)(uniform() * count);
  const float scale = 0.5f;
  const ck_classification l = {logits, classes, weights, gradient, rows, count, lanes, scale};
  const double found = k->softmax_loss(&l);
  k->softmax(probabilities, rows, count, lanes);
  double total = 0;
  for (int32_t r = 0; r < rows; r++) {
    const float *y = logits + r * lanes;
    double sum = 0;
    for (int32_t j = 0; j < count; j++) sum += exp(y[j]);
    const double share = classes[r] < 0 ? 0 : (double)weights[classes[r]] * scale;
    if (classes[r] >= 0) total += share * (log(sum) - y[classes[r]]);
    for (int32_t j = 0; j < lanes; j++) {
      const double p = j < count ? exp(y[j]) / sum : 0;
      expect_near(gradient[r * lanes + j], share * (p - (j == classes[r] ? 1 : 0)) * (j < count),
                  1e-6, "gradient [%d][%d] of the softmax loss of %d", r, j, count);
      expect_near(probabilities[r * lanes + j], j < count ? p : y[j], 1e-6 * fmax(p, 0.1),
                  "softmax [%d][%d] of %d", r, j, count);
    }
  }
  expect_near(found, total, 1e-5 * fmax(1, total), "softmax loss of %d rows of %d", rows, count);
  release(logits, rows * lanes, "softmax loss, logits");
  release(gradient, rows * lanes, "softmax loss, gradient");
  release(weights, count, "softmax loss, weights");
  release(probabilities, rows * lanes, "softmax");
}

void check_losses(const ck_kernels *k) {
  seed_numbers(33);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    for (int32_t count = 1; count <= 24; count += count < 9 ? 1 : 5)
      for (int32_t rows = 1; rows <= 9; rows += 4) {
        check_kind(k, kinds + i, rows, count, false);
        check_kind(k, kinds + i, rows, count, true);
      }
  const int32_t counts[] = {2, 3, 8, 9, 15, 16, 17, 62};
  for (int32_t i = 0; i < 8; i++)
    for (int32_t unit = 8; unit <= 16; unit += 8) check_classes(k, 11, counts[i], unit);
}
