/* Leaf arithmetic of the networks and of the window search, float32, once per instruction set.
 *
 * No allocation, no errors, no state: every function works on memory that the caller owns, and
 * the caller guarantees the sizes stated in each comment. Swift picks one `ck_kernels` at
 * start-up and passes it around; plain double-precision networks in the tests are the oracle.
 *
 * There are two ways to run an LSTM cell, on one arithmetic: the networks of values and of symbols
 * take one stream step by step, for latency; `cell_forward` and `cell_backward` take a batch of
 * sequences of any shape, for throughput, and combine with dense layers and losses.
 */
#pragma once
#include <stdint.h>

/* Sizes of a network of values. `units` and `outputLanes` are `hidden` and `outputs` rounded up to 8;
 * the padding holds zeros and stays zero under training.
 *
 * Parameters, one block of floats:
 *   gates  [inputs + hidden + 1 rows: x, h, bias][i f g o][units]
 *   head   [inputs + hidden + 1 rows: x, h, bias][outputLanes]
 * The first `horizons` outputs are the means, the next `horizons` their log-scales.
 */
typedef struct {
  int32_t inputs, hidden, horizons;
  int32_t units, outputLanes;
} ck_shape;

/* Operands of one truncated-BPTT gradient. All arrays are dense and row-major. */
typedef struct {
  const float *weights;  /* parameters, as above */
  const float *initial;  /* [2][units]: h, c before the first step */
  const float *inputs;   /* [steps][inputs] */
  const float *targets;  /* [steps][horizons], readable up to a multiple of 8 floats */
  const float *known;    /* the same shape: 1 where the target is known, else 0 */
  float *gradient;       /* parameters, overwritten */
  float *scratch;        /* ck_scratch_floats(shape, steps) floats, 64-byte aligned */
  int32_t steps;
  float degreesOfFreedom; /* nu of the Student-t likelihood, > 0 */
} ck_bptt;

/* Sizes of a symbol network: an LSTM that reads one symbol and a few numbers per step and predicts the
 * probability of each next symbol, and its time. `units` is `hidden` rounded up to 8, `lanes` is
 * `symbols` + 2 rounded up to 16.
 *
 * Parameters, one block of floats:
 *   gates  [symbols + scalars + hidden + 1 rows: x one-hot, numbers, h, bias][i f g o][units]
 *   head   [hidden + 1 rows: h, bias][lanes]
 *   time   [2 rows: location, log-scale][lanes]
 * Head outputs: `symbols` logits, then location and log-scale of the time to the next symbol, to
 * which the time rows add that symbol's own offsets.
 */
typedef struct {
  int32_t symbols, scalars, hidden;
  int32_t units, lanes;
} ck_symbol_shape;

/* Operands of one truncated-BPTT gradient of a symbol network. */
typedef struct {
  const float *weights;   /* parameters, as above */
  const float *initial;   /* [2][units]: h, c before the first step */
  const int32_t *symbols; /* [steps + 1]: those read, then the last target */
  const float *numbers;   /* [steps][scalars] */
  const float *times;     /* [steps] target times, readable up to a multiple of 8 floats */
  const float *known;     /* [steps], likewise: weight of each target time in the loss, >= 0 */
  float *gradient;        /* parameters, overwritten */
  float *scratch;         /* ck_symbol_scratch_floats(shape, steps) floats, 64-byte aligned */
  int32_t steps;
  float degreesOfFreedom; /* nu of the Student-t likelihood of times, > 0 */
} ck_symbol_bptt;

/* Sizes of an LSTM cell for batches. `lanes` and `units` are `inputs` and `hidden` rounded up to 8.
 *
 * Parameters, one block of floats, as in the networks above:
 *   gates  [inputs + hidden + 1 rows: x, h, bias][i f g o][units]
 * In parameters and in all arrays over units, the padding holds zeros.
 */
typedef struct {
  int32_t inputs, hidden;
  int32_t lanes, units;
} ck_cell;

/* Operands of a forward pass of a batch of sequences, and what it records for the backward pass. The
 * caller sets the initial state; a final state copied there continues the sequences. */
