/* Step, head and gradient of the network of symbols. */
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

/* symbols, numbers, hidden, steps: the detector's own, the smallest, and every kind of padding. */
static const int32_t cases[][4] = {{62, 1, 8, 32}, {62, 1, 16, 32}, {2, 0, 1, 1}, {5, 1, 5, 7},
                                   {15, 2, 9, 5},  {16, 3, 8, 9},   {14, 1, 17, 3}};

static int32_t rows(const ck_symbol_shape *s) { return s->symbols + s->scalars + s->hidden + 1; }

static int32_t gate_index(const ck_symbol_shape *s, int32_t gate, int32_t unit, int32_t row) {
  return (row * 4 + gate) * s->units + unit;
}

static int32_t head_index(const ck_symbol_shape *s, int32_t output, int32_t unit) {
  return rows(s) * 4 * s->units + unit * s->lanes + output;
}

/* `kind` 0: what `symbol` adds to the location of the time; 1: to its log-scale. */
static int32_t time_index(const ck_symbol_shape *s, int32_t kind, int32_t symbol) {
  return head_index(s, symbol, s->hidden + 1 + kind);
}

static void oracle_step(const ck_symbol_shape *s, parameters p, int32_t symbol,
                        const float *numbers, dual *h, dual *c) {
  dual next[s->hidden];
  for (int32_t u = 0; u < s->hidden; u++) {
    dual sums[4];
    for (int32_t g = 0; g < 4; g++) {
      sums[g] = plus(parameter(p, gate_index(s, g, u, rows(s) - 1)),
                     parameter(p, gate_index(s, g, u, symbol)));
      for (int32_t i = 0; i < s->scalars; i++)
        sums[g] = plus(sums[g], times(constant(numbers[i]),
                                      parameter(p, gate_index(s, g, u, s->symbols + i))));
      for (int32_t v = 0; v < s->hidden; v++)
        sums[g] = plus(sums[g], times(h[v], parameter(p, gate_index(s, g, u, s->symbols +
                                                                             s->scalars + v))));
    }
    next[u] = cell_of(sums, c + u);
  }
  memcpy(h, next, sizeof next);
}

static dual oracle_output(const ck_symbol_shape *s, parameters p, const dual *h, int32_t output) {
  dual sum = parameter(p, head_index(s, output, s->hidden));
  for (int32_t u = 0; u < s->hidden; u++)
    sum = plus(sum, times(h[u], parameter(p, head_index(s, output, u))));
  return sum;
}

/* Logarithm of the sum of the powers of the logits: what each logit is divided by. */
static dual oracle_total(const ck_symbol_shape *s, parameters p, const dual *h) {
  dual sum = constant(0);
  for (int32_t o = 0; o < s->symbols; o++) sum = plus(sum, exponential(oracle_output(s, p, h, o)));
  return logarithm(sum);
}

static void initial_state(const ck_symbol_shape *s, const float *state, dual *h, dual *c) {
  for (int32_t u = 0; u < s->hidden; u++) {
    h[u] = constant(state[u]);
    c[u] = constant(state[s->units + u]);
  }
}

static dual oracle_loss(const ck_symbol_shape *s, parameters p, const ck_symbol_bptt *b) {
  dual h[s->hidden], c[s->hidden], loss = constant(0);
  initial_state(s, b->initial, h, c);
  for (int32_t t = 0; t < b->steps; t++) {
    oracle_step(s, p, b->symbols[t], b->numbers + t * s->scalars, h, c);
    const int32_t next = b->symbols[t + 1];
    const dual logit = oracle_output(s, p, h, next);
    loss = plus(loss, plus(oracle_total(s, p, h), times(constant(-1), logit)));
    const dual location = plus(oracle_output(s, p, h, s->symbols),
                               parameter(p, time_index(s, 0, next)));
    const dual logScale = plus(oracle_output(s, p, h, s->symbols + 1),
                               parameter(p, time_index(s, 1, next)));
    loss = plus(loss, times(constant(b->known[t]), likelihood(location, logScale, b->times[t],
                                                              b->degreesOfFreedom)));
  }
  return times(loss, constant(1.0 / b->steps));
}

static int32_t fill_weights(const ck_symbol_shape *s, float *weights, int32_t *places) {
  int32_t count = 0;
  for (int32_t row = 0; row < rows(s); row++)
    for (int32_t g = 0; g < 4; g++)
      for (int32_t u = 0; u < s->hidden; u++) places[count++] = gate_index(s, g, u, row);
  for (int32_t unit = 0; unit <= s->hidden; unit++)
    for (int32_t o = 0; o < s->symbols + 2; o++) places[count++] = head_index(s, o, unit);
  for (int32_t kind = 0; kind < 2; kind++)
    for (int32_t o = 0; o < s->symbols; o++) places[count++] = time_index(s, kind, o);
  for (int32_t i = 0; i < count; i++) weights[places[i]] = number();
  return count;
}

