#include "CAllocations.h"

#include <errno.h>

static _Thread_local lk_allocations taken;

lk_allocations lk_thread_allocations(void) { return taken; }

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
int lk_counts_allocations(void) { return 0; }
#else
int lk_counts_allocations(void) { return 1; }

// glibc's own, by names that nobody replaces.
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

static void *counted(void *block, size_t bytes) {
    taken.blocks += 1;
    taken.bytes += bytes;
    return block;
}

void *malloc(size_t bytes) { return counted(__libc_malloc(bytes), bytes); }
void *calloc(size_t count, size_t bytes) { return counted(__libc_calloc(count, bytes), count * bytes); }
void *realloc(void *block, size_t bytes) { return counted(__libc_realloc(block, bytes), bytes); }
void *memalign(size_t alignment, size_t bytes) { return counted(__libc_memalign(alignment, bytes), bytes); }
void *aligned_alloc(size_t alignment, size_t bytes) { return memalign(alignment, bytes); }

int posix_memalign(void **block, size_t alignment, size_t bytes) {
    if (alignment < sizeof(void *) || (alignment & (alignment - 1))) return EINVAL;
    void *made = memalign(alignment, bytes);
    if (!made) return ENOMEM;
    *block = made;
    return 0;
}
#endif
