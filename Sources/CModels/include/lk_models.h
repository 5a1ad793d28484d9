#pragma once

#include <stddef.h>

/// A file that the program carries with it. Never goes away.
typedef struct {
    const char *_Nonnull name;
    const unsigned char *_Nonnull bytes;
    size_t count;
} lk_model_file;

/// All of them, one after the other.
const lk_model_file *_Nonnull lk_model_files(size_t *_Nonnull count);
