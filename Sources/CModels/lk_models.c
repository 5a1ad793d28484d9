#include "lk_models.h"

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

#define FILE_ENTRY(name, bytes) {name, bytes, sizeof bytes}

static const lk_model_file files[] = {
    FILE_ENTRY("lookout-demo.cfg", demo_cfg),
    FILE_ENTRY("lookout-demo.weights", demo_weights),
    FILE_ENTRY("lookout-demo.names", demo_names),
    FILE_ENTRY("lookout-demo.int8", demo_int8),
};

const lk_model_file *lk_model_files(size_t *count) {
    *count = sizeof files / sizeof *files;
    return files;
}
