/* Processes whose memory holds secrets. */
#pragma once

#include <sys/prctl.h>

/* prctl(2), whose variable arguments Swift cannot pass: no core dump of this process, and no look into
   its memory or environment by its own user's other processes. */
static inline int forbid_memory_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }
