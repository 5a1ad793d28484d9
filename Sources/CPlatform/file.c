#define _GNU_SOURCE
#include "CPlatform.h"

#include <fcntl.h>

int lk_start_writing_back(int file) { return sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE); }
