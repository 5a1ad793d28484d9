#include "lk_int8_internal.h"
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function)

// 32 registers: 28 sums, two vectors of weights, a pixel.
#define LANES 16
#define SUMS 28
#define WIDEST 14
#define WIDEST_PAIRED_1 14
#define WIDEST_PAIRED_2 6
#define ROW lk_int8_row_avx512_vnni
#define SINGLE(X, S, V) \
    X(S, V, 1, 1) X(S, V, 1, 2) X(S, V, 1, 3) X(S, V, 1, 4) X(S, V, 1, 5) X(S, V, 1, 6) X(S, V, 1, 7) \
    X(S, V, 1, 8) X(S, V, 1, 9) X(S, V, 1, 10) X(S, V, 1, 11) X(S, V, 1, 12) X(S, V, 1, 13) X(S, V, 1, 14)
#define PAIRED_1(X) X(3, 1, 2, 2) X(3, 1, 2, 4) X(3, 1, 2, 6) X(3, 1, 2, 8) X(3, 1, 2, 10) X(3, 1, 2, 12) X(3, 1, 2, 14)
#define PAIRED_2(X) X(3, 2, 2, 2) X(3, 2, 2, 4) X(3, 2, 2, 6)

typedef __m512i ints;
typedef __m512 floats_;
#define zeros _mm512_setzero_si512
#define all_ints _mm512_set1_epi32
#define all_floats _mm512_set1_ps
#define load_ints(at) _mm512_loadu_si512(at)
#define load_floats _mm512_loadu_ps
#define keep_floats _mm512_storeu_ps
#define add_products _mm512_dpbusd_epi32
#define greater_ints _mm512_max_epi32
#define greater_floats _mm512_max_ps
#define lesser_floats _mm512_min_ps
#define to_floats _mm512_cvtepi32_ps
#define to_ints _mm512_cvtps_epi32
#define add_floats _mm512_add_ps
#define multiply _mm512_mul_ps
#define multiply_add _mm512_fmadd_ps

static inline __attribute__((always_inline)) void packed_bytes(const __m512i *values, __m128i *quads) {
    const __m512i bytes = _mm512_packus_epi16(_mm512_packs_epi32(values[0], values[1]),
                                              _mm512_packs_epi32(values[2], values[3]));
    quads[0] = _mm512_castsi512_si128(bytes);
    quads[1] = _mm512_extracti32x4_epi32(bytes, 1);
    quads[2] = _mm512_extracti32x4_epi32(bytes, 2);
    quads[3] = _mm512_extracti32x4_epi32(bytes, 3);
}

static inline __attribute__((always_inline)) void store_some(uint8_t *at, __m128i pixels, int count) {
    _mm_mask_storeu_epi32(at, (__mmask8)((1 << count) - 1), pixels);
}

#include "lk_int8_tile.h"

#pragma clang attribute pop
#endif
