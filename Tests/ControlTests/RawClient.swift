import Glibc
import Support

/// A socket address.
private func withAddress(
  _ path: String, _ body: (UnsafePointer<sockaddr>?, socklen_t) -> Int32
) {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
  withUnsafeBytes(of: &address) { bytes in
    bytes.withMemoryRebound(to: sockaddr.self) {
      _ = body($0.baseAddress, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
}

/// A new socket that is bound to a path.
func bindSocket(_ path: String) -> Int32 {
  let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
  withAddress(path) { bind(descriptor, $0, $1) }
  return descriptor
}

/// A client that speaks bytes.
final class RawClient {
  let descriptor: Int32

  init(_ path: String) {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    self.descriptor = descriptor
    withAddress(path) { connect(descriptor, $0, $1) }
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  }

  deinit { close(descriptor) }

  /// Sends as much as the socket accepts.
  /// - Returns: the number of bytes accepted.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Int {
    max(0, Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)))
  }

  /// Sends a call with its terminator.
  func call(_ json: String) { send(Array(json.utf8) + [0]) }

  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Everything received so far, and whether the server has closed.
  func receive() -> (bytes: [UInt8], closed: Bool) {
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count > 0 {
        all += chunk[..<count]
      } else {
        return (all, count == 0 || errno == ECONNRESET)
      }
    }
  }

  /// Everything received until the server closes, and whether it does. That may take a moment: a
  /// child spawned by another test holds a copy of the connection until it has executed its
  /// program.
  func receiveUntilClosed() -> (bytes: [UInt8], closed: Bool) {
    var all: [UInt8] = []
    let closed = eventually {
      let (bytes, closed) = receive()
      all += bytes
      return closed
    }
    return (all, closed)
  }

  /// The replies received so far, without terminators.
  func replies() -> [String] {
    receive().bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }
}
