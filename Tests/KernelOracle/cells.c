/* A batch of sequences through an LSTM cell: states, and gradients of weights, inputs and initial
 * state. */
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

/* inputs, hidden, steps, batch: every kind of padding, batches above and below a register tile, and
 * more steps than one block of the gradient takes. */
static const int32_t cases[][4] = {{12, 8, 4, 3},  {1, 1, 1, 1},  {3, 5, 31, 9},  {7, 13, 5, 8},
                                   {5, 17, 3, 33}, {16, 24, 4, 6}, {9, 40, 2, 13}, {2, 8, 3, 140}};

/* One case: sizes, arrays, and where each array starts among all variables of the loss. */
typedef struct {
  ck_cell n;
  int32_t steps, batch;
  float *weights, *inputs, *outputs, *cells, *gates, *tangents; /* as in ck_cell_run */
  float *byOutputs, *byState; /* coefficients of all h and of the final state in the loss */
} example;

static int32_t eights(int32_t n) { return (n + 7) / 8 * 8; }

/* Float `index` of an array; `first` is the place of the array's first float among all. */
static dual variable(const float *array, int32_t first, int32_t index, int32_t varied) {
  return (dual){array[index], first + index == varied};
}

typedef struct {
  int32_t inputs, h, c;
} places;

static places places_of(const example *e) {
  const int32_t inputs = ck_cell_parameter_count(&e->n);
  const int32_t h = inputs + e->steps * e->batch * e->n.lanes;
  return (places){inputs, h, h + e->batch * e->n.units};
}

/* The loss is a sum of all h and of the final c with the coefficients as weights. States go to `h`
 * and `c` [steps + 1][batch][hidden], if wanted. */
static dual oracle_loss(const example *e, int32_t varied, double *allH, double *allC) {
  const ck_cell *n = &e->n;
  const int32_t H = n->hidden, U = n->units, B = e->batch;
  const places at = places_of(e);
  const parameters p = {e->weights, varied};
  dual loss = constant(0);
  for (int32_t b = 0; b < B; b++) {
    dual h[H], c[H], next[H];
    for (int32_t u = 0; u < H; u++) {
      h[u] = variable(e->outputs, at.h, b * U + u, varied);
      c[u] = variable(e->cells, at.c, b * U + u, varied);
    }
    for (int32_t t = 0; t < e->steps; t++) {
      for (int32_t u = 0; u < H; u++) {
        dual sums[4];
        for (int32_t g = 0; g < 4; g++) {
          sums[g] = parameter(p, ((n->inputs + H) * 4 + g) * U + u);
          for (int32_t i = 0; i < n->inputs; i++)
            sums[g] = plus(sums[g], times(variable(e->inputs, at.inputs,
                                                   (t * B + b) * n->lanes + i, varied),
                                          parameter(p, (i * 4 + g) * U + u)));
          for (int32_t v = 0; v < H; v++)
            sums[g] = plus(sums[g], times(h[v], parameter(p, ((n->inputs + v) * 4 + g) * U + u)));
        }
        next[u] = cell_of(sums, c + u);
      }
      memcpy(h, next, sizeof h);
      for (int32_t u = 0; u < H; u++) {
        loss = plus(loss, times(h[u], constant(e->byOutputs[(t * B + b) * U + u])));
        if (allH) allH[(t * B + b) * H + u] = h[u].value;
        if (allC) allC[(t * B + b) * H + u] = c[u].value;
      }
    }
    for (int32_t u = 0; u < H; u++) {
      loss = plus(loss, times(h[u], constant(e->byState[b * U + u])));
      loss = plus(loss, times(c[u], constant(e->byState[(B + b) * U + u])));
    }
  }
  return loss;
}

static void fill_rows(float *array, int32_t rows, int32_t count, int32_t stride, float padding) {
  for (int32_t i = 0; i < rows * stride; i++) array[i] = i % stride < count ? number() : padding;
}

static void check_forward(const ck_kernels *k, const example *e, const ck_cell_run *run) {
  const int32_t H = e->n.hidden, U = e->n.units, B = e->batch, rows = e->steps * B;
  double h[rows * H], c[rows * H];
  oracle_loss(e, -1, h, c);
  k->cell_forward(&e->n, run);
  for (int32_t r = 0; r < rows; r++)
    for (int32_t u = 0; u < U; u++) {
      const double expectedH = u < H ? h[r * H + u] : 0, expectedC = u < H ? c[r * H + u] : 0;
      expect_near(e->outputs[(B + r) * U + u], expectedH, 2e-6, "batch, h[%d] of row %d", u, r);
      expect_near(e->cells[(B + r) * U + u], expectedC, 4e-6, "batch, c[%d] of row %d", u, r);
    }
}

