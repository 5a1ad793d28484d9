// How fast one core multiplies and adds when nothing else is in its way: the ceiling for any kernel on it.
//
// Why not in Swift: it has no names for these instructions, and a loop over its SIMD types may become others.
#pragma once
#include <stdint.h>

typedef enum {
    lk_peak_fp32,  // 32-bit floats
    lk_peak_int8,  // unsigned by signed bytes, into 32-bit sums
} lk_peak_type;

/// The widest instructions for it of this CPU, which are measured; for example "AVX-512".
const char *lk_peak_instructions(lk_peak_type type);
/// Does independent multiply-adds on registers alone, in so many turns of a loop (at least one). Returns how many
/// operations that was; a multiply-add is two.
uint64_t lk_peak_run(lk_peak_type type, uint64_t turns);
