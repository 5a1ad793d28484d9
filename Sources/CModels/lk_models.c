#include "lk_models.h"

#include <stdint.h>
#include <string.h>

// Of C23, which is not what everything here is compiled as.
#pragma clang diagnostic ignored "-Wc23-extensions"

#define FILE_BYTES(name) static const unsigned char name[]

FILE_BYTES(demo_cfg) = {
#embed "files/lookout-demo.cfg"
};
FILE_BYTES(demo_weights) = {
#embed "files/lookout-demo.weights"
};
FILE_BYTES(demo_names) = {
#embed "files/lookout-demo.names"
};
FILE_BYTES(demo_int8) = {
#embed "files/lookout-demo.int8"
};
FILE_BYTES(street_cfg) = {
#embed "files/lookout-street.cfg"
};
FILE_BYTES(street_weights) = {
#embed "files/lookout-street.weights.half"
};
FILE_BYTES(street_names) = {
#embed "files/lookout-street.names"
};

#define FILE_ENTRY(name, bytes) {name, bytes, sizeof bytes, 0}
#define HALVES_ENTRY(name, bytes, head) {name, bytes, sizeof bytes, head}

static const lk_model_file files[] = {
    FILE_ENTRY("lookout-demo.cfg", demo_cfg),
    FILE_ENTRY("lookout-demo.weights", demo_weights),
    FILE_ENTRY("lookout-demo.names", demo_names),
    FILE_ENTRY("lookout-demo.int8", demo_int8),
    FILE_ENTRY("lookout-street.cfg", street_cfg),
    HALVES_ENTRY("lookout-street.weights", street_weights, 20),
    FILE_ENTRY("lookout-street.names", street_names),
};

const lk_model_file *lk_model_files(size_t *count) {
    *count = sizeof files / sizeof *files;
    return files;
}

void lk_floats_from_halves(const unsigned char *halves, size_t count, unsigned char *floats) {
    for (size_t i = 0; i < count; i++) {
        uint16_t half;
        memcpy(&half, halves + 2 * i, sizeof half);
        // The bits of the number divided by 2^112, as the exponents' biases are 15 and 127; exact, subnormal or not.
        uint32_t bits = (uint32_t)(half & 0x7FFF) << 13;
        float value;
        memcpy(&value, &bits, sizeof value);
        value *= 0x1p112f;
        if (half & 0x8000) value = -value;
        memcpy(floats + 4 * i, &value, sizeof value);
    }
}
