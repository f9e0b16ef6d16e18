import CSystemd
import Glibc

/// The address of a Unix socket, unix(7).
package struct UnixAddress: Sendable {
  /// The longest path in bytes; the kernel's field also holds a final NUL.
  package static let maximumLength = 107

  private let path: String
  private var address = sockaddr_un()
  private var length = socklen_t(MemoryLayout<sockaddr_un>.size)

  /// The address of a socket file; nil if the path is empty, too long or contains a NUL.
  package init?(path: String) {
    let bytes = Array(path.utf8)
    guard (1...UnixAddress.maximumLength).contains(bytes.count), !bytes.contains(0) else {
      return nil
    }
    self.init(path: path, bytes: bytes)
  }

  /// The address of a socket without a file; nil if the name is empty or too long.
  package init?(abstractName name: String) {
    let bytes = [0] + Array(name.utf8)
    guard (2...UnixAddress.maximumLength).contains(bytes.count) else { return nil }
    self.init(path: "@" + name, bytes: bytes)
    // Unlike a path, an abstract name ends where its length says.
    let header = MemoryLayout<sockaddr_un>.size - MemoryLayout.size(ofValue: address.sun_path)
    length = socklen_t(header + bytes.count)
  }

  private init(path: String, bytes: [UInt8]) {
    self.path = path
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
  }

  /// Binds a socket to it.
  package func bind(_ socket: borrowing Descriptor) throws(Errno) {
    let number = socket.number
    try uninterrupted { withPointer { Glibc.bind(number, $0, $1) } }
  }

  /// Connects a socket to the listener there.
  package func connect(_ socket: borrowing Descriptor) throws(Errno) {
    let number = socket.number
    try uninterrupted { withPointer { Glibc.connect(number, $0, $1) } }
  }

  /// Sends one datagram there; a missing receiver is an error, not a signal.
  package func send(_ datagram: [UInt8], from socket: borrowing Descriptor) throws(Errno) {
    let number = socket.number
    try uninterrupted {
      withPointer { sendto(number, datagram, datagram.count, Int32(MSG_NOSIGNAL), $0, $1) }
    }
  }

  /// Binds a socket to it, replacing a stale socket file. Any other existing file is kept.
  package func bindReplacingStale(
    _ socket: borrowing Descriptor, _ kind: UnixSocketKind
  ) throws(UnixBindError) {
    do throws(Errno) {
      return try bind(socket)
    } catch {
      guard error.code == EADDRINUSE else { throw .system(call: "bind", error) }
    }
    try removeStale(kind)
    do throws(Errno) {
      try bind(socket)
    } catch {
      throw .system(call: "bind", error)
    }
  }

  private func removeStale(_ kind: UnixSocketKind) throws(UnixBindError) {
    var facts = stat()
    guard lstat(path, &facts) == 0 else { return }
    guard facts.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket }
    let code: Int32
    do throws(Errno) {
      try connect(Descriptor(unixSocket: kind))
      code = 0
    } catch {
      code = error.code
    }
    switch code {
    // Only a refusal means that there is no listener: a full queue (EAGAIN) has one.
    case ECONNREFUSED: break
    case EACCES, EMFILE, ENFILE, ENOMEM: throw .system(call: "connect", Errno(code))
    default: throw .inUse
    }
    guard unlink(path) == 0 else { throw .system(call: "unlink", .last) }
  }

  private func withPointer<Outcome>(
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Outcome
  ) -> Outcome {
    withUnsafePointer(to: address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }
}

/// Why a socket could not be bound to its path.
package enum UnixBindError: Error, Equatable {
  /// Another process listens there.
  case inUse
  /// The path is something other than a socket.
  case notASocket
  /// A system call failed.
  case system(call: String, Errno)
}

/// The type of a Unix socket.
package enum UnixSocketKind: Sendable {
  /// Bytes between two sides.
  case stream
  /// Messages, each by itself.
  case datagram
}

extension Descriptor {
  /// Creates a Unix socket that is not inherited by other programs.
  /// - Parameter blocks: whether calls on it may block.
  package init(unixSocket kind: UnixSocketKind, blocks: Bool = false) throws(Errno) {
    let type = kind == .stream ? SOCK_STREAM : SOCK_DGRAM
    let flags = type.rawValue | SOCK_CLOEXEC.rawValue | (blocks ? 0 : SOCK_NONBLOCK.rawValue)
    self.init(owning: try uninterrupted { socket(AF_UNIX, Int32(flags), 0) })
  }
}
