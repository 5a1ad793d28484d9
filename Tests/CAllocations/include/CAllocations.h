// Counts what each thread takes from the heap, by standing in for malloc and its kind in a program of tests.
#pragma once
#include <stddef.h>

typedef struct {
    long blocks;
    size_t bytes;
} lk_allocations;

/// What the calling thread has taken so far; what it gave back is not subtracted.
lk_allocations lk_thread_allocations(void);

/// 0 under a sanitizer, which stands in for malloc itself.
int lk_counts_allocations(void);
