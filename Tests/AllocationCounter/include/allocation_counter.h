/* Counts what the calling thread takes from the heap, by standing in front of glibc's malloc.
 * Under a sanitizer, which stands there itself, nothing is counted. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Allocations of this thread since it began. */
uint64_t allocation_counter_current(void);
/* Bytes of the heap that are in use by the whole process. */
uint64_t allocation_counter_bytes(void);
/* Whether allocations are counted in this build. */
bool allocation_counter_is_active(void);