typedef struct {
  const float *weights;
  const float *inputs; /* [steps][batch][lanes]; the padding is never read */
  float *outputs;      /* [steps + 1][batch][units]: h, the initial one first */
  float *cells;        /* [steps + 1][batch][units]: c, the initial one first */
  float *gates;        /* [steps][batch][4 units]: activations */
  float *tangents;     /* [steps][batch][units]: tanh(c) */
  int32_t steps, batch;
} ck_cell_run;

/* Operands of the backward pass through a cell. */
typedef struct {
  const float *outputs; /* [steps][batch][units]: gradient of each output */
  float *state;    /* [2][batch][units]: gradients of the final h, in addition to `outputs`, and of
                      the final c; replaced by those of the initial h and c */
  float *inputs;   /* [steps][batch][lanes]: gradient of the inputs; NULL if not wanted */
  float *gradient; /* of the parameters: accumulated */
  float *scratch;  /* ck_cell_scratch_floats(cell) floats */
} ck_cell_gradient;

/* Sizes of a dense layer. `inputLanes` and `lanes` are `inputs` and `outputs` rounded up to 8.
 * Parameters: [inputs + 1 rows: x, bias][lanes], zeros in the padding. */
typedef struct {
  int32_t inputs, outputs;
  int32_t inputLanes, lanes;
} ck_dense;

/* Operands of the backward pass through a dense layer. */
typedef struct {
  const float *weights;
  const float *x;       /* [rows][inputLanes]: the inputs of the forward pass */
  const float *outputs; /* [rows][lanes]: gradient of the outputs, zeros in the padding */
  float *inputs;        /* [rows][inputLanes]: gradient of the inputs; NULL if not wanted */
  float *gradient;      /* of the parameters: accumulated */
  float *scratch;       /* ck_dense_scratch_floats(dense) floats */
} ck_dense_gradient;

/* A loss over rows of predictions, such as those of a dense layer: the sum over all targets of
 * weight * scale * loss. `columns` is a multiple of 8; padding has weight 0. All arrays hold finite
 * numbers, unknown targets too. `gradient` may be `predictions`. */
typedef struct {
  const float *predictions; /* [rows][stride] */
  const float *targets;     /* [rows][columns] */
  const float *weights;     /* [rows][columns]: 0 where the target is unknown */
  float *gradient;          /* [rows][stride]: of the predictions */
  int32_t rows, columns, stride;
  float scale;
} ck_loss;

/* The same for classes: the sum over rows of weights[class] * scale * -log softmax(logits)[class]. */
typedef struct {
  const float *logits;    /* [rows][lanes] */
  const int32_t *classes; /* [rows]: 0 ..< count, negative where unknown */
  const float *weights;   /* [count] */
  float *gradient;        /* [rows][lanes]: of the logits, 0 in the padding */
  int32_t rows, count, lanes; /* lanes: `count` rounded up to 8 or 16 */
  float scale;
} ck_classification;

/* Number of floats in a parameter block of a cell or of a dense layer, and of their scratch. */
int32_t ck_cell_parameter_count(const ck_cell *cell);
int32_t ck_cell_scratch_floats(const ck_cell *cell);
int32_t ck_dense_parameter_count(const ck_dense *dense);
int32_t ck_dense_scratch_floats(const ck_dense *dense);

/* Number of floats in a parameter block of a symbol network. */
int32_t ck_symbol_parameter_count(const ck_symbol_shape *shape);
/* Number of floats of scratch that its gradient over `steps` needs. */
int32_t ck_symbol_scratch_floats(const ck_symbol_shape *shape, int32_t steps);

/* Number of floats in a parameter block. */
int32_t ck_parameter_count(const ck_shape *shape);
/* Number of floats of scratch that a gradient over `steps` needs. */
int32_t ck_scratch_floats(const ck_shape *shape, int32_t steps);

