// The functions of one flavour. Included with FLAVOUR (a name), LANES, and BF16 or not, for each of them.
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "lk_training_table.h"

// Vectors are never passed between functions that are not inlined, whatever the warning about how says.
#pragma clang diagnostic ignored "-Wpsabi"
#define BODY static inline __attribute__((always_inline))
typedef float vec __attribute__((vector_size(4 * LANES)));
typedef int32_t ivec __attribute__((vector_size(4 * LANES)));

#ifdef BF16
typedef uint16_t number;
typedef uint16_t halves __attribute__((vector_size(2 * LANES)));
typedef uint32_t uvec __attribute__((vector_size(4 * LANES)));

BODY vec load(const number *p) {
    halves h;
    memcpy(&h, p, sizeof h);
    return (vec)(__builtin_convertvector(h, uvec) << 16);
}

// To the nearest, ties to even.
BODY void store(number *p, vec v) {
    const uvec bits = (uvec)v;
    const halves h = __builtin_convertvector((bits + 0x7fff + (bits >> 16 & 1)) >> 16, halves);
    memcpy(p, &h, sizeof h);
}

BODY float load_one(const number *p) {
    const uint32_t bits = (uint32_t)*p << 16;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

BODY void store_one(number *p, float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    *p = (number)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
#else
typedef float number;

BODY vec load(const number *p) {
    vec v;
    memcpy(&v, p, sizeof v);
    return v;
}

BODY void store(number *p, vec v) { memcpy(p, &v, sizeof v); }
BODY float load_one(const number *p) { return *p; }
BODY void store_one(number *p, float f) { *p = f; }
#endif

BODY vec load_floats(const float *p) {
    vec v;
    memcpy(&v, p, sizeof v);
    return v;
}

BODY vec select(ivec mask, vec yes, vec no) { return (vec)((mask & (ivec)yes) | (~mask & (ivec)no)); }

// v, or v slope where it is not positive.
BODY vec bend(vec v, float slope) { return select(v > 0, v, v * slope); }
BODY vec bent(vec v, vec d, float slope) { return select(v > 0, d, d * slope); }

// MARK: batch normalisation

// Sums in float over so few pixels that nothing is lost, then in double.
enum { CHUNK = 256 };

static void statistics(const call *c, int64_t index) {
    const int64_t pixels = c->shape.height * c->shape.width, block = index % c->shape.blocks;
    const number *x = (const number *)c->x + index * pixels * LANES;
    // Numbers near the mean: sums of squares then lose nothing by subtraction.
    const vec near = load((const number *)c->x + block * pixels * LANES);
    double *sums = c->scratch + index * 2 * LANES, *squares = sums + LANES;
    for (int l = 0; l < LANES; l++) sums[l] = squares[l] = 0;
    for (int64_t begin = 0; begin < pixels; begin += CHUNK) {
        const int64_t end = begin + CHUNK < pixels ? begin + CHUNK : pixels;
        vec s0 = {0}, s1 = {0}, q0 = {0}, q1 = {0};
        int64_t p = begin;
        for (; p + 1 < end; p += 2) {
            const vec a = load(x + p * LANES) - near, b = load(x + (p + 1) * LANES) - near;
            s0 += a, q0 += a * a;
            s1 += b, q1 += b * b;
        }
        if (p < end) {
            const vec a = load(x + p * LANES) - near;
            s0 += a, q0 += a * a;
        }
        s0 += s1, q0 += q1;
        for (int l = 0; l < LANES; l++) sums[l] += (double)s0[l], squares[l] += (double)q0[l];
    }
}

static void norm_forward(const call *c, int64_t index) {
    const int64_t pixels = c->shape.height * c->shape.width, channel = index % c->shape.blocks * LANES;
    const number *x = (const number *)c->x + index * pixels * LANES;
    number *y = (number *)c->y + index * pixels * LANES;
    const vec f = load_floats(c->affine.factors + channel), o = load_floats(c->affine.offsets + channel);
    const float slope = c->affine.slope;
    for (int64_t i = 0; i < pixels * LANES; i += LANES) store(y + i, bend(load(x + i) * f + o, slope));
}

static void norm_pool_forward(const call *c, int64_t index) {
    const int64_t width = c->shape.width, channel = index % c->shape.blocks * LANES;
    const int64_t halfWidth = width / 2, halfHeight = c->shape.height / 2;
    const number *x = (const number *)c->x + index * c->shape.height * width * LANES;
    const int64_t start = index * halfHeight * halfWidth * LANES;
    number *y = (number *)c->y + start, *chosen = (number *)c->chosen + start;
    uint8_t *positions = c->positions + start;
    const vec f = load_floats(c->affine.factors + channel), o = load_floats(c->affine.offsets + channel);
    const float slope = c->affine.slope;
    for (int64_t row = 0; row < halfHeight; row++) {
        const number *upper = x + 2 * row * width * LANES, *lower = upper + width * LANES;
        for (int64_t column = 0; column < halfWidth; column++) {
            vec best = load(upper), value = best * f + o;
            ivec position = {0};
            const number *const others[3] = {upper + LANES, lower, lower + LANES};
            for (int i = 0; i < 3; i++) {
                const vec other = load(others[i]), v = other * f + o;
                const ivec wins = v > value;
                best = select(wins, other, best);
                value = select(wins, v, value);
                position = (wins & (i + 1)) | (~wins & position);
            }
            store(y, bend(value, slope));
            store(chosen, best);
            for (int l = 0; l < LANES; l++) positions[l] = (uint8_t)position[l];
            upper += 2 * LANES, lower += 2 * LANES, y += LANES, chosen += LANES, positions += LANES;
        }
    }
}

static void norm_gradient_sums(const call *c, int64_t index) {
    const int64_t pixels = c->shape.height * c->shape.width, channel = index % c->shape.blocks * LANES;
    const number *x = (const number *)c->x + index * pixels * LANES;
    const number *dy = (const number *)c->dy + index * pixels * LANES;
    const vec f = load_floats(c->affine.factors + channel), o = load_floats(c->affine.offsets + channel);
    const vec mean = load_floats(c->means + channel);
    const float slope = c->affine.slope;
    double *sums = c->scratch + index * 2 * LANES, *products = sums + LANES;
    for (int l = 0; l < LANES; l++) sums[l] = products[l] = 0;
    for (int64_t begin = 0; begin < pixels; begin += CHUNK) {
        const int64_t end = begin + CHUNK < pixels ? begin + CHUNK : pixels;
        vec s = {0}, q = {0};
        for (int64_t p = begin; p < end; p++) {
            const vec value = load(x + p * LANES), d = bent(value * f + o, load(dy + p * LANES), slope);
            s += d, q += d * (value - mean);
        }
        for (int l = 0; l < LANES; l++) sums[l] += (double)s[l], products[l] += (double)q[l];
    }
}

static void norm_backward(const call *c, int64_t index) {
    const int64_t pixels = c->shape.height * c->shape.width, channel = index % c->shape.blocks * LANES;
    const number *x = (const number *)c->x + index * pixels * LANES;
    number *dy = (number *)c->y + index * pixels * LANES;
    const vec f = load_floats(c->affine.factors + channel), o = load_floats(c->affine.offsets + channel);
    const vec ka = load_floats(c->a + channel), kb = load_floats(c->b + channel), kc = load_floats(c->c + channel);
    const float slope = c->affine.slope;
    for (int64_t i = 0; i < pixels * LANES; i += LANES) {
        const vec value = load(x + i);
        store(dy + i, bent(value * f + o, load(dy + i), slope) * ka + value * kb + kc);
    }
}

static void norm_pool_backward(const call *c, int64_t index) {
    const int64_t width = c->shape.width, channel = index % c->shape.blocks * LANES;
    const int64_t halfWidth = width / 2, halfHeight = c->shape.height / 2;
    const number *x = (const number *)c->x + index * c->shape.height * width * LANES;
    number *dx = (number *)c->y + index * c->shape.height * width * LANES;
    const int64_t start = index * halfHeight * halfWidth * LANES;
    const number *dy = (const number *)c->dy + start, *chosen = (const number *)c->chosen + start;
    const uint8_t *positions = c->positions + start;
    const vec f = load_floats(c->affine.factors + channel), o = load_floats(c->affine.offsets + channel);
    const vec ka = load_floats(c->a + channel), kb = load_floats(c->b + channel), kc = load_floats(c->c + channel);
    const float slope = c->affine.slope;
    const vec zero = {0};
    for (int64_t row = 0; row < halfHeight; row++) {
        const int64_t upper = 2 * row * width * LANES;
        for (int64_t column = 0; column < halfWidth; column++) {
            const vec d = bent(load(chosen) * f + o, load(dy), slope) * ka;
            ivec position;
            for (int l = 0; l < LANES; l++) position[l] = positions[l];
            const int64_t at = upper + 2 * column * LANES;
            const int64_t places[4] = {at, at + LANES, at + width * LANES, at + (width + 1) * LANES};
            for (int i = 0; i < 4; i++)
                store(dx + places[i], select(position == i, d, zero) + load(x + places[i]) * kb + kc);
            dy += LANES, chosen += LANES, positions += LANES;
        }
    }
}

// MARK: activations

BODY float activated(lk_elementwise activation, float x) {
    switch (activation) {
    case lk_act_leaky: return x > 0 ? x : 0.1f * x;
    case lk_act_relu: return x > 0 ? x : 0;
    case lk_act_logistic: return 1 / (1 + expf(-x));
    case lk_act_tanh: return tanhf(x);
    case lk_act_elu: return x >= 0 ? x : expm1f(x);
    }
    return x;
}

BODY float slope_at(lk_elementwise activation, float y) {
    switch (activation) {
    case lk_act_leaky: return y > 0 ? 1 : 0.1f;
    case lk_act_relu: return y > 0 ? 1 : 0;
    case lk_act_logistic: return y * (1 - y);
    case lk_act_tanh: return 1 - y * y;
    case lk_act_elu: return y >= 0 ? 1 : y + 1;
    }
    return 1;
}

static void activate(const call *c, int64_t index) {
    const int64_t pixels = c->shape.height * c->shape.width, left = c->channels - index % c->shape.blocks * LANES;
    number *y = (number *)c->y + index * pixels * LANES;
    for (int64_t i = 0; i < pixels * LANES; i++)
        if (i % LANES < left) store_one(y + i, activated(c->activation, load_one(y + i)));
}

static void activate_backward(const call *c, int64_t index) {
    const int64_t pixels = c->shape.height * c->shape.width, left = c->channels - index % c->shape.blocks * LANES;
    const number *y = (const number *)c->x + index * pixels * LANES;
    number *dy = (number *)c->y + index * pixels * LANES;
    for (int64_t i = 0; i < pixels * LANES; i++)
        if (i % LANES < left) store_one(dy + i, load_one(dy + i) * slope_at(c->activation, load_one(y + i)));
}

// MARK: pooling

static void pool_forward(const call *c, int64_t index) {
    const lk_pool_window w = c->window;
    const int64_t height = c->shape.height, width = c->shape.width;
    const number *x = (const number *)c->x + index * height * width * LANES;
    const int64_t start = index * w.height * w.width * LANES;
    number *y = (number *)c->y + start;
    uint8_t *positions = c->positions + start;
    for (int64_t row = 0; row < w.height; row++) {
        for (int64_t column = 0; column < w.width; column++, y += LANES, positions += LANES) {
            const int64_t top = row * w.stride - w.before, left = column * w.stride - w.before;
            vec best = {0};
            best -= INFINITY;
            ivec position = {0};
            for (int64_t i = top < 0 ? -top : 0; i < w.size && top + i < height; i++) {
                for (int64_t j = left < 0 ? -left : 0; j < w.size && left + j < width; j++) {
                    const vec v = load(x + ((top + i) * width + left + j) * LANES);
                    const ivec wins = v > best;
                    best = select(wins, v, best);
                    position = (wins & (int32_t)(i * w.size + j)) | (~wins & position);
                }
            }
            store(y, best);
            for (int l = 0; l < LANES; l++) positions[l] = (uint8_t)position[l];
        }
    }
}

static void pool_backward(const call *c, int64_t index) {
    const lk_pool_window w = c->window;
    const int64_t height = c->shape.height, width = c->shape.width;
    number *dx = (number *)c->y + index * height * width * LANES;
    const int64_t start = index * w.height * w.width * LANES;
    const number *dy = (const number *)c->dy + start;
    const uint8_t *positions = c->positions + start;
    if (!c->adds) memset(dx, 0, (size_t)(height * width * LANES) * sizeof *dx);
    for (int64_t row = 0; row < w.height; row++) {
        for (int64_t column = 0; column < w.width; column++, dy += LANES, positions += LANES) {
            const int64_t top = row * w.stride - w.before, left = column * w.stride - w.before;
            for (int l = 0; l < LANES; l++) {
                number *to = dx + ((top + positions[l] / w.size) * width + left + positions[l] % w.size) * LANES + l;
                store_one(to, load_one(to) + load_one(dy + l));
            }
        }
    }
}

static void mean_forward(const call *c, int64_t index) {
    const int64_t pixels = c->shape.height * c->shape.width;
    const number *x = (const number *)c->x + index * pixels * LANES;
    vec sum = {0};
    for (int64_t p = 0; p < pixels; p++) sum += load(x + p * LANES);
    store((number *)c->y + index * LANES, sum / (float)pixels);
}

static void mean_backward(const call *c, int64_t index) {
    const int64_t pixels = c->shape.height * c->shape.width;
    number *dx = (number *)c->y + index * pixels * LANES;
    const vec share = load((const number *)c->dy + index * LANES) / (float)pixels;
    for (int64_t i = 0; i < pixels * LANES; i += LANES) store(dx + i, c->adds ? load(dx + i) + share : share);
}

// MARK: moving

// Channel by channel where blocks do not match, a block at a time where they do.
static void join(const call *c, int64_t image) {
    const int64_t pixels = c->shape.height * c->shape.width;
    const int64_t part_blocks = (c->channels + LANES - 1) / LANES, whole_blocks = (c->whole + LANES - 1) / LANES;
    number *part = (number *)c->y + image * part_blocks * pixels * LANES;
    number *whole = (number *)c->dx + image * whole_blocks * pixels * LANES;
    const int is_aligned = c->first % LANES == 0 && c->channels % LANES == 0;
    const int64_t step = is_aligned ? LANES : 1;
    // What fills up the part's last block must be 0, whatever lay there.
    if (c->splits && !c->adds && c->channels % LANES != 0)
        memset(part + (part_blocks - 1) * pixels * LANES, 0, (size_t)(pixels * LANES) * sizeof *part);
    for (int64_t channel = 0; channel < c->channels; channel += step) {
        const int64_t place = c->first + channel;
        number *a = part + channel / LANES * pixels * LANES + channel % LANES;
        number *b = whole + place / LANES * pixels * LANES + place % LANES;
        number *to = c->splits ? a : b;
        const number *from = c->splits ? b : a;
        for (int64_t i = 0; i < pixels * LANES; i += LANES) {
            if (is_aligned) {
                store(to + i, c->adds ? load(to + i) + load(from + i) : load(from + i));
            } else {
                store_one(to + i, c->adds ? load_one(to + i) + load_one(from + i) : load_one(from + i));
            }
        }
    }
}

static void gather(const call *c, int64_t image) {
    const number *x = (const number *)c->x + image * c->x_stride;
    number *y = (number *)c->y + image * c->y_stride;
    for (int64_t i = 0; i < c->count; i++) y[i] = x[c->table[i]];
}

static void scatter(const call *c, int64_t image) {
    number *dx = (number *)c->y + image * c->x_stride;
    const number *dy = (const number *)c->dy + image * c->y_stride;
    // Channels that only fill up a block are in no table.
    if (!c->adds && c->count < c->x_stride) memset(dx, 0, (size_t)c->x_stride * sizeof *dx);
    for (int64_t i = 0; i < c->count; i++) {
        number *to = dx + c->table[i];
        store_one(to, c->adds ? load_one(to) + load_one(dy + i) : load_one(dy + i));
    }
}

// MARK: element by element, in pieces of PIECE

BODY uint64_t mixed(uint64_t z) {
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static void drop(const call *c, int64_t piece) {
    const int64_t begin = piece * PIECE, end = begin + PIECE < c->count ? begin + PIECE : c->count;
    const number *x = c->x;
    number *y = c->y;
    const float scale = 1 / (1 - c->probability);
    for (int64_t i = begin; i < end; i++) {
        const float drawn = (float)(mixed(c->seed + (uint64_t)i * 0x9e3779b97f4a7c15u) >> 40) * 0x1p-24f;
        store_one(y + i, drawn < c->probability ? 0 : load_one(x + i) * scale);
    }
}

static void add(const call *c, int64_t piece) {
    const int64_t begin = piece * PIECE, end = begin + PIECE < c->count ? begin + PIECE : c->count;
    number *to = c->y;
    const number *from = c->x;
    int64_t i = begin;
    for (; i + LANES <= end; i += LANES) store(to + i, load(to + i) + load(from + i));
    for (; i < end; i++) store_one(to + i, load_one(to + i) + load_one(from + i));
}

static void convert(const call *c, int64_t piece) {
    const int64_t begin = piece * PIECE, end = begin + PIECE < c->count ? begin + PIECE : c->count;
    const float *from = c->x;
    number *to = c->y;
    int64_t i = begin;
    for (; i + LANES <= end; i += LANES) store(to + i, load_floats(from + i));
    for (; i < end; i++) store_one(to + i, from[i]);
}

static int is_finite(const void *pointer, int64_t count) {
    const number *x = pointer;
    int found = 0;
    for (int64_t i = 0; i < count; i++) {
#ifdef BF16
        found |= (x[i] & 0x7f80) == 0x7f80;
#else
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        found |= (bits & 0x7f800000) == 0x7f800000;
#endif
    }
    return !found;
}

const lk_training_functions FLAVOUR = {
    .lanes = LANES,
    .bytes = sizeof(number),
    .statistics = statistics,
    .norm_forward = norm_forward,
    .norm_pool_forward = norm_pool_forward,
    .norm_gradient_sums = norm_gradient_sums,
    .norm_backward = norm_backward,
    .norm_pool_backward = norm_pool_backward,
    .activate = activate,
    .activate_backward = activate_backward,
    .pool_forward = pool_forward,
    .pool_backward = pool_backward,
    .mean_forward = mean_forward,
    .mean_backward = mean_backward,
    .join = join,
    .gather = gather,
    .scatter = scatter,
    .drop = drop,
    .add = add,
    .convert = convert,
    .is_finite = is_finite,
};
