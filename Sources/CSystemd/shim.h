/* What anomalyd takes from libsystemd, and the Linux headers that Swift's Glibc module lacks. */
#pragma once
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include "datagram.h"
#include "pipes.h"
#include "serial_line.h"
