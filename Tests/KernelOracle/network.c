/* Step, head and gradient of the network of values. */
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

/* inputs, hidden, horizons, steps: the detector's own, the smallest, and every kind of padding. */
static const int32_t cases[][4] = {{12, 8, 4, 32}, {1, 1, 1, 1},    {3, 5, 2, 7},
                                   {12, 8, 4, 31}, {7, 13, 3, 32},  {12, 16, 4, 32},
                                   {5, 17, 5, 10}, {12, 32, 4, 32}, {2, 9, 9, 3}};

static int32_t eights(int32_t n) { return (n + 7) / 8 * 8; }

static int32_t gate_index(const ck_shape *s, int32_t gate, int32_t unit, int32_t row) {
  return (row * 4 + gate) * s->units + unit;
}

static int32_t head_index(const ck_shape *s, int32_t output, int32_t row) {
  return (s->inputs + s->hidden + 1) * 4 * s->units + row * s->outputLanes + output;
}

static void oracle_step(const ck_shape *s, parameters p, const float *x, dual *h, dual *c) {
  dual next[s->hidden];
  for (int32_t u = 0; u < s->hidden; u++) {
    dual sums[4];
    for (int32_t g = 0; g < 4; g++) {
      sums[g] = parameter(p, gate_index(s, g, u, s->inputs + s->hidden));
      for (int32_t i = 0; i < s->inputs; i++)
        sums[g] = plus(sums[g], times(constant(x[i]), parameter(p, gate_index(s, g, u, i))));
      for (int32_t v = 0; v < s->hidden; v++)
        sums[g] = plus(sums[g], times(h[v], parameter(p, gate_index(s, g, u, s->inputs + v))));
    }
    next[u] = cell_of(sums, c + u);
  }
  memcpy(h, next, sizeof next);
}

static dual oracle_output(const ck_shape *s, parameters p, const float *x, const dual *h,
                          int32_t output) {
  dual sum = parameter(p, head_index(s, output, s->inputs + s->hidden));
  for (int32_t i = 0; i < s->inputs; i++)
    sum = plus(sum, times(constant(x[i]), parameter(p, head_index(s, output, i))));
  for (int32_t u = 0; u < s->hidden; u++)
    sum = plus(sum, times(h[u], parameter(p, head_index(s, output, s->inputs + u))));
  return sum;
}

static void initial_state(int32_t hidden, const float *state, int32_t units, dual *h, dual *c) {
  for (int32_t u = 0; u < hidden; u++) {
    h[u] = constant(state[u]);
    c[u] = constant(state[units + u]);
  }
}

static dual oracle_loss(const ck_shape *s, parameters p, const ck_bptt *b) {
  dual h[s->hidden], c[s->hidden], loss = constant(0);
  initial_state(s->hidden, b->initial, s->units, h, c);
  for (int32_t t = 0; t < b->steps; t++) {
    const float *x = b->inputs + t * s->inputs;
    oracle_step(s, p, x, h, c);
    for (int32_t q = 0; q < s->horizons; q++)
      if (b->known[t * s->horizons + q] != 0)
        loss = plus(loss, likelihood(oracle_output(s, p, x, h, q),
                                     oracle_output(s, p, x, h, s->horizons + q),
                                     b->targets[t * s->horizons + q], b->degreesOfFreedom));
  }
  return times(loss, constant(1.0 / b->steps));
}

/* Random weights and their places in the block; one log-scale beyond each end of its clip. */
static int32_t fill_weights(const ck_shape *s, float *weights, int32_t *places) {
  int32_t count = 0;
  for (int32_t row = 0; row <= s->inputs + s->hidden; row++) {
    for (int32_t g = 0; g < 4; g++)
      for (int32_t u = 0; u < s->hidden; u++) places[count++] = gate_index(s, g, u, row);
    for (int32_t o = 0; o < 2 * s->horizons; o++) places[count++] = head_index(s, o, row);
  }
  for (int32_t i = 0; i < count; i++) weights[places[i]] = number();
  weights[head_index(s, s->horizons, s->inputs + s->hidden)] = 3.2f;
  if (s->horizons > 1) weights[head_index(s, s->horizons + 1, s->inputs + s->hidden)] = -5.2f;
  return count;
}

