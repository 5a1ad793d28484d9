#include "lk_sample.h"

#include <string.h>

#define LANES 8
typedef float floats __attribute__((vector_size(4 * LANES)));
typedef double doubles __attribute__((vector_size(4 * LANES)));
typedef int32_t ints __attribute__((vector_size(4 * LANES)));
// Everything below is inlined into the functions of each kernel and compiled for that kernel's instructions. No kernel
// fuses multiplication and addition: the results would differ.
// So vectors are never passed, whatever the warning about how says.
#pragma clang diagnostic ignored "-Wpsabi"
#define BODY static inline __attribute__((always_inline))

#define BLEND_BODY(name, sample)                                                                                      \
    BODY void name(                                                                                                   \
        float *restrict line, const sample *restrict upper, const sample *restrict lower, float share,                \
        ptrdiff_t count) {                                                                                            \
        for (ptrdiff_t index = 0; index < count; index++)                                                             \
            line[index] = (float)upper[index] + share * (float)(lower[index] - upper[index]);                         \
    }
BLEND_BODY(blend_bytes, uint8_t)
BLEND_BODY(blend_words, uint16_t)

/// A sample and the next one.
BODY double two(const float *line) {
    double both;
    memcpy(&both, line, sizeof both);
    return both;
}

/// Eight columns of a component, from `column` on.
BODY floats columns(const lk_component *component, ptrdiff_t column, int is_dense) {
    const float *line = component->line;
    const int32_t *first = component->first + column;
    floats share, left, right;
    memcpy(&share, component->share + column, sizeof share);
    if (is_dense) {
        doubles low = {two(line + first[0]), two(line + first[1]), two(line + first[4]), two(line + first[5])};
        doubles high = {two(line + first[2]), two(line + first[3]), two(line + first[6]), two(line + first[7])};
        left = __builtin_shufflevector((floats)low, (floats)high, 0, 2, 8, 10, 4, 6, 12, 14);
        right = __builtin_shufflevector((floats)low, (floats)high, 1, 3, 9, 11, 5, 7, 13, 15);
    } else {
        for (int lane = 0; lane < LANES; lane++) {
            left[lane] = line[first[lane]];
            right[lane] = line[first[lane] + component->next];
        }
    }
    return left + share * (right - left);
}

BODY floats colour(const float factors[4], floats first, floats second, floats third) {
    return factors[0] * first + factors[1] * second + factors[2] * third + factors[3];
}

BODY floats cut_off(floats value, float most) {
    floats zero = {0};
    return __builtin_elementwise_min(__builtin_elementwise_max(value, zero), zero + most);
}

/// Stores whole eights, and of the last what belongs to the row.
BODY void keep(void *to, const void *values, ptrdiff_t left) {
    if (left >= LANES)
        memcpy(to, values, 4 * LANES);
    else
        memcpy(to, values, 4 * left);
}

BODY void colour_floats(
    const lk_component components[3], const lk_colours *colours, ptrdiff_t count, float *red, float *green,
    float *blue, int is_dense) {
    for (ptrdiff_t column = 0; column < count; column += LANES) {
        floats first = columns(&components[0], column, is_dense);
        floats second = columns(&components[1], column, is_dense);
        floats third = columns(&components[2], column, is_dense);
        const float *factors[] = {colours->red, colours->green, colours->blue};
        float *to[] = {red, green, blue};
        for (int index = 0; index < 3; index++) {
            floats value = cut_off(colour(factors[index], first, second, third), 1);
            keep(to[index] + column, &value, count - column);
        }
    }
}

BODY void colour_bytes(
    const lk_component components[3], const lk_colours *colours, ptrdiff_t count, uint8_t *pixels, int is_dense) {
    for (ptrdiff_t column = 0; column < count; column += LANES) {
        floats first = columns(&components[0], column, is_dense);
        floats second = columns(&components[1], column, is_dense);
        floats third = columns(&components[2], column, is_dense);
        const float *factors[] = {colours->red, colours->green, colours->blue};
        ints pixel = {0};
        for (int index = 0; index < 3; index++) {
            floats value = cut_off(255 * colour(factors[index], first, second, third), 255);
            pixel |= __builtin_convertvector(value + 0.5f, ints) << (8 * index);
        }
        keep(pixels + 4 * column, &pixel, count - column);
    }
}

BODY int is_dense(const lk_component components[3]) {
    return components[0].next == 1 && components[1].next == 1 && components[2].next == 1;
}

/// A function of the interface for one kernel: `target` has the compiler use its instructions.
#define KERNEL(suffix, target)                                                                                        \
    target static void blend_bytes_##suffix(                                                                          \
        float *line, const uint8_t *upper, const uint8_t *lower, float share, ptrdiff_t count) {                      \
        blend_bytes(line, upper, lower, share, count);                                                                \
    }                                                                                                                 \
    target static void blend_words_##suffix(                                                                          \
        float *line, const uint16_t *upper, const uint16_t *lower, float share, ptrdiff_t count) {                    \
        blend_words(line, upper, lower, share, count);                                                                \
    }                                                                                                                 \
    target static void colour_floats_##suffix(                                                                        \
        const lk_component components[3], const lk_colours *colours, ptrdiff_t count, float *red, float *green,       \
        float *blue) {                                                                                                \
        if (is_dense(components))                                                                                     \
            colour_floats(components, colours, count, red, green, blue, 1);                                           \
        else                                                                                                          \
            colour_floats(components, colours, count, red, green, blue, 0);                                           \
    }                                                                                                                 \
    target static void colour_bytes_##suffix(                                                                         \
        const lk_component components[3], const lk_colours *colours, ptrdiff_t count, uint8_t *pixels) {              \
        if (is_dense(components))                                                                                     \
            colour_bytes(components, colours, count, pixels, 1);                                                      \
        else                                                                                                          \
            colour_bytes(components, colours, count, pixels, 0);                                                      \
    }

KERNEL(portable, )
#if defined(__x86_64__)
KERNEL(avx2, __attribute__((target("avx2"))))
#define DISPATCH(name, ...) (kernel == lk_sample_avx2 ? name##_avx2 : name##_portable)(__VA_ARGS__)
lk_sample_kernel lk_sample_best(void) {
    return __builtin_cpu_supports("avx2") ? lk_sample_avx2 : lk_sample_portable;
}
#else
#define DISPATCH(name, ...) ((void)kernel, name##_portable(__VA_ARGS__))
lk_sample_kernel lk_sample_best(void) { return lk_sample_portable; }
#endif

void lk_blend_bytes(
    lk_sample_kernel kernel, float *line, const uint8_t *upper, const uint8_t *lower, float share, ptrdiff_t count) {
    DISPATCH(blend_bytes, line, upper, lower, share, count);
}

void lk_blend_words(
    lk_sample_kernel kernel, float *line, const void *upper, const void *lower, float share, ptrdiff_t count) {
    DISPATCH(blend_words, line, upper, lower, share, count);
}

void lk_colour_floats(
    lk_sample_kernel kernel, const lk_component components[3], const lk_colours *colours, ptrdiff_t count,
    float *red, float *green, float *blue) {
    DISPATCH(colour_floats, components, colours, count, red, green, blue);
}

void lk_colour_bytes(
    lk_sample_kernel kernel, const lk_component components[3], const lk_colours *colours, ptrdiff_t count,
    uint8_t *pixels) {
    DISPATCH(colour_bytes, components, colours, count, pixels);
}
