// Between the files of the int8 kernels.
#pragma once
#include "lk_int8.h"

/// One row of tiles: the results of a row (of two, if it pools) for the channels of the block that begins with `channel`.
/// `source` points to the first pixel that the first tap reads.
typedef void lk_int8_row(const lk_int8_convolution *c, const uint8_t *source, const int8_t *weights, int32_t channel,
                         uint8_t *bytes, float *floats);

lk_int8_row lk_int8_row_portable;
#if defined(__x86_64__)
lk_int8_row lk_int8_row_avx_vnni, lk_int8_row_avx512_vnni;
#endif
