/* The instruction set that every processor of this architecture has: NEON on aarch64, under its own
 * name; SSE2 on x86-64; elsewhere what the compiler makes of the vectors. */
#if defined(__aarch64__)
#define CK_SET neon
#else
#define CK_SET baseline
#endif
#define CK_ROWS 2
#if defined(__aarch64__)
#define CK_VECTORS 4
#else
#define CK_VECTORS 2
#endif
#include "vector.inc"
#include "lstm.inc"
#include "gradient.inc"
#include "search.inc"
#include "symbols.inc"
#include "table.inc"
