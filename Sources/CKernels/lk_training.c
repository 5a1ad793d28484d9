#include "lk_training.h"

#include <string.h>

#include "lk_threads.h"
#include "lk_training_table.h"

static const lk_training_functions *functions(lk_flavour flavour) {
    switch (flavour) {
#if defined(__x86_64__)
    case lk_8_f32: return &lk_training_8_f32;
    case lk_16_f32: return &lk_training_16_f32;
    case lk_16_bf16: return &lk_training_16_bf16;
#endif
    default: return &lk_training_plain_f32;
    }
}

int32_t lk_flavour_lanes(lk_flavour flavour) { return functions(flavour)->lanes; }
int32_t lk_flavour_bytes(lk_flavour flavour) { return functions(flavour)->bytes; }

int lk_flavour_is_available(lk_flavour flavour) {
    if (flavour == lk_plain_f32) return 1;
#if defined(__x86_64__)
    __builtin_cpu_init();
    const int has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    switch (flavour) {
    case lk_8_f32: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case lk_16_f32: return has_avx512;
    case lk_16_bf16: return has_avx512 && __builtin_cpu_supports("avx512bf16");
    default: return 0;
    }
#else
    return 0;
#endif
}

// MARK: tasks

typedef struct {
    const call *call;
    call_task *task;
} bound_task;

static void perform(const void *context, int64_t index) {
    const bound_task *bound = context;
    bound->task(bound->call, index);
}

static void run(call_task *task, const call *c, int64_t count, int32_t threads) {
    const bound_task bound = {c, task};
    lk_parallel(threads, count, perform, &bound);
}

static int64_t blocks_of(lk_blocked_shape shape) { return shape.batch * shape.blocks; }
static int64_t pieces_of(int64_t count) { return (count + PIECE - 1) / PIECE; }

// MARK: batch normalisation

int64_t lk_scratch_doubles(lk_flavour flavour, lk_blocked_shape shape) {
    return blocks_of(shape) * 2 * functions(flavour)->lanes;
}

// Adds up what the images' tasks left, in their order, whoever did them.
static void total(const double *scratch, lk_blocked_shape shape, int32_t lanes, int64_t block, int lane, double *first,
                  double *second) {
    *first = *second = 0;
    for (int64_t n = 0; n < shape.batch; n++) {
        const double *part = scratch + (n * shape.blocks + block) * 2 * lanes;
        *first += part[lane];
        *second += part[lanes + lane];
    }
}

