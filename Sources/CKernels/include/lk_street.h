// The synthetic street's loops over pixels: who is seen where, and what the camera makes of the picture.
//
// In C, for in an unoptimised build, as tests are, Swift takes a second for a picture.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Bytes of one picture, row by row.
typedef struct {
    uint8_t *pixels;
    ptrdiff_t stride, width, height;
} lk_plane;

/// Writes `identity` into `map` wherever `mask`, laid at x, y, is not 0. Returns how many pixels of the mask are not.
ptrdiff_t lk_street_stamp(lk_plane mask, lk_plane map, ptrdiff_t x, ptrdiff_t y, uint8_t identity);

/// What of one identity is seen: pixels, and the first and the last column and row.
typedef struct {
    int32_t count, left, top, right, bottom;
} lk_extent;

/// Fills in 256 extents from the map's columns left..<right and rows top..<bottom. Identity 0 is nobody's.
void lk_street_survey(
    lk_plane map, ptrdiff_t left, ptrdiff_t top, ptrdiff_t right, ptrdiff_t bottom, lk_extent *extents);

/// Every byte of `picture` becomes a mean of the 3x3 pixels (of four bytes) round the one `x` and `y` further in
/// `scene`, and noise is added. Weights: three across that sum up to 128, three down to 64.
/// The picture is at most 4096 pixels wide. `noise` is read from a place of its own for each row, which `seed` decides: `noise_count` bytes, at least 4 * width.
void lk_street_expose(
    lk_plane scene, lk_plane picture, ptrdiff_t x, ptrdiff_t y, const uint16_t *across, const uint16_t *down,
    const int8_t *noise, ptrdiff_t noise_count, uint64_t seed);

/// Darkens the scene, of four bytes a pixel, by `strength` of 256 where a pixel of `shadows`, four times as coarse, is
/// 255, and by less where it is less; smooth in between. The shadows reach one pixel beyond the scene.
void lk_street_shade(lk_plane scene, lk_plane shadows, uint32_t strength);
