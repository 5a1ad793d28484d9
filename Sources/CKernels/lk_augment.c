#include "lk_augment.h"

#include <string.h>

#define LANES 8
typedef float floats __attribute__((vector_size(4 * LANES)));
typedef int32_t ints __attribute__((vector_size(4 * LANES)));
// As in lk_sample.c: all of it is inlined into the functions of each kernel, so that vectors are never passed.
#pragma clang diagnostic ignored "-Wpsabi"
#define BODY static inline __attribute__((always_inline))

void lk_split_bytes(const uint8_t *pixels, ptrdiff_t count, uint8_t *red, uint8_t *green, uint8_t *blue) {
    for (ptrdiff_t index = 0; index < count; index++) {
        red[index] = pixels[4 * index];
        green[index] = pixels[4 * index + 1];
        blue[index] = pixels[4 * index + 2];
    }
}

BODY floats chosen(ints mask, floats yes, floats no) { return (floats)((mask & (ints)yes) | (~mask & (ints)no)); }

BODY floats limited(floats value) {
    floats zero = {0};
    return __builtin_elementwise_min(__builtin_elementwise_max(value, zero), zero + 1);
}

/// How far a colour falls short of the greatest one, as a part of what the least does: 0...1. `sixths` is the hue, turned
/// so that the colour itself is at 3, and within 0 to 12.
BODY floats shortfall(floats sixths) {
    floats zero = {0};
    sixths -= chosen(sixths >= zero + 6, zero + 6, zero);
    return limited(__builtin_elementwise_min(sixths, 4 - sixths));
}

/// With M the greatest and D what lies between it and the least, HSV is (H, D / M, M), and a colour of it M - D * t, t
/// depending on H alone. So new S = s * D / M and new V = v * M give v * M - v * s * D * t, without dividing by M.
BODY void distort(floats *red, floats *green, floats *blue, float turn, float saturation, float value) {
    floats zero = {0}, r = *red, g = *green, b = *blue;
    floats most = __builtin_elementwise_max(__builtin_elementwise_max(r, g), b);
    floats spread = most - __builtin_elementwise_min(__builtin_elementwise_min(r, g), b);
    ints is_red = r == most, is_green = g == most;
    floats difference = chosen(is_red, g - b, chosen(is_green, b - r, r - g));
    floats sector = chosen(is_red, zero, chosen(is_green, zero + 2, zero + 4));
    // Grey has no hue; any will do.
    floats sixths = sector + difference / chosen(spread > zero, spread, zero + 1) + turn;
    sixths += chosen(sixths < zero, zero + 6, zero);
    sixths -= chosen(sixths >= zero + 6, zero + 6, zero);
    floats top = most * value, depth = spread * (value * saturation);
    *red = limited(top - depth * shortfall(sixths + 5));
    *green = limited(top - depth * shortfall(sixths + 3));
    *blue = limited(top - depth * shortfall(sixths + 1));
}

BODY void distort_row(
    float *red, float *green, float *blue, ptrdiff_t count, float turn, float saturation, float value) {
    for (ptrdiff_t index = 0; index < count; index += LANES) {
        size_t size = count - index < LANES ? 4 * (size_t)(count - index) : 4 * LANES;
        floats r = {0}, g = {0}, b = {0};
        if (size == 4 * LANES) {
            memcpy(&r, red + index, sizeof r);
            memcpy(&g, green + index, sizeof g);
            memcpy(&b, blue + index, sizeof b);
        } else {
            memcpy(&r, red + index, size);
            memcpy(&g, green + index, size);
            memcpy(&b, blue + index, size);
        }
        distort(&r, &g, &b, turn, saturation, value);
        if (size == 4 * LANES) {
            memcpy(red + index, &r, sizeof r);
            memcpy(green + index, &g, sizeof g);
            memcpy(blue + index, &b, sizeof b);
        } else {
            memcpy(red + index, &r, size);
            memcpy(green + index, &g, size);
            memcpy(blue + index, &b, size);
        }
    }
}

#define KERNEL(suffix, target)                                                                                        \
    target static void distort_row_##suffix(                                                                          \
        float *red, float *green, float *blue, ptrdiff_t count, float turn, float saturation, float value) {          \
        distort_row(red, green, blue, count, turn, saturation, value);                                                \
    }

KERNEL(portable, )
#if defined(__x86_64__)
KERNEL(avx2, __attribute__((target("avx2"))))
#define DISPATCH(name, ...) (kernel == lk_sample_avx2 ? name##_avx2 : name##_portable)(__VA_ARGS__)
#else
#define DISPATCH(name, ...) ((void)kernel, name##_portable(__VA_ARGS__))
#endif

void lk_distort(
    lk_sample_kernel kernel, float *red, float *green, float *blue, ptrdiff_t count, float hue, float saturation,
    float value) {
    DISPATCH(distort_row, red, green, blue, count, 6 * hue, saturation, value);
}

/// A sample, black outside of the plane.
BODY float sample(const uint8_t *plane, int32_t width, int32_t height, int32_t x, int32_t y) {
    return x >= 0 && x < width && y >= 0 && y < height ? plane[(ptrdiff_t)y * width + x] : 0;
}

void lk_sample_affine(
    const uint8_t *planes, int32_t width, int32_t height, const float across[3], const float down[3], float *result,
    int32_t result_width, int32_t result_height) {
    ptrdiff_t area = (ptrdiff_t)width * height, result_area = (ptrdiff_t)result_width * result_height;
    for (int32_t row = 0; row < result_height; row++)
        for (int32_t column = 0; column < result_width; column++) {
            float x = across[0] * column + across[1] * row + across[2];
            float y = down[0] * column + down[1] * row + down[2];
            float colours[3] = {0};
            // Also false for what is no number.
            if (x > -1 && x < width && y > -1 && y < height) {
                // Rounded down: both are above -1.
                int32_t left = (int32_t)(x + 1) - 1, top = (int32_t)(y + 1) - 1;
                float share = x - left, lower = y - top;
                for (int colour = 0; colour < 3; colour++) {
                    const uint8_t *plane = planes + colour * area;
                    float above = (1 - share) * sample(plane, width, height, left, top)
                        + share * sample(plane, width, height, left + 1, top);
                    float below = (1 - share) * sample(plane, width, height, left, top + 1)
                        + share * sample(plane, width, height, left + 1, top + 1);
                    colours[colour] = ((1 - lower) * above + lower * below) / 255;
                }
            }
            float *to = result + (ptrdiff_t)row * result_width + column;
            for (int colour = 0; colour < 3; colour++) to[colour * result_area] = colours[colour];
        }
}
