#include "lk_int8_internal.h"
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,avxvnni"))), apply_to = function)

// 16 registers: 12 sums, two vectors of weights, a pixel.
#define LANES 8
#define SUMS 12
#define WIDEST 6
#define WIDEST_PAIRED_1 6
#define WIDEST_PAIRED_2 2
#define ROW lk_int8_row_avx_vnni
#define SINGLE(X, S, V) \
    X(S, V, 1, 1) X(S, V, 1, 2) X(S, V, 1, 3) X(S, V, 1, 4) X(S, V, 1, 5) X(S, V, 1, 6)
#define PAIRED_1(X) X(3, 1, 2, 2) X(3, 1, 2, 4) X(3, 1, 2, 6)
#define PAIRED_2(X) X(3, 2, 2, 2)

typedef __m256i ints;
typedef __m256 floats_;
#define zeros _mm256_setzero_si256
#define all_ints _mm256_set1_epi32
#define all_floats _mm256_set1_ps
#define load_ints(at) _mm256_loadu_si256((const __m256i *)(at))
#define load_floats _mm256_loadu_ps
#define keep_floats _mm256_storeu_ps
#define add_products _mm256_dpbusd_avx_epi32
#define greater_ints _mm256_max_epi32
#define greater_floats _mm256_max_ps
#define lesser_floats _mm256_min_ps
#define to_floats _mm256_cvtepi32_ps
#define to_ints _mm256_cvtps_epi32
#define add_floats _mm256_add_ps
#define multiply _mm256_mul_ps
#define multiply_add _mm256_fmadd_ps

static inline __attribute__((always_inline)) void packed_bytes(const __m256i *values, __m128i *quads) {
    const __m256i bytes = _mm256_packus_epi16(_mm256_packs_epi32(values[0], values[1]),
                                              _mm256_packs_epi32(values[2], values[3]));
    quads[0] = _mm256_castsi256_si128(bytes);
    quads[1] = _mm256_extracti128_si256(bytes, 1);
}

static inline __attribute__((always_inline)) void store_some(uint8_t *at, __m128i pixels, int count) {
    _mm_maskstore_epi32((int *)at, _mm_cmpgt_epi32(_mm_set1_epi32(count), _mm_setr_epi32(0, 1, 2, 3)), pixels);
}

#include "lk_int8_tile.h"

#pragma clang attribute pop
#endif
