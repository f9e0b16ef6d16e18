#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define CK_SET avx2
#define CK_HAS_F16C
#define CK_ROWS 2
#define CK_VECTORS 4
#include "vector.inc"
#include "lstm.inc"
#include "gradient.inc"
#include "search.inc"
#include "symbols.inc"
#include "table.inc"
#pragma clang attribute pop
#endif
