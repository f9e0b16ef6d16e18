/* Handles to files that are not opened, such as symbolic links and sockets. */
#pragma once

/* O_PATH of open(2), which <fcntl.h> shows only to GNU sources. */
static const int open_handle = 010000000;
