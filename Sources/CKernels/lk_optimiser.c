#include "lk_optimiser.h"

#define BODY static inline __attribute__((always_inline))

/// Written so that what is no number passes.
BODY float clipped(float value, float clip) {
    value = value > clip ? clip : value;
    return value < -clip ? -clip : value;
}

void lk_sgd_step(
    const lk_sgd *rule, float *restrict values, float *restrict gradient, float *restrict momentum,
    ptrdiff_t count) {
    const float rate = rule->rate, decay = rule->decay, kept = rule->momentum, clip = rule->clip;
    for (ptrdiff_t i = 0; i < count; i++) {
        const float update = momentum[i] + gradient[i] + decay * values[i];
        values[i] = clipped(values[i] - rate * update, clip);
        momentum[i] = kept * update;
        gradient[i] = 0;
    }
}

void lk_adam_step(
    const lk_adam *rule, float *restrict values, float *restrict gradient, float *restrict first,
    float *restrict second, ptrdiff_t count) {
    const lk_adam r = *rule;
    for (ptrdiff_t i = 0; i < count; i++) {
        const float g = gradient[i] + r.decay * values[i];
        const float m = r.beta1 * first[i] + (1 - r.beta1) * g, v = r.beta2 * second[i] + (1 - r.beta2) * g * g;
        const float change = r.rate * m * r.correction1 / (__builtin_elementwise_sqrt(v * r.correction2) + r.epsilon);
        values[i] = clipped(values[i] - change, r.clip);
        first[i] = m;
        second[i] = v;
        gradient[i] = 0;
    }
}
