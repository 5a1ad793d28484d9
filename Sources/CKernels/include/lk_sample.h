// Bilinear sampling of decoded pictures, a row at a time: two rows of samples are blended into a line of floats, then
// columns of three such lines are blended and multiplied by a colour matrix.
//
// In C, for Swift takes the columns' samples one by one: measured from 768x432 yuv420p to 416x234, 0.57 ms against 0.15.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// What computes it; the results are the same to the bit.
typedef enum {
    lk_sample_portable,
    lk_sample_avx2,
} lk_sample_kernel;

/// The fastest of this CPU.
lk_sample_kernel lk_sample_best(void);

/// line = upper + share * (lower - upper), of `count` samples: bytes, or 16-bit words.
void lk_blend_bytes(
    lk_sample_kernel kernel, float *line, const uint8_t *upper, const uint8_t *lower, float share, ptrdiff_t count);
void lk_blend_words(
    lk_sample_kernel kernel, float *line, const void *upper, const void *lower, float share, ptrdiff_t count);

/// Columns are computed so many at a time.
static const ptrdiff_t lk_sample_lanes = 8;

/// The row of one component, and the two of its samples that each column lies between.
typedef struct {
    const float *line;
    /// The first sample of each two, and the second one's share. Both are read up to whole `lk_sample_lanes`.
    const int32_t *first;
    const float *share;
    /// From the first of each two to the second; 0 where there is but one in all.
    ptrdiff_t next;
} lk_component;

/// Four factors of each colour: of the three components, and a constant.
typedef struct {
    float red[4], green[4], blue[4];
} lk_colours;

/// Red, green and blue of `count` columns, cut off at 0 and 1.
void lk_colour_floats(
    lk_sample_kernel kernel, const lk_component components[3], const lk_colours *colours, ptrdiff_t count,
    float *red, float *green, float *blue);

/// The same as bytes: each pixel red, green, blue and 0. Times 255, rounded to nearest (halves up).
void lk_colour_bytes(
    lk_sample_kernel kernel, const lk_component components[3], const lk_colours *colours, ptrdiff_t count,
    uint8_t *pixels);
