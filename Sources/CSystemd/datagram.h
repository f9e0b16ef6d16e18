/* A datagram with the credentials of its sender: Swift cannot walk through control messages, whose
 * macros are no functions. */
#pragma once
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

/* The kernel's struct ucred, which glibc shows only with _GNU_SOURCE. */
struct datagram_sender {
  pid_t process;
  uid_t user;
  gid_t group;
};

/* SCM_CREDENTIALS, which glibc shows only with _GNU_SOURCE. */
enum { DATAGRAM_CREDENTIALS = 0x02 };

/* Receives one datagram of a socket with SO_PASSCRED, without waiting: its whole length, of which at
 * most `size` bytes are in `buffer`; or -1 and errno.
 *
 * There is room for the credentials alone: descriptors that somebody sends along are closed by the
 * kernel instead of piling up here. */
static inline ssize_t datagram_receive(
    int descriptor, void *buffer, size_t size, struct datagram_sender *sender) {
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(struct datagram_sender))];
  } control;
  struct iovec part = {.iov_base = buffer, .iov_len = size};
  struct msghdr message = {
      .msg_iov = &part,
      .msg_iovlen = 1,
      .msg_control = &control,
      .msg_controllen = sizeof control,
  };
  /* What the kernel gives where it does not know the sender: nobody. */
  sender->process = 0;
  sender->user = 65534;
  sender->group = 65534;
  ssize_t length = recvmsg(descriptor, &message, MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_CLOEXEC);
  if (length < 0) return length;
  for (struct cmsghdr *part_of = CMSG_FIRSTHDR(&message); part_of;
       part_of = CMSG_NXTHDR(&message, part_of))
    if (part_of->cmsg_level == SOL_SOCKET && part_of->cmsg_type == DATAGRAM_CREDENTIALS &&
        part_of->cmsg_len >= CMSG_LEN(sizeof *sender))
      memcpy(sender, CMSG_DATA(part_of), sizeof *sender);
  return length;
}
