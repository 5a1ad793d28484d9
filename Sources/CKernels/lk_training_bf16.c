#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma"))), apply_to = function)
#define FLAVOUR lk_training_16_bf16
#define LANES 16
#define BF16
#include "lk_training_flavour.h"
#pragma clang attribute pop
#endif