static void check_forward(const ck_kernels *k, const ck_symbol_shape *s, const float *weights,
                          const ck_symbol_bptt *b) {
  float *state = reserve(2 * s->units), *y = reserve(s->lanes);
  memcpy(state, b->initial, 2 * (size_t)s->units * sizeof(float));
  dual h[s->hidden], c[s->hidden];
  initial_state(s, b->initial, h, c);
  const parameters p = {weights, -1};
  for (int32_t t = 0; t < b->steps; t++) {
    const float *numbers = b->numbers + t * s->scalars;
    k->symbol_step(s, weights, b->symbols[t], numbers, state, state + s->units);
    k->symbol_head(s, weights, state, y);
    oracle_step(s, p, b->symbols[t], numbers, h, c);
    for (int32_t u = 0; u < s->hidden; u++) {
      expect_near(state[u], h[u].value, 2e-6, "symbol step %d, h[%d]", t, u);
      expect_near(state[s->units + u], c[u].value, 4e-6, "symbol step %d, c[%d]", t, u);
    }
    const double total = oracle_total(s, p, h).value;
    for (int32_t o = 0; o < s->symbols; o++) {
      const double probability = exp(oracle_output(s, p, h, o).value - total);
      expect_near(y[o], probability, 1e-5 * probability + 1e-7, "symbol head at %d, y[%d]", t, o);
    }
    for (int32_t o = s->symbols; o < s->symbols + 2; o++)
      expect_near(y[o], oracle_output(s, p, h, o).value, 1e-5, "symbol head at %d, y[%d]", t, o);
  }
  release(state, 2 * s->units, "symbol step");
  release(y, s->lanes, "symbol head");
}

static void check_gradient(const ck_kernels *k, const ck_symbol_shape *s, const float *weights,
                           const ck_symbol_bptt *b, const int32_t *places, int32_t count) {
  const int32_t floats = ck_symbol_parameter_count(s), stride = stride_for(count);
  k->symbol_gradient(s, b);
  double expected[count], largest = 0;
  for (int32_t i = 0; i < count; i += stride) {
    expected[i] = oracle_loss(s, (parameters){weights, places[i]}, b).slope;
    largest = fmax(largest, fabs(expected[i]));
  }
  expect(largest > 1e-3, "symbol gradient: the case of %d units has none", s->hidden);
  for (int32_t i = 0; i < count; i += stride)
    expect_near(b->gradient[places[i]], expected[i], 3e-5 * largest,
                "symbol gradient[%d] of %d units", places[i], s->hidden);
  for (int32_t i = 0; i < count; i++) b->gradient[places[i]] = 0;
  for (int32_t i = 0; i < floats; i++)
    expect(b->gradient[i] == 0, "symbol gradient: padding %d is %g", i, b->gradient[i]);
}

static void check_case(const ck_kernels *k, const int32_t sizes[4]) {
  const ck_symbol_shape s = {sizes[0], sizes[1], sizes[2], (sizes[2] + 7) / 8 * 8,
                             (sizes[0] + 2 + 15) / 16 * 16};
  const int32_t steps = sizes[3], floats = ck_symbol_parameter_count(&s);
  const int32_t eights = (steps + 7) / 8 * 8, scratch = ck_symbol_scratch_floats(&s, steps);
  float *weights = reserve(floats), *initial = reserve(2 * s.units),
        *numbers = reserve(steps * s.scalars), *moments = reserve(eights), *known = reserve(eights),
        *gradient = reserve(floats), *room = reserve(scratch);
  int32_t places[floats], symbols[steps + 1];
  const int32_t count = fill_weights(&s, weights, places);
  for (int32_t u = 0; u < s.hidden; u++) {
    initial[u] = number();
    initial[s.units + u] = number();
  }
  for (int32_t t = 0; t <= steps; t++) symbols[t] = (int32_t)(uniform() * s.symbols);
  for (int32_t i = 0; i < steps * s.scalars; i++) numbers[i] = number();
  for (int32_t t = 0; t < steps; t++) {
    moments[t] = number();
    known[t] = t == 0 || uniform() < 0.8 ? 0.5f : 0;
  }
  const ck_symbol_bptt b = {weights, initial,  symbols, numbers, moments,
                            known,   gradient, room,    steps,   4};
  check_forward(k, &s, weights, &b);
  check_gradient(k, &s, weights, &b, places, count);
  release(weights, floats, "weights");
  release(initial, 2 * s.units, "initial");
  release(numbers, steps * s.scalars, "numbers");
  release(moments, eights, "times");
  release(known, eights, "known");
  release(gradient, floats, "symbol gradient");
  release(room, scratch, "scratch of the symbol gradient");
}

void check_symbols(const ck_kernels *k) {
  seed_numbers(21);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_case(k, cases[i]);
}
