/* The instruction set that every processor of this architecture has: SSE2, or NEON. */
#define CK_SET baseline
#define CK_ROWS 2
#include "vector.inc"
#include "lstm.inc"
#include "gradient.inc"
#include "search.inc"
#include "symbols.inc"
#include "table.inc"
