/* The settings of a serial line with any baud rate.
 *
 * The kernel's struct termios2 is in <asm/termbits.h>, which cannot be seen beside the <termios.h>
 * of glibc: both define struct termios. So its layout is written down here once more; it is that of
 * asm-generic, which x86, Arm, RISC-V and s390 share. Flags are those of <termios.h>. */
#pragma once
#include <sys/ioctl.h>

struct serial_line {
  unsigned int input_flags;
  unsigned int output_flags;
  unsigned int control_flags;
  unsigned int local_flags;
  unsigned char discipline;
  unsigned char characters[19];
  unsigned int input_baud;
  unsigned int output_baud;
};

_Static_assert(sizeof(struct serial_line) == 44, "must be the kernel's struct termios2");

enum {
  /* BOTHER: the rate is in output_baud, not in the flags. */
  SERIAL_LINE_ANY_BAUD = 0x1000,
};

/* TCGETS2: 0, or -1 and errno. */
static inline int serial_line_get(int descriptor, struct serial_line *line) {
  return ioctl(descriptor, _IOR('T', 0x2A, struct serial_line), line);
}

/* TCSETS2, at once: 0, or -1 and errno. */
static inline int serial_line_set(int descriptor, const struct serial_line *line) {
  return ioctl(descriptor, _IOW('T', 0x2B, struct serial_line), line);
}
