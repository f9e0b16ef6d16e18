internal import Glibc
internal import System

/// The result of reading from or writing to a non-blocking socket.
enum Transfer: Equatable {
  /// The number of bytes that were transferred, at least one.
  case bytes(Int)
  /// Nothing can be transferred now.
  case blocked
  /// The other side has closed its end.
  case ended
  /// The call failed.
  case failed(Errno)
}

extension Descriptor {
  /// Makes it non-blocking and close-on-exec.
  borrowing func setUp() {
    _ = fcntl(number, F_SETFL, O_NONBLOCK)
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
  }

  /// Appends at most `limit` bytes to `buffer`.
  borrowing func receive(into buffer: inout [UInt8], limit: Int) -> Transfer {
    let number = number
    return withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) { chunk in
      transfer {
        recv(number, chunk.baseAddress, limit, 0)
      } then: { count in
        buffer.append(contentsOf: chunk[..<count])
      }
    }
  }

  /// Writes as many of `bytes` as the socket accepts; a closed peer is an error, not a signal.
  borrowing func send(_ bytes: ArraySlice<UInt8>) -> Transfer {
    let number = number
    return bytes.withUnsafeBytes { bytes in
      transfer { Glibc.send(number, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
    }
  }
}

private func transfer(_ call: () -> Int, then take: (Int) -> Void = { _ in }) -> Transfer {
  do throws(Errno) {
    let count = try uninterrupted(call)
    guard count > 0 else { return .ended }
    take(count)
    return .bytes(count)
  } catch EAGAIN {
    return .blocked
  } catch {
    return .failed(error)
  }
}
