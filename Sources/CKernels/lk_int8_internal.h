// Between the files of the int8 kernels.
#pragma once
#include "lk_int8.h"

/// One row of tiles: the results of `first_row` (and, if it pools, of the row below) for the channels of one block.
/// `source` points to the first pixel that the first tap reads.
typedef void lk_int8_row(const lk_int8_convolution *c, const uint8_t *source, const int8_t *weights, int32_t channel,
                         uint8_t *bytes, float *floats);

lk_int8_row lk_int8_row_portable;
#if defined(__x86_64__)
lk_int8_row lk_int8_row_avx_vnni, lk_int8_row_avx512_vnni;
#endif