typedef struct {
  const char *name;
  /* One step: updates h and c ([units] each), reads x ([inputs]). */
  void (*step)(const ck_shape *, const float *weights, const float *x, float *h, float *c);
  /* Output head: y[outputLanes] from h and x. */
  void (*head)(const ck_shape *, const float *weights, const float *x, const float *h, float *y);
  /* Gradient of the mean (over steps) summed (over horizons) negative log likelihood. */
  void (*gradient)(const ck_shape *, const ck_bptt *);
  /* Sum of squares of n floats. */
  float (*squared_norm)(const float *, int32_t n);
  /* Adam (Kingma & Ba 2015): gradient times `scale`; `rate` and `epsilon` carry the bias
   * corrections of both moments. n is a multiple of 8. */
  void (*adam)(float *weights, float *mean, float *variance, const float *gradient, int32_t n,
               float scale, float rate, float epsilon);
  /* Least sum of squared differences between window[length] and the windows of `series` that
   * start at 0 ..< starts; reads series[0 ..< starts + length - 1]. Infinity for starts == 0. */
  float (*nearest_window)(const float *series, int32_t starts, const float *window,
                          int32_t length);
  /* The same in a series of IEEE halves, given as their bits; the window is of floats. */
  float (*nearest_window_half)(const uint16_t *series, int32_t starts, const float *window,
                               int32_t length);
  /* n IEEE halves, given as their bits, as floats: exact. No infinities, no NaN. */
  void (*widen_halves)(float *out, const uint16_t *halves, int32_t n);
  /* n floats as the nearest halves, ties to even; beyond 65504 as 65504. No NaN. */
  void (*narrow_floats)(uint16_t *out, const float *floats, int32_t n);
  /* One step of a symbol network: updates h and c, reads `symbol` and [scalars] numbers. */
  void (*symbol_step)(const ck_symbol_shape *, const float *weights, int32_t symbol,
                      const float *numbers, float *h, float *c);
  /* Its outputs from h: y[lanes], the logits made probabilities that add up to 1. */
  void (*symbol_head)(const ck_symbol_shape *, const float *weights, const float *h, float *y);
  /* Gradient of the mean (over steps) of the cross entropy of the next symbol and the weighted
   * negative log likelihood of its time. */
  void (*symbol_gradient)(const ck_symbol_shape *, const ck_symbol_bptt *);

  /* Forward pass of a batch of sequences: fills everything but the initial state. */
  void (*cell_forward)(const ck_cell *, const ck_cell_run *);
  /* Its backward pass; overwrites `gates`, hence once per forward pass. */
  void (*cell_backward)(const ck_cell *, const ck_cell_run *, const ck_cell_gradient *);
  /* y[rows][lanes] = bias + x[rows][inputLanes] weights. */
  void (*dense_forward)(const ck_dense *, const float *weights, const float *x, float *y,
                        int32_t rows);
  void (*dense_backward)(const ck_dense *, const ck_dense_gradient *, int32_t rows);
  /* tanh of n values in place, n a multiple of 8; and slopes *= 1 - values^2, its backward pass. */
  void (*tangents)(float *values, int32_t n);
  void (*tangents_back)(const float *values, float *slopes, int32_t n);
  /* 1 / (1 + e^-y) of n values in place, n a multiple of 8. */
  void (*logistics)(float *values, int32_t n);
  /* The first `count` of each row become probabilities that sum to 1; `lanes` is `count` rounded up
   * to 8 or 16, padding is left as it is. */
  void (*softmax)(float *y, int32_t rows, int32_t count, int32_t lanes);

  /* Losses: return the value, write the gradient of the predictions.
   * Student-t negative log likelihood without its constant, nu degrees of freedom: a row holds
   * `columns` locations, then as many log-scales, which act clipped to [-5, 3]. */
  float (*student_t)(const ck_loss *, float degreesOfFreedom);
  /* (y - t)^2 and |y - t|. */
  float (*squared_error)(const ck_loss *);
  float (*absolute_error)(const ck_loss *);
  /* Cross entropy of t in 0...1 under the probability 1 / (1 + e^-y). */
  float (*logistic_loss)(const ck_loss *);
  float (*softmax_loss)(const ck_classification *);
} ck_kernels;

/* Prefetches memory. */
static inline void ck_prefetch(const void *start, int64_t bytes) {
  for (int64_t i = 0; i < bytes; i += 64) __builtin_prefetch((const char *)start + i);
}

/* The kernels of one instruction set ("baseline", "avx2", "avx512"; "neon" on aarch64), NULL if
 * this build or this processor lacks it. */
const ck_kernels *ck_kernels_named(const char *name);
/* The widest set that this processor has. */
const ck_kernels *ck_kernels_best(void);
