// Work divided among the threads of the OpenMP runtime that oneDNN brought along, so that the two never run beside each
// other on more threads than there are cores.
#pragma once
#include <stdint.h>

typedef void lk_task(const void *context, int64_t index);

/// Calls `task` once for each index below `count`, on up to `threads` threads; returns when all have returned. On one
/// thread where the process has no OpenMP runtime.
void lk_parallel(int32_t threads, int64_t count, lk_task *task, const void *context);
