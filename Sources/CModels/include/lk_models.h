#pragma once

#include <stddef.h>

/// A file that the program carries with it. Never goes away.
typedef struct {
    const char *_Nonnull name;
    const unsigned char *_Nonnull bytes;
    size_t count;
    /// Behind so many bytes each two are a number in half precision, in place of a single one of the file. 0: all is as it is.
    size_t head;
} lk_model_file;

/// All of them, one after the other.
const lk_model_file *_Nonnull lk_model_files(size_t *_Nonnull count);

/// Numbers of half precision, finite ones, in single precision; neither place need be aligned.
void lk_floats_from_halves(const unsigned char *_Nonnull halves, size_t count, unsigned char *_Nonnull floats);
