// What training does to decoded pictures beside sampling them (lk_sample): colours turned in HSV, rotated crops.
//
// In C, for the vectors: the colours of 416 x 416 pixels take 0.25 ms so. A crop that is not turned is lk_sample's work,
// which is several times as fast as lk_sample_affine's 2 ms for as many pixels.
#pragma once
#include "lk_sample.h"

/// Takes pixels of four bytes, the last of which is nothing, apart into three planes.
void lk_split_bytes(const uint8_t *pixels, ptrdiff_t count, uint8_t *red, uint8_t *green, uint8_t *blue);

/// Turns the hue by `hue` of the full circle (0...1), multiplies saturation and value, and cuts the colours off at 0 and
/// 1. The saturation itself is not cut off.
void lk_distort(
    lk_sample_kernel kernel, float *red, float *green, float *blue, ptrdiff_t count, float hue, float saturation,
    float value);

/// Three planes of bytes, sampled bilinearly on any grid: pixel (x, y) of the result lies at
/// (across[0] x + across[1] y + across[2], down[0] x + down[1] y + down[2]) of the source. Black outside. 0...1.
void lk_sample_affine(
    const uint8_t *planes, int32_t width, int32_t height, const float across[3], const float down[3], float *result,
    int32_t result_width, int32_t result_height);