static float number_at(lk_flavour flavour, const void *x, int64_t index) {
    if (flavour != lk_16_bf16) return ((const float *)x)[index];
    const uint32_t bits = (uint32_t)((const uint16_t *)x)[index] << 16;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

void lk_norm_statistics(lk_flavour flavour, const void *x, lk_blocked_shape shape, float *means, float *variances,
                        double *scratch, int32_t threads) {
    const lk_training_functions *f = functions(flavour);
    const call c = {.x = x, .shape = shape, .scratch = scratch};
    run(f->statistics, &c, blocks_of(shape), threads);
    const int64_t pixels = shape.height * shape.width;
    const double count = (double)(shape.batch * pixels);
    for (int64_t block = 0; block < shape.blocks; block++) {
        for (int lane = 0; lane < f->lanes; lane++) {
            double sum, squares;
            total(scratch, shape, f->lanes, block, lane, &sum, &squares);
            const double near = (double)number_at(flavour, x, block * pixels * f->lanes + lane);
            const double spread = squares - sum * sum / count;
            means[block * f->lanes + lane] = (float)(near + sum / count);
            // What rounding left below 0. NaN stays.
            variances[block * f->lanes + lane] = spread < 0 ? 0 : (float)(spread / (count > 1 ? count - 1 : 1));
        }
    }
}

void lk_norm_forward(lk_flavour flavour, const void *x, void *y, lk_blocked_shape shape, lk_affine affine,
                     int32_t threads) {
    const call c = {.x = x, .y = y, .shape = shape, .affine = affine};
    run(functions(flavour)->norm_forward, &c, blocks_of(shape), threads);
}

void lk_norm_pool_forward(lk_flavour flavour, const void *x, void *y, void *chosen, uint8_t *positions,
                          lk_blocked_shape shape, lk_affine affine, int32_t threads) {
    const call c = {.x = x, .y = y, .chosen = chosen, .positions = positions, .shape = shape, .affine = affine};
    run(functions(flavour)->norm_pool_forward, &c, blocks_of(shape), threads);
}

void lk_norm_gradient_sums(lk_flavour flavour, const void *x, const void *dy, lk_blocked_shape shape, lk_affine affine,
                           const float *means, float *sums, float *products, double *scratch, int32_t threads) {
    const lk_training_functions *f = functions(flavour);
    const call c = {.x = x, .dy = dy, .shape = shape, .affine = affine, .means = means, .scratch = scratch};
    run(f->norm_gradient_sums, &c, blocks_of(shape), threads);
    for (int64_t block = 0; block < shape.blocks; block++) {
        for (int lane = 0; lane < f->lanes; lane++) {
            double sum, product;
            total(scratch, shape, f->lanes, block, lane, &sum, &product);
            sums[block * f->lanes + lane] = (float)sum;
            products[block * f->lanes + lane] = (float)product;
        }
    }
}

void lk_norm_backward(lk_flavour flavour, const void *x, void *dy, lk_blocked_shape shape, lk_affine affine,
                      const float *a, const float *b, const float *c_, int32_t threads) {
    const call c = {.x = x, .y = dy, .shape = shape, .affine = affine, .a = a, .b = b, .c = c_};
    run(functions(flavour)->norm_backward, &c, blocks_of(shape), threads);
}

void lk_norm_pool_backward(lk_flavour flavour, const void *x, void *dx, const void *dy, const void *chosen,
                           const uint8_t *positions, lk_blocked_shape shape, lk_affine affine, const float *a,
                           const float *b, const float *c_, int32_t threads) {
    const call c = {.x = x, .y = dx, .dy = dy, .chosen = (void *)chosen, .positions = (uint8_t *)positions,
                    .shape = shape, .affine = affine, .a = a, .b = b, .c = c_};
    run(functions(flavour)->norm_pool_backward, &c, blocks_of(shape), threads);
}

// MARK: activations and pooling

void lk_activate(lk_flavour flavour, lk_elementwise activation, void *y, int64_t channels, lk_blocked_shape shape,
                 int32_t threads) {
    const call c = {.y = y, .shape = shape, .activation = activation, .channels = channels};
    run(functions(flavour)->activate, &c, blocks_of(shape), threads);
}

void lk_activate_backward(lk_flavour flavour, lk_elementwise activation, const void *y, void *dy, int64_t channels,
                          lk_blocked_shape shape, int32_t threads) {
    const call c = {.x = y, .y = dy, .shape = shape, .activation = activation, .channels = channels};
    run(functions(flavour)->activate_backward, &c, blocks_of(shape), threads);
}

void lk_pool_forward(lk_flavour flavour, const void *x, void *y, uint8_t *positions, lk_blocked_shape shape,
                     lk_pool_window window, int32_t threads) {
    const call c = {.x = x, .y = y, .positions = positions, .shape = shape, .window = window};
    run(functions(flavour)->pool_forward, &c, blocks_of(shape), threads);
}

void lk_pool_backward(lk_flavour flavour, void *dx, const void *dy, const uint8_t *positions, lk_blocked_shape shape,
                      lk_pool_window window, int adds, int32_t threads) {
    const call c = {
        .y = dx, .dy = dy, .positions = (uint8_t *)positions, .shape = shape, .window = window, .adds = adds};
    run(functions(flavour)->pool_backward, &c, blocks_of(shape), threads);
}

void lk_mean_forward(lk_flavour flavour, const void *x, void *y, lk_blocked_shape shape, int32_t threads) {
    const call c = {.x = x, .y = y, .shape = shape};
    run(functions(flavour)->mean_forward, &c, blocks_of(shape), threads);
}

void lk_mean_backward(lk_flavour flavour, void *dx, const void *dy, lk_blocked_shape shape, int adds, int32_t threads) {
    const call c = {.y = dx, .dy = dy, .shape = shape, .adds = adds};
    run(functions(flavour)->mean_backward, &c, blocks_of(shape), threads);
}

// MARK: moving

void lk_join(lk_flavour flavour, void *part, int64_t channels, void *whole, int64_t whole_channels, int64_t first,
             lk_blocked_shape shape, int splits, int adds, int32_t threads) {
    const call c = {.y = part, .dx = whole, .channels = channels, .whole = whole_channels, .first = first,
                    .shape = shape, .splits = splits, .adds = adds};
    run(functions(flavour)->join, &c, shape.batch, threads);
}

void lk_gather(lk_flavour flavour, const void *x, void *y, const uint32_t *table, int64_t count, int64_t x_stride,
               int64_t y_stride, int64_t batch, int32_t threads) {
    const call c = {.x = x, .y = y, .table = table, .count = count, .x_stride = x_stride, .y_stride = y_stride};
    run(functions(flavour)->gather, &c, batch, threads);
}

void lk_scatter(lk_flavour flavour, void *dx, const void *dy, const uint32_t *table, int64_t count, int64_t x_stride,
                int64_t y_stride, int64_t batch, int adds, int32_t threads) {
    const call c = {
        .y = dx, .dy = dy, .table = table, .count = count, .x_stride = x_stride, .y_stride = y_stride, .adds = adds};
    run(functions(flavour)->scatter, &c, batch, threads);
}

void lk_drop(lk_flavour flavour, const void *x, void *y, int64_t count, float probability, uint64_t seed,
             int32_t threads) {
    const call c = {.x = x, .y = y, .count = count, .probability = probability, .seed = seed};
    run(functions(flavour)->drop, &c, pieces_of(count), threads);
}

void lk_add(lk_flavour flavour, void *to, const void *from, int64_t count, int32_t threads) {
    const call c = {.x = from, .y = to, .count = count};
    run(functions(flavour)->add, &c, pieces_of(count), threads);
}

void lk_convert(lk_flavour flavour, const float *from, void *to, int64_t count, int32_t threads) {
    const call c = {.x = from, .y = to, .count = count};
    run(functions(flavour)->convert, &c, pieces_of(count), threads);
}

int lk_is_finite(lk_flavour flavour, const void *x, int64_t count) { return functions(flavour)->is_finite(x, count); }
