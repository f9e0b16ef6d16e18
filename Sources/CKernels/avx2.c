#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define CK_SET avx2
#define CK_HAS_F16C
#define CK_ROWS 2
#define CK_VECTORS 4
#define CK_TILE 6
#define CK_TILE_VECTORS 1
#include "kernels.inc"
#pragma clang attribute pop
#endif
