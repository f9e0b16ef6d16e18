/* A pipe that programs started later do not inherit, made in one step: between two steps another
 * thread could start one. */
#pragma once
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* pipe2(2) with O_CLOEXEC, which <unistd.h> shows only to GNU sources: 0, or -1 and errno. */
static inline int pipe_close_on_exec(int ends[2]) {
  return (int)syscall(SYS_pipe2, ends, O_CLOEXEC);
}
