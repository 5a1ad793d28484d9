// What training does beside the convolutions, which are oneDNN's: batch normalisation, activations, pooling, joining,
// rearranging, forward and backward. All of it is bound by memory, so each pass does as much as it can on its way.
//
// A tensor lies as batch x blocks x rows x columns x lanes: channels in blocks, innermost, as oneDNN's nChw16c and
// nChw8c, and with one lane plain NCHW. Channels that fill up the last block are 0 and stay 0.
//
// Results do not depend on the number of threads: sums are made in a fixed order.
#pragma once
#include <stdint.h>

/// Numbers and lanes that functions exist for.
typedef enum {
    lk_plain_f32,
    lk_8_f32,    // AVX2
    lk_16_f32,   // AVX-512
    lk_16_bf16,  // AVX-512 with bf16: twice as many to a cache line and to an instruction
} lk_flavour;

int32_t lk_flavour_lanes(lk_flavour flavour);
/// Bytes of a number.
int32_t lk_flavour_bytes(lk_flavour flavour);
/// Whether this CPU can run it.
int lk_flavour_is_available(lk_flavour flavour);

typedef struct {
    int64_t batch, blocks, height, width;
} lk_blocked_shape;

/// y = f(factor x + offset) for each channel, where f multiplies what is not positive by `slope`: 0.1 leaky, 1 linear,
/// 0 ReLU. Arrays are as long as the blocks' channels.
typedef struct {
    const float *factors, *offsets;
    float slope;
} lk_affine;

/// Room that sums need: two doubles for each channel of each block and image.
int64_t lk_scratch_doubles(lk_flavour flavour, lk_blocked_shape shape);

/// Mean and variance (divided by one less than the count) of each channel over batch, rows and columns.
void lk_norm_statistics(lk_flavour flavour, const void *x, lk_blocked_shape shape, float *means, float *variances,
                        double *scratch, int32_t threads);
void lk_norm_forward(lk_flavour flavour, const void *x, void *y, lk_blocked_shape shape, lk_affine affine,
                     int32_t threads);
/// The same with max-pooling of 2 x 2, stride 2, behind it; sides must be even. `chosen`: the x that won, `positions`:
/// which of the four it was; both are shaped as y.
void lk_norm_pool_forward(lk_flavour flavour, const void *x, void *y, void *chosen, uint8_t *positions,
                          lk_blocked_shape shape, lk_affine affine, int32_t threads);
/// With d = dy f'(..): the sums of d and of d (x - mean) for each channel. Behind pooling x is `chosen`, of y's shape.
void lk_norm_gradient_sums(lk_flavour flavour, const void *x, const void *dy, lk_blocked_shape shape, lk_affine affine,
                           const float *means, float *sums, float *products, double *scratch, int32_t threads);
/// dy becomes d a + x b + c, for each channel.
void lk_norm_backward(lk_flavour flavour, const void *x, void *dy, lk_blocked_shape shape, lk_affine affine,
                      const float *a, const float *b, const float *c, int32_t threads);
/// Likewise dx, from the pooled gradient.
void lk_norm_pool_backward(lk_flavour flavour, const void *x, void *dx, const void *dy, const void *chosen,
                           const uint8_t *positions, lk_blocked_shape shape, lk_affine affine, const float *a,
                           const float *b, const float *c, int32_t threads);

typedef enum {
    lk_act_leaky,
    lk_act_relu,
    lk_act_logistic,
    lk_act_tanh,
    lk_act_elu,
} lk_elementwise;

/// In place, of the first `channels` channels.
void lk_activate(lk_flavour flavour, lk_elementwise activation, void *y, int64_t channels, lk_blocked_shape shape,
                 int32_t threads);
/// dy times the derivative, which is taken from the output as Darknet does.
void lk_activate_backward(lk_flavour flavour, lk_elementwise activation, const void *y, void *dy, int64_t channels,
                          lk_blocked_shape shape, int32_t threads);

typedef struct {
    int32_t size, stride, before;  // cells before the first row and column
    int64_t height, width;         // of the result
} lk_pool_window;

/// `positions`: row x size + column of the cell that won, the first among equals; shaped as y. size * size <= 256.
void lk_pool_forward(lk_flavour flavour, const void *x, void *y, uint8_t *positions, lk_blocked_shape shape,
                     lk_pool_window window, int32_t threads);
/// Writes dx, or adds to it.
void lk_pool_backward(lk_flavour flavour, void *dx, const void *dy, const uint8_t *positions, lk_blocked_shape shape,
                      lk_pool_window window, int adds, int32_t threads);
/// The mean over rows and columns, and back.
void lk_mean_forward(lk_flavour flavour, const void *x, void *y, lk_blocked_shape shape, int32_t threads);
void lk_mean_backward(lk_flavour flavour, void *dx, const void *dy, lk_blocked_shape shape, int adds, int32_t threads);

/// Copies all `channels` of `part` to channels from `first` on of `whole`, or the other way round (`splits`), adding
/// where `adds`.
void lk_join(lk_flavour flavour, void *part, int64_t channels, void *whole, int64_t whole_channels, int64_t first,
             lk_blocked_shape shape /* blocks not used */, int splits, int adds, int32_t threads);
/// y[i] = x[table[i]] for `count` numbers of each image.
void lk_gather(lk_flavour flavour, const void *x, void *y, const uint32_t *table, int64_t count, int64_t x_stride,
               int64_t y_stride, int64_t batch, int32_t threads);
/// dx[table[i]] = dy[i], or += .
void lk_scatter(lk_flavour flavour, void *dx, const void *dy, const uint32_t *table, int64_t count, int64_t x_stride,
                int64_t y_stride, int64_t batch, int adds, int32_t threads);
/// y = x where a number drawn from `seed` and the place is at least `probability`, times 1 / (1 - probability); else 0.
/// The same for gradients.
void lk_drop(lk_flavour flavour, const void *x, void *y, int64_t count, float probability, uint64_t seed,
             int32_t threads);
/// to += from.
void lk_add(lk_flavour flavour, void *to, const void *from, int64_t count, int32_t threads);
/// Floats to the flavour's numbers.
void lk_convert(lk_flavour flavour, const float *from, void *to, int64_t count, int32_t threads);
/// Whether all numbers are finite.
int lk_is_finite(lk_flavour flavour, const void *x, int64_t count);
