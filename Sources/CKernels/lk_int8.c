#include "lk_int8.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lk_int8_internal.h"
#include "lk_openmp.h"

// MARK: kernels

int lk_int8_is_supported(lk_int8_kernel kernel) {
    if (kernel == lk_int8_portable) return 1;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (kernel == lk_int8_avx512_vnni)
        return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
    if (kernel == lk_int8_avx_vnni)
        return __builtin_cpu_supports("avxvnni") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return 0;
}

lk_int8_kernel lk_int8_best(void) {
    if (lk_int8_is_supported(lk_int8_avx512_vnni)) return lk_int8_avx512_vnni;
    if (lk_int8_is_supported(lk_int8_avx_vnni)) return lk_int8_avx_vnni;
    return lk_int8_portable;
}

static int32_t lanes(lk_int8_kernel kernel) { return kernel == lk_int8_avx_vnni ? 8 : 16; }

int32_t lk_int8_block(lk_int8_kernel kernel) { return 2 * lanes(kernel); }

// Channels of the block that begins with `channel`: the last has one vector of them where that is enough.
static int32_t channels_of_block(lk_int8_kernel kernel, int32_t channels, int32_t channel) {
    return channels - channel > lanes(kernel) ? 2 * lanes(kernel) : lanes(kernel);
}

static int32_t blocks(lk_int8_kernel kernel, int32_t channels) {
    return (channels + lk_int8_block(kernel) - 1) / lk_int8_block(kernel);
}

size_t lk_int8_packed_count(lk_int8_kernel kernel, int32_t channels, int32_t inputs, int32_t size) {
    const int32_t padded = (channels + lanes(kernel) - 1) / lanes(kernel) * lanes(kernel);
    return (size_t)padded * (size_t)((inputs + 3) / 4 * 4) * (size_t)(size * size);
}

void lk_int8_pack(lk_int8_kernel kernel, const int8_t *weights, int32_t channels, int32_t inputs, int32_t size,
                  int8_t *packed) {
    const int32_t quads = (inputs + 3) / 4;
    for (int32_t first = 0; first < channels; first += lk_int8_block(kernel)) {
        const int32_t count = channels_of_block(kernel, channels, first);
        for (int32_t row = 0; row < size; row++)
            for (int32_t quad = 0; quad < quads; quad++)
                for (int32_t column = 0; column < size; column++)
                    for (int32_t channel = first; channel < first + count; channel++)
                        for (int32_t input = quad * 4; input < quad * 4 + 4; input++)
                            *packed++ = channel < channels && input < inputs
                                            ? weights[((channel * (ptrdiff_t)inputs + input) * size + row) * size + column]
                                            : 0;
    }
}

// The same as the other kernels', one result after the other.
void lk_int8_row_portable(const lk_int8_convolution *c, const uint8_t *source, const int8_t *weights, int32_t channel,
                          uint8_t *bytes, float *floats) {
    const int32_t count = channels_of_block(c->kernel, c->channels, channel), unit = c->pools ? 2 : 1;
    for (int32_t index = 0; index < count && channel + index < c->channels; index++) {
        for (int32_t x = 0; x < c->width / unit; x++) {
            int32_t greatest = INT32_MIN;
            for (int32_t pixel = 0; pixel < unit * unit; pixel++) {
                const uint8_t *from = source + pixel / unit * c->source.row + (x * unit + pixel % unit) * 4;
                const int8_t *weight = weights + index * 4;
                int32_t sum = 0;
                for (int32_t down = 0; down < c->size; down++)
                    for (int32_t quad = 0; quad < c->quads; quad++)
                        for (int32_t across = 0; across < c->size; across++, weight += count * 4)
                            for (int32_t i = 0; i < 4; i++)
                                sum += weight[i] * from[down * c->source.row + quad * c->source.plane + across * 4 + i];
                if (sum > greatest) greatest = sum;
            }
            float value = fmaf((float)greatest, c->factors[channel + index], c->offsets[channel + index]);
            value = fmaxf(value, value * c->slope);
            if (floats) {
                floats[(ptrdiff_t)index * c->width * c->height + x] = value;
                continue;
            }
            const float rounded = nearbyintf(fminf(value + (float)c->zero_point, 255));
            bytes[index / 4 * c->destination.plane + x * 4 + index % 4] =
                rounded <= 0 ? 0 : (uint8_t)rounded;
        }
    }
}

static lk_int8_row *row_function(lk_int8_kernel kernel) {
#if defined(__x86_64__)
    if (kernel == lk_int8_avx512_vnni) return lk_int8_row_avx512_vnni;
    if (kernel == lk_int8_avx_vnni) return lk_int8_row_avx_vnni;
#endif
    (void)kernel;
    return lk_int8_row_portable;
}

