// What glibc has and the Glibc overlay of Swift does not show.
#pragma once

/// Names the calling thread for `top -H`, gdb and perf. At most 15 bytes are kept.
void lk_set_thread_name(const char *name);

/// Processors that the calling thread may run on by its affinity mask; at least 1.
int lk_affinity_count(void);

/// Has the system start to write a file's changes to the disk; does not wait. 0, or -1 where the file system cannot.
int lk_start_writing_back(int file);

/// Has all threads share so many heaps. glibc gives each of many threads one of its own and keeps what ended threads left
/// in theirs: with threads that come and go for months, memory would grow without a leak.
void lk_limit_heaps(int count);

/// Gives memory that is free, but lies between used, back to the system.
void lk_trim_heaps(void);
