#define _GNU_SOURCE  // RTLD_DEFAULT
#include "lk_threads.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TSAN 1
void __tsan_acquire(void *);
void __tsan_release(void *);
#endif
#endif

typedef struct {
    lk_task *task;
    const void *context;
    int64_t count;
    atomic_llong next;
} work;

static void take(void *pointer) {
    work *w = pointer;
#ifdef TSAN
    // libgomp's own waiting is invisible to the sanitizer.
    __tsan_acquire(w);
#endif
    for (;;) {
        const long long index = atomic_fetch_add_explicit(&w->next, 1, memory_order_relaxed);
        if (index >= w->count) break;
        w->task(w->context, index);
    }
#ifdef TSAN
    __tsan_release(w);
#endif
}

void lk_parallel(int32_t threads, int64_t count, lk_task *task, const void *context) {
    // libgomp's entry point, which LLVM's runtime has as well; which one is there is only known in the process.
    static void (*_Atomic parallel)(void (*)(void *), void *, unsigned, unsigned);
    void (*found)(void (*)(void *), void *, unsigned, unsigned) = NULL;
    if (threads > 1 && count > 1) {
        found = atomic_load_explicit(&parallel, memory_order_relaxed);
        if (!found) {
            *(void **)&found = dlsym(RTLD_DEFAULT, "GOMP_parallel");
            atomic_store_explicit(&parallel, found, memory_order_relaxed);
        }
    }
    work w = {.task = task, .context = context, .count = count};
    atomic_init(&w.next, 0);
    if (!found) return take(&w);
#ifdef TSAN
    __tsan_release(&w);
#endif
    found(take, &w, (unsigned)(threads < count ? threads : count), 0);
#ifdef TSAN
    __tsan_acquire(&w);
#endif
}
