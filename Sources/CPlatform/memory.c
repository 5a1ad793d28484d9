#define _GNU_SOURCE
#include "CPlatform.h"

#include <malloc.h>

void lk_limit_heaps(int count) { mallopt(M_ARENA_MAX, count); }

void lk_trim_heaps(void) { malloc_trim(0); }
