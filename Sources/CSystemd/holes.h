/* What a file takes on the disk: holes, and space reserved beyond its end. */
#pragma once

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* lseek(2) with SEEK_DATA, which <unistd.h> shows only to GNU sources. */
static inline off_t seek_data(int descriptor, off_t offset) {
  return lseek(descriptor, offset, 3);
}

/* fallocate(2) with FALLOC_FL_KEEP_SIZE, which <fcntl.h> shows only to GNU sources: space for `bytes` at
 * `offset`, without a change of the file's size. */
static inline int reserve_space(int descriptor, off_t offset, off_t bytes) {
  return (int)syscall(SYS_fallocate, descriptor, 1, offset, bytes);
}
