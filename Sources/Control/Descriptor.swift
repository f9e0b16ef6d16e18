internal import Glibc

/// A file descriptor that is closed exactly once.
struct Descriptor: ~Copyable {
  let number: Int32

  init(owning number: Int32) {
    self.number = number
  }

  deinit {
    Glibc.close(number)
  }
}

/// The outcome of a system call that may have nothing to do now.
enum Transfer: Equatable {
  /// So many bytes went over, at least one.
  case bytes(Int)
  /// Nothing can go over now.
  case blocked
  /// The other side is done.
  case ended
  /// The call failed with this code.
  case failed(Int32)
}

extension Descriptor {
  /// Makes calls on it return at once, and closes it on exec.
  borrowing func setUp() {
    _ = fcntl(number, F_SETFL, O_NONBLOCK)
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
  }

  /// Reads at most `limit` bytes to the end of `buffer`.
  borrowing func read(into buffer: inout [UInt8], limit: Int) -> Transfer {
    let number = number
    return withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) { chunk in
      while true {
        let count = recv(number, chunk.baseAddress, limit, 0)
        if count > 0 {
          buffer.append(contentsOf: chunk[..<count])
          return .bytes(count)
        }
        if count == 0 { return .ended }
        switch errno {
        case EINTR: continue
        case EAGAIN: return .blocked
        default: return .failed(errno)
        }
      }
    }
  }

  /// Writes what can be written of `bytes`; a closed peer is an error, not a signal.
  borrowing func write(_ bytes: ArraySlice<UInt8>) -> Transfer {
    let number = number
    return bytes.withUnsafeBytes { bytes in
      while true {
        let count = send(number, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        if count >= 0 { return .bytes(count) }
        switch errno {
        case EINTR: continue
        case EAGAIN: return .blocked
        default: return .failed(errno)
        }
      }
    }
  }
}
