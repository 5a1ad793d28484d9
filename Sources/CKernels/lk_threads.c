#define _GNU_SOURCE  // RTLD_DEFAULT
#include "lk_threads.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "lk_openmp.h"

static lk_openmp found;

static void find(void) {
    *(void **)&found.parallel = dlsym(RTLD_DEFAULT, "GOMP_parallel");
    *(void **)&found.barrier = dlsym(RTLD_DEFAULT, "GOMP_barrier");
    *(void **)&found.thread = dlsym(RTLD_DEFAULT, "omp_get_thread_num");
    if (!found.parallel || !found.barrier || !found.thread) memset(&found, 0, sizeof found);
}

lk_openmp lk_find_openmp(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find);
    return found;
}

typedef struct {
    lk_task *task;
    const void *context;
    int64_t count;
    atomic_llong next;
} work;

static void take(void *pointer) {
    work *w = pointer;
    lk_tsan_acquire(w);
    for (;;) {
        const long long index = atomic_fetch_add_explicit(&w->next, 1, memory_order_relaxed);
        if (index >= w->count) break;
        w->task(w->context, index);
    }
    lk_tsan_release(w);
}

void lk_parallel(int32_t threads, int64_t count, lk_task *task, const void *context) {
    work w = {.task = task, .context = context, .count = count};
    atomic_init(&w.next, 0);
    const lk_openmp runtime = threads > 1 && count > 1 ? lk_find_openmp() : (lk_openmp){0};
    if (!runtime.parallel) return take(&w);
    lk_tsan_release(&w);
    runtime.parallel(take, &w, (unsigned)(threads < count ? threads : count), 0);
    lk_tsan_acquire(&w);
}
