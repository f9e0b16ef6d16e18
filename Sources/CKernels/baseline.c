/* The instruction set that every processor of this architecture has: NEON on aarch64, under its own
 * name; SSE2 on x86-64; elsewhere whatever the compiler makes of the vectors. */
#if defined(__aarch64__)
#define CK_SET neon
#define CK_VECTORS 4
#define CK_TILE 4
#else
#define CK_SET baseline
#define CK_VECTORS 2
#define CK_TILE 2
#endif
#define CK_ROWS 2
#define CK_TILE_VECTORS 1
#include "kernels.inc"
