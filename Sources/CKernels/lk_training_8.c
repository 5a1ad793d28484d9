#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define FLAVOUR lk_training_8_f32
#define LANES 8
#include "lk_training_flavour.h"
#pragma clang attribute pop
#endif