/* The gradient of every variable of the loss, in the order of `places`. */
static void check_backward(const ck_kernels *k, const example *e, const ck_cell_run *run,
                           bool wantsInputs) {
  const ck_cell *n = &e->n;
  const int32_t B = e->batch, U = n->units, floats = ck_cell_parameter_count(n),
                inputs = e->steps * B * n->lanes, scratch = ck_cell_scratch_floats(n);
  const places at = places_of(e);
  float *gradient = reserve(floats), *state = reserve(2 * B * U), *byInputs = reserve(inputs),
        *room = reserve(scratch);
  memcpy(state, e->byState, 2 * (size_t)(B * U) * sizeof(float));
  for (int32_t i = 0; i < floats; i++) gradient[i] = 0.25f; /* gradients accumulate */
  k->cell_forward(n, run);
  const ck_cell_gradient d = {e->byOutputs, state, wantsInputs ? byInputs : NULL, gradient, room};
  k->cell_backward(n, run, &d);

  const int32_t all = at.c + B * U, stride = stride_for(all);
  double largest = 0, expected[all];
  for (int32_t i = 0; i < all; i += stride) {
    expected[i] = oracle_loss(e, i, NULL, NULL).slope;
    largest = fmax(largest, fabs(expected[i]));
  }
  expect(largest > 1e-3, "batch: the case of %d units has no gradient", n->hidden);
  for (int32_t i = 0; i < all; i += stride) {
    const double tolerance = 2e-5 * largest;
    if (i < at.inputs)
      expect_near(gradient[i] - 0.25, expected[i], tolerance, "batch, gradient[%d] of %d units", i,
                  n->hidden);
    else if (i < at.h)
      expect_near(byInputs[i - at.inputs], wantsInputs ? expected[i] : 0, tolerance,
                  "batch, gradient of input %d of %d units", i - at.inputs, n->hidden);
    else
      expect_near(state[i - at.h], expected[i], tolerance,
                  "batch, gradient of initial state %d of %d units", i - at.h, n->hidden);
  }
  for (int32_t i = 0; i < floats; i++)
    expect(i % U < n->hidden || gradient[i] == 0.25f, "batch: padding %d of the gradient", i);
  release(gradient, floats, "batch, gradient");
  release(state, 2 * B * U, "batch, gradient of the state");
  release(byInputs, inputs, "batch, gradient of the inputs");
  release(room, scratch, "batch, scratch");
}

static void check_case(const ck_kernels *k, const int32_t sizes[4]) {
  example e = {{sizes[0], sizes[1], eights(sizes[0]), eights(sizes[1])}, sizes[2], sizes[3],
               0, 0, 0, 0, 0, 0, 0, 0};
  const int32_t H = e.n.hidden, U = e.n.units, B = e.batch, T = e.steps, L = e.n.lanes;
  const int32_t floats = ck_cell_parameter_count(&e.n);
  e.weights = reserve(floats);
  e.inputs = reserve(T * B * L);
  e.outputs = reserve((T + 1) * B * U);
  e.cells = reserve((T + 1) * B * U);
  e.gates = reserve(T * B * 4 * U);
  e.tangents = reserve(T * B * U);
  e.byOutputs = reserve(T * B * U);
  e.byState = reserve(2 * B * U);
  fill_rows(e.weights, floats / U, H, U, 0);
  fill_rows(e.inputs, T * B, e.n.inputs, L, NAN); /* this padding is never read */
  fill_rows(e.outputs, B, H, U, 0);
  fill_rows(e.cells, B, H, U, 0);
  fill_rows(e.byOutputs, T * B, H, U, 0);
  fill_rows(e.byState, 2 * B, H, U, 0);
  const ck_cell_run run = {e.weights, e.inputs, e.outputs, e.cells, e.gates, e.tangents, T, B};
  check_forward(k, &e, &run);
  for (int32_t i = 0; i < T * B * L; i++)
    if (i % L >= e.n.inputs) e.inputs[i] = 0; /* the oracle differentiates by it, too: 0 */
  check_backward(k, &e, &run, true);
  check_backward(k, &e, &run, false);
  release(e.weights, floats, "batch, weights");
  release(e.inputs, T * B * L, "batch, inputs");
  release(e.outputs, (T + 1) * B * U, "batch, h");
  release(e.cells, (T + 1) * B * U, "batch, c");
  release(e.gates, T * B * 4 * U, "batch, gates");
  release(e.tangents, T * B * U, "batch, tanh(c)");
  release(e.byOutputs, T * B * U, "batch, gradient of h");
  release(e.byState, 2 * B * U, "batch, gradient of the final state");
}

void check_cells(const ck_kernels *k) {
  seed_numbers(31);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_case(k, cases[i]);
}
