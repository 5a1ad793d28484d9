#include "lk_peak.h"

// Twelve sums: two multiply-adds a cycle, each ready after four or five, are all under way at once. The loops are in
// assembly so that they are these instructions in a debug build too, and no optimiser takes the work out of them.
enum { sums = 12 };

#if defined(__x86_64__)

#define TWELVE(OP) OP(0) OP(1) OP(2) OP(3) OP(4) OP(5) OP(6) OP(7) OP(8) OP(9) OP(10) OP(11)

// Registers 0 to 11 are the sums, 12 and 13 the factors: zeros, which take the same time as other numbers.
#define LOOP(CLEAR, BODY)                                                                                     \
    __asm__ volatile(CLEAR "1:\n" BODY "dec %0\njnz 1b\nvzeroupper\n"                                         \
                     : "+r"(turns)                                                                            \
                     :                                                                                        \
                     : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", \
                       "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15")

// Clears all of a register, however wide.
#define CLEAR_1(N) "vpxor %%xmm" #N ", %%xmm" #N ", %%xmm" #N "\n"
#define CLEAR_ALL TWELVE(CLEAR_1) CLEAR_1(12) CLEAR_1(13) CLEAR_1(14) CLEAR_1(15)

#define FMA_512(N) "vfmadd231ps %%zmm12, %%zmm13, %%zmm" #N "\n"
#define FMA_256(N) "vfmadd231ps %%ymm12, %%ymm13, %%ymm" #N "\n"
#define VNNI_512(N) "vpdpbusd %%zmm12, %%zmm13, %%zmm" #N "\n"
#define VNNI_256(N) "%{vex%} vpdpbusd %%ymm12, %%ymm13, %%ymm" #N "\n"
// Pairs of products in 16 bits, pairs of those by ones in 32 bits, and the sum.
#define MADD_256(N)                            \
    "vpmaddubsw %%ymm12, %%ymm13, %%ymm14\n"   \
    "vpmaddwd %%ymm15, %%ymm14, %%ymm14\n"     \
    "vpaddd %%ymm14, %%ymm" #N ", %%ymm" #N "\n"

static void fp32_512(uint64_t turns) { LOOP(CLEAR_ALL, TWELVE(FMA_512)); }
static void fp32_256(uint64_t turns) { LOOP(CLEAR_ALL, TWELVE(FMA_256)); }
static void int8_512_vnni(uint64_t turns) { LOOP(CLEAR_ALL, TWELVE(VNNI_512)); }
static void int8_256_vnni(uint64_t turns) { LOOP(CLEAR_ALL, TWELVE(VNNI_256)); }
static void int8_256(uint64_t turns) { LOOP(CLEAR_ALL, TWELVE(MADD_256)); }

#endif

// Everywhere else what the compiler makes of vectors of 16 bytes: SSE2, NEON.

typedef float floats __attribute__((vector_size(16)));
typedef int16_t words __attribute__((vector_size(16)));
typedef int8_t bytes8 __attribute__((vector_size(8)));
typedef int32_t ints __attribute__((vector_size(16)));

// The compiler takes it for written to: it may work nothing out ahead, nor leave anything out.
#define UNKNOWN(VALUE) __asm__ volatile("" : : "r"(&(VALUE)) : "memory")

static void fp32_plain(uint64_t turns) {
    floats sum[sums] = {{0}}, factors[2] = {{0}};
    UNKNOWN(factors);
    const floats a = factors[0], b = factors[1];
    for (; turns > 0; turns--)
        for (int i = 0; i < sums; i++) sum[i] = sum[i] * a + b;
    UNKNOWN(sum);
}

static void int8_plain(uint64_t turns) {
    ints sum[sums] = {{0}};
    bytes8 factors[2] = {{0}};
    for (; turns > 0; turns--) {
        UNKNOWN(factors);
        const words a = __builtin_convertvector(factors[0], words);
        for (int i = 0; i < sums; i++) {
            const words product = a * __builtin_convertvector(factors[1], words);
            sum[i] += __builtin_convertvector(__builtin_shufflevector(product, product, 0, 1, 2, 3), ints)
                + __builtin_convertvector(__builtin_shufflevector(product, product, 4, 5, 6, 7), ints);
        }
    }
    UNKNOWN(sum);
}

typedef struct {
    const char *instructions;
    uint64_t operations;  // of a turn
    void (*run)(uint64_t turns);
} peak_loop;

static peak_loop loop_of(lk_peak_type type) {
    switch (type) {
    case lk_peak_fp32:
#if defined(__x86_64__)
        if (__builtin_cpu_supports("avx512f")) return (peak_loop){"AVX-512", 2 * 16 * sums, fp32_512};
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
            return (peak_loop){"AVX2 FMA", 2 * 8 * sums, fp32_256};
#endif
        return (peak_loop){"128 bits", 2 * 4 * sums, fp32_plain};
    case lk_peak_int8:
#if defined(__x86_64__)
        if (__builtin_cpu_supports("avx512vnni")) return (peak_loop){"AVX-512 VNNI", 2 * 64 * sums, int8_512_vnni};
        if (__builtin_cpu_supports("avxvnni")) return (peak_loop){"AVX-VNNI", 2 * 32 * sums, int8_256_vnni};
        if (__builtin_cpu_supports("avx2")) return (peak_loop){"AVX2", 2 * 32 * sums, int8_256};
#endif
        break;
    }
    return (peak_loop){"128 bits", 2 * 8 * sums, int8_plain};
}

const char *lk_peak_instructions(lk_peak_type type) { return loop_of(type).instructions; }

uint64_t lk_peak_run(lk_peak_type type, uint64_t turns) {
    const peak_loop loop = loop_of(type);
    loop.run(turns);
    return turns * loop.operations;
}
