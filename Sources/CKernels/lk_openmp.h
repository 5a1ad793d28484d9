// The OpenMP runtime that oneDNN brought along.
#pragma once

// libgomp's entry points, which LLVM's runtime has as well. All are NULL where the process has no OpenMP runtime.
typedef struct {
    void (*parallel)(void (*)(void *), void *, unsigned, unsigned);
    void (*barrier)(void);
    int (*thread)(void);
} lk_openmp;

/// Looked up, once, because which runtime there is is only known in the process.
lk_openmp lk_find_openmp(void);

// The thread sanitizer does not see what libgomp's threads wait for: it is told.
#if __has_feature(thread_sanitizer)
void __tsan_acquire(void *place);
void __tsan_release(void *place);
#define lk_tsan_acquire(place) __tsan_acquire(place)
#define lk_tsan_release(place) __tsan_release(place)
#else
#define lk_tsan_acquire(place) (void)(place)
#define lk_tsan_release(place) (void)(place)
#endif
