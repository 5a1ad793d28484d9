// One step of an optimiser over a range of parameters, in one pass over memory, which is what it waits for: values,
// gradient and state are read and written once, the gradient with zeros.
//
// In C, for Swift does not vectorise loops over several arrays that might overlap.
#pragma once
#include <stddef.h>

/// u += gradient + decay * value; value -= rate * u; u *= momentum. Values stay within ± clip.
typedef struct {
    float rate, decay, momentum, clip;
} lk_sgd;

/// Moments m of the gradient g = gradient + decay * value and v of its square:
/// value -= rate * m * correction1 / (sqrt(v * correction2) + epsilon). Values stay within ± clip.
typedef struct {
    float rate, decay, beta1, beta2, correction1, correction2, epsilon, clip;
} lk_adam;

/// The arrays do not overlap. A value that is no number stays none.
void lk_sgd_step(const lk_sgd *rule, float *values, float *gradient, float *momentum, ptrdiff_t count);
void lk_adam_step(
    const lk_adam *rule, float *values, float *gradient, float *first, float *second, ptrdiff_t count);