// MARK: tasks

struct lk_int8_network {
    int32_t count, threads;
    lk_openmp runtime;  // its functions are NULL on one thread
    lk_int8_step *steps;
    int32_t *rows;        // of each step, in a task
    atomic_int *started;  // tasks of each step
    const uint8_t *const *images;
    double *seconds;
};

// Rows `first`..<`end` of planes that are `width` x `height`: the pixels left and right of them, and the rows above and
// below where they are the first or the last.
static void fill_border(lk_int8_tensor tensor, uint8_t *pixels, int32_t planes, int32_t width, int32_t height,
                        int32_t first, int32_t end, int32_t zero_point) {
    for (int32_t plane = 0; plane < planes; plane++, pixels += tensor.plane) {
        for (int32_t y = first; y < end; y++) {
            memset(pixels + y * tensor.row - 4, zero_point, 4);
            memset(pixels + y * tensor.row + width * 4, zero_point, 4);
        }
        const size_t whole = (size_t)(width + 2) * 4;
        if (first == 0) memset(pixels - tensor.row - 4, zero_point, whole);
        if (end == height) memset(pixels + height * tensor.row - 4, zero_point, whole);
    }
}

static void convolve(const lk_int8_convolution *c, const uint8_t *image_pixels, int32_t image, int32_t block,
                     int32_t first, int32_t end) {
    const int32_t channel = block * lk_int8_block(c->kernel), unit = c->pools ? 2 : 1;
    const int8_t *weights = c->weights + (ptrdiff_t)channel * c->quads * 4 * c->size * c->size;
    const uint8_t *source = image_pixels - c->size / 2 * (c->source.row + 4);
    uint8_t *bytes = c->floats ? NULL : c->destination.pixels + image * c->destination.image + channel / 4 * c->destination.plane;
    float *floats = c->floats ? c->floats + ((ptrdiff_t)image * c->channels + channel) * c->width * c->height : NULL;
    lk_int8_row *row = row_function(c->kernel);
    for (int32_t y = first; y < end; y += unit) {
        row(c, source + y * c->source.row, weights, channel, bytes ? bytes + y / unit * c->destination.row : NULL,
            floats ? floats + (ptrdiff_t)y * c->width : NULL);
    }
    if (c->border && bytes) {
        const int32_t left = c->channels - channel, block_channels = lk_int8_block(c->kernel);
        fill_border(c->destination, bytes, ((left < block_channels ? left : block_channels) + 3) / 4, c->width / unit,
                    c->height / unit, first / unit, end / unit, c->zero_point);
    }
}

typedef uint8_t quad __attribute__((vector_size(4)));

static void pool(const lk_int8_pooling *p, const uint8_t *source, uint8_t *destination) {
    for (int32_t y = 0; y < p->result_height; y++) {
        const int32_t above = y * p->stride - p->before;
        const int32_t top = above < 0 ? 0 : above, end = above + p->size < p->height ? above + p->size : p->height;
        for (int32_t x = 0; x < p->result_width; x++) {
            const int32_t before = x * p->stride - p->before, left = before < 0 ? 0 : before;
            const int32_t right = before + p->size < p->width ? before + p->size : p->width;
            quad greatest = {0, 0, 0, 0};
            for (int32_t row = top; row < end; row++) {
                for (int32_t column = left; column < right; column++) {
                    quad four;
                    memcpy(&four, source + row * p->source.row + column * 4, 4);
                    const quad is_greater = (quad)(four > greatest);
                    greatest = (four & is_greater) | (greatest & ~is_greater);
                }
            }
            memcpy(destination + y * p->destination.row + x * 4, &greatest, 4);
        }
    }
    if (p->border)
        fill_border(p->destination, destination, 1, p->result_width, p->result_height, 0, p->result_height, p->zero_point);
}

static void gather(const lk_int8_gathering *g, const uint8_t *source, int32_t plane, uint8_t *destination) {
    const int32_t *offset = g->offsets + (ptrdiff_t)plane * g->height * g->width * 4;
    for (int32_t y = 0; y < g->height; y++)
        for (int32_t i = 0; i < g->width * 4; i++) destination[y * g->destination.row + i] = source[*offset++];
    if (g->border) fill_border(g->destination, destination, 1, g->width, g->height, 0, g->height, g->zero_point);
}

static int32_t task_count(const lk_int8_step *step, int32_t rows) {
    switch (step->kind) {
    case lk_int8_convolve: {
        const lk_int8_convolution *c = &step->convolution;
        return blocks(c->kernel, c->channels) * c->images * ((c->height + rows - 1) / rows);
    }
    case lk_int8_pool: return step->pooling.images * step->pooling.planes;
    case lk_int8_gather: return step->gathering.images * step->gathering.planes;
    }
    return 0;
}

