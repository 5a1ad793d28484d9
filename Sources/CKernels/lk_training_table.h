// What the flavours' files have in common with the one that calls them.
#pragma once
#include "lk_training.h"

/// Numbers to a task, where a tensor is taken element by element; a multiple of all lanes.
enum { PIECE = 1 << 16 };

/// The arguments of a function for its tasks; y is also what is written in place.
typedef struct {
    const void *x, *dy;
    void *y, *dx, *chosen;
    uint8_t *positions;
    lk_blocked_shape shape;
    lk_affine affine;
    const float *means, *a, *b, *c;
    double *scratch;
    lk_pool_window window;
    lk_elementwise activation;
    int64_t channels, whole, first, count, x_stride, y_stride;
    const uint32_t *table;
    float probability;
    uint64_t seed;
    int splits, adds;
} call;

/// Of an image's block, of an image, or of a piece.
typedef void call_task(const call *call, int64_t index);

typedef struct {
    int32_t lanes, bytes;
    call_task *statistics, *norm_forward, *norm_pool_forward, *norm_gradient_sums, *norm_backward, *norm_pool_backward;
    call_task *activate, *activate_backward, *pool_forward, *pool_backward, *mean_forward, *mean_backward;
    call_task *join, *gather, *scatter, *drop, *add, *convert;
    int (*is_finite)(const void *x, int64_t count);
} lk_training_functions;

extern const lk_training_functions lk_training_plain_f32;
#if defined(__x86_64__)
extern const lk_training_functions lk_training_8_f32, lk_training_16_f32, lk_training_16_bf16;
#endif
