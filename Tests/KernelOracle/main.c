/* Checks every kernel of every instruction set that this build and this processor have against a
 * double-precision oracle: the check that needs no Swift, for machines that are only emulated.
 * Arguments: the sets that there must be, widest last. */
#include <stdio.h>
#include <string.h>

#include "oracle.h"

static int fail(const char *problem, const char *set) {
  fprintf(stderr, "KernelOracle: %s: %s\n", set, problem);
  return 1;
}

int main(int count, char **names) {
  if (count < 2) {
    fputs("usage: KernelOracle SET..., widest last\n", stderr);
    return 2;
  }
  for (int i = 1; i < count; i++) {
    const ck_kernels *kernels = ck_kernels_named(names[i]);
    if (!kernels) return fail("this build or this processor does not have it", names[i]);
    if (strcmp(kernels->name, names[i]) != 0) return fail("bears another name", names[i]);
    begin(kernels);
    check_network(kernels);
    check_symbols(kernels);
    check_cells(kernels);
    check_dense(kernels);
    check_losses(kernels);
    check_arrays(kernels);
    check_halves(kernels);
    check_checksum();
    printf("  %-8s %ld expectations met\n", names[i], verdict());
  }
  if (ck_kernels_named("no such set")) return fail("exists", "no such set");
  if (ck_kernels_best() != ck_kernels_named(names[count - 1]))
    return fail("is not taken for the widest", names[count - 1]);
  return 0;
}