static const uint8_t *source_of(const lk_int8_network *network, const lk_int8_step *step, lk_int8_tensor source,
                                int32_t image) {
    return step->reads_input ? network->images[image] : source.pixels + image * source.image;
}

static void perform(const lk_int8_network *network, const lk_int8_step *step, int32_t rows, int32_t task) {
    switch (step->kind) {
    case lk_int8_convolve: {
        // A block's weights serve all its rows and images before the next block's are read.
        const lk_int8_convolution *c = &step->convolution;
        const int32_t pieces = (c->height + rows - 1) / rows, first = task % pieces * rows;
        const int32_t image = task / pieces % c->images, block = task / pieces / c->images;
        convolve(c, source_of(network, step, c->source, image), image, block, first,
                 first + rows < c->height ? first + rows : c->height);
        return;
    }
    case lk_int8_pool: {
        const lk_int8_pooling *p = &step->pooling;
        const int32_t image = task / p->planes, plane = task % p->planes;
        pool(p, source_of(network, step, p->source, image) + plane * p->source.plane,
             p->destination.pixels + image * p->destination.image + plane * p->destination.plane);
        return;
    }
    case lk_int8_gather: {
        const lk_int8_gathering *g = &step->gathering;
        const int32_t image = task / g->planes, plane = task % g->planes;
        gather(g, source_of(network, step, g->source, image), plane,
               g->destination.pixels + image * g->destination.image + plane * g->destination.plane);
        return;
    }
    }
}

// MARK: the network

// Enough tasks that threads of unequal speed end together.
static int32_t rows_of_task(const lk_int8_step *step, int32_t threads) {
    if (step->kind != lk_int8_convolve) return 1;
    const lk_int8_convolution *c = &step->convolution;
    if (threads == 1) return c->height;
    const int32_t wanted = 8 * threads, others = blocks(c->kernel, c->channels) * c->images;
    const int32_t pieces = (wanted + others - 1) / others;
    int32_t rows = (c->height + pieces - 1) / pieces;
    if (c->pools) rows += rows % 2;
    return rows;
}

lk_int8_network *lk_int8_create(const lk_int8_step *steps, int32_t count, int32_t threads) {
    lk_int8_network *network = calloc(1, sizeof *network);
    if (!network) return NULL;
    network->count = count;
    network->threads = threads;
    if (threads > 1) network->runtime = lk_find_openmp();
    network->steps = calloc((size_t)count, sizeof *network->steps);
    network->rows = calloc((size_t)count, sizeof *network->rows);
    network->started = calloc((size_t)count, sizeof *network->started);
    if (!network->steps || !network->rows || !network->started) {
        lk_int8_destroy(network);
        return NULL;
    }
    memcpy(network->steps, steps, (size_t)count * sizeof *steps);
    for (int32_t i = 0; i < count; i++) network->rows[i] = rows_of_task(&steps[i], threads);
    return network;
}

void lk_int8_destroy(lk_int8_network *network) {
    if (!network) return;
    free(network->steps);
    free(network->rows);
    free(network->started);
    free(network);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void wait_for_all(const lk_int8_network *network) {
    if (!network->runtime.barrier) return;
    lk_tsan_release(network->started);
    network->runtime.barrier();
    lk_tsan_acquire(network->started);
}

static void work(void *argument) {
    const lk_int8_network *network = argument;
    lk_tsan_acquire(network->started);
    const int is_first = !network->runtime.thread || network->runtime.thread() == 0;
    double start = is_first && network->seconds ? now() : 0;
    for (int32_t i = 0; i < network->count; i++) {
        const lk_int8_step *step = &network->steps[i];
        const int32_t count = task_count(step, network->rows[i]);
        for (;;) {
            const int32_t task = atomic_fetch_add_explicit(&network->started[i], 1, memory_order_relaxed);
            if (task >= count) break;
            perform(network, step, network->rows[i], task);
        }
        wait_for_all(network);
        if (is_first && network->seconds) {
            const double end = now();
            network->seconds[i] = end - start;
            start = end;
        }
    }
}

void lk_int8_run(lk_int8_network *network, const uint8_t *const *images, double *seconds) {
    network->images = images;
    network->seconds = seconds;
    for (int32_t i = 0; i < network->count; i++) atomic_store_explicit(&network->started[i], 0, memory_order_relaxed);
    lk_tsan_release(network->started);
    if (network->runtime.parallel) network->runtime.parallel(work, network, (unsigned)network->threads, 0);
    else work(network);
}
