#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

void lk_set_thread_name(const char *name) {
    char shortened[16];
    strncpy(shortened, name, sizeof shortened - 1);
    shortened[sizeof shortened - 1] = 0;
    pthread_setname_np(pthread_self(), shortened);
}

int lk_affinity_count(void) {
    // The system refuses a mask shorter than its own, which may have more than the 1024 processors of a cpu_set_t.
    for (int most = 1024; most <= 1 << 20; most *= 2) {
        size_t size = CPU_ALLOC_SIZE(most);
        cpu_set_t *set = CPU_ALLOC(most);
        if (!set) return 1;
        int status = sched_getaffinity(0, size, set), reason = errno;
        int count = status == 0 ? CPU_COUNT_S(size, set) : 0;
        CPU_FREE(set);
        if (count > 0) return count;
        if (status == 0 || reason != EINVAL) return 1;
    }
    return 1;
}