static void check_forward(const ck_kernels *k, const ck_shape *s, const float *weights,
                          const ck_bptt *b) {
  float *state = reserve(2 * s->units), *y = reserve(s->outputLanes);
  memcpy(state, b->initial, 2 * (size_t)s->units * sizeof(float));
  dual h[s->hidden], c[s->hidden];
  initial_state(s->hidden, b->initial, s->units, h, c);
  const parameters p = {weights, -1};
  for (int32_t t = 0; t < b->steps; t++) {
    const float *x = b->inputs + t * s->inputs;
    k->step(s, weights, x, state, state + s->units);
    k->head(s, weights, x, state, y);
    oracle_step(s, p, x, h, c);
    for (int32_t u = 0; u < s->hidden; u++) {
      expect_near(state[u], h[u].value, 2e-6, "step %d, h[%d]", t, u);
      expect_near(state[s->units + u], c[u].value, 4e-6, "step %d, c[%d]", t, u);
    }
    for (int32_t o = 0; o < 2 * s->horizons; o++)
      expect_near(y[o], oracle_output(s, p, x, h, o).value, 1e-5, "head at %d, y[%d]", t, o);
  }
  release(state, 2 * s->units, "step");
  release(y, s->outputLanes, "head");
}

static void check_gradient(const ck_kernels *k, const ck_shape *s, const float *weights,
                           const ck_bptt *b, const int32_t *places, int32_t count) {
  const int32_t floats = ck_parameter_count(s), stride = stride_for(count);
  k->gradient(s, b);
  double expected[count], largest = 0;
  for (int32_t i = 0; i < count; i += stride) {
    expected[i] = oracle_loss(s, (parameters){weights, places[i]}, b).slope;
    largest = fmax(largest, fabs(expected[i]));
  }
  expect(largest > 1e-3, "gradient: the case of %d units has none", s->hidden);
  for (int32_t i = 0; i < count; i += stride)
    expect_near(b->gradient[places[i]], expected[i], 2e-5 * largest, "gradient[%d] of %d units",
                places[i], s->hidden);
  for (int32_t i = 0; i < count; i++) b->gradient[places[i]] = 0;
  for (int32_t i = 0; i < floats; i++)
    expect(b->gradient[i] == 0, "gradient: padding %d is %g", i, b->gradient[i]);
}

/* What is not finite must not come out as a gradient that looks like one. */
static void check_poison(const ck_kernels *k, const ck_shape *s, const ck_bptt *b, float *x,
                         float *state) {
  const float poisons[] = {NAN, INFINITY, -INFINITY};
  for (int32_t i = 0; i < 3; i++) {
    x[0] = state[0] = poisons[i];
    k->gradient(s, b);
    expect(!isfinite(k->squared_norm(b->gradient, ck_parameter_count(s))),
           "gradient of %g is finite", (double)poisons[i]);
  }
  float *h = reserve(2 * s->units);
  x[0] = NAN;
  k->step(s, b->weights, x, h, h + s->units);
  for (int32_t u = 0; u < s->hidden; u++) expect(isnan(h[u]), "a step from NaN: h[%d] is none", u);
  release(h, 2 * s->units, "step from NaN");
}

static void check_case(const ck_kernels *k, const int32_t sizes[4]) {
  const ck_shape s = {sizes[0], sizes[1], sizes[2], eights(sizes[1]), eights(2 * sizes[2])};
  const int32_t steps = sizes[3], floats = ck_parameter_count(&s);
  const int32_t pairs = eights(steps * s.horizons), scratch = ck_scratch_floats(&s, steps);
  float *weights = reserve(floats), *initial = reserve(2 * s.units),
        *inputs = reserve(steps * s.inputs), *targets = reserve(pairs), *known = reserve(pairs),
        *gradient = reserve(floats), *room = reserve(scratch);
  int32_t places[floats];
  const int32_t count = fill_weights(&s, weights, places);
  for (int32_t u = 0; u < s.hidden; u++) {
    initial[u] = number();
    initial[s.units + u] = number();
  }
  for (int32_t i = 0; i < steps * s.inputs; i++) inputs[i] = number();
  for (int32_t i = 0; i < steps * s.horizons; i++) {
    known[i] = i == 0 || uniform() < 0.8;
    targets[i] = known[i] != 0 ? number() : 0;
  }
  const ck_bptt b = {weights, initial, inputs, targets, known, gradient, room, steps, 4};
  check_forward(k, &s, weights, &b);
  check_gradient(k, &s, weights, &b, places, count);
  check_poison(k, &s, &b, inputs, initial);
  release(weights, floats, "weights");
  release(initial, 2 * s.units, "initial");
  release(inputs, steps * s.inputs, "inputs");
  release(targets, pairs, "targets");
  release(known, pairs, "known");
  release(gradient, floats, "gradient");
  release(room, scratch, "scratch of the gradient");
}

void check_network(const ck_kernels *k) {
  seed_numbers(11);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_case(k, cases[i]);
}
