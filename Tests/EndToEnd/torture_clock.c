/* Shifts the time of day that one process reads, for torture_acts.py: the real clock is the host's.
 *
 * To be preloaded. TORTURE_CLOCK names a file of eight bytes, the shift in seconds, which may change at any
 * time. Clocks that never step are untouched.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long long shift(void) {
  static const volatile long long *shared;
  if (!shared) {
    const char *path = getenv("TORTURE_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *memory = file < 0 ? MAP_FAILED : mmap(NULL, 8, PROT_READ, MAP_SHARED, file, 0);
    if (file >= 0) close(file);
    if (memory == MAP_FAILED) return 0;
    shared = memory;
  }
  return *shared;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  long result = syscall(SYS_clock_gettime, clock, time);
  if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += shift();
  return (int)result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  long result = syscall(SYS_gettimeofday, time, zone);
  if (result == 0) time->tv_sec += shift();
  return (int)result;
}

time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result) *result = now.tv_sec;
  return now.tv_sec;
}
