#if defined(__x86_64__)
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx2,fma,f16c"))), apply_to = function)
#define CK_SET avx512
#define CK_HAS_F16C
#define CK_ROWS 4
#define CK_VECTORS 16
#define CK_TILE 8
#define CK_TILE_VECTORS 2
#include "kernels.inc"
#pragma clang attribute pop
#endif
