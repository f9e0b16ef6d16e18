/* Holes in sparse files. */
#pragma once

#include <sys/types.h>
#include <unistd.h>

/* lseek(2) with SEEK_DATA, which <unistd.h> shows only to GNU sources. */
static inline off_t seek_data(int descriptor, off_t offset) {
  return lseek(descriptor, offset, 3);
}
