import Glibc

/// A test's Unix datagram socket, closed on deinit.
public final class UnixDatagrams {
  /// The socket.
  public let descriptor: Int32

  /// A socket without a path.
  public init() {
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    precondition(descriptor >= 0, "cannot make a socket")
  }

  /// A socket that receives at a path.
  public convenience init(at path: String) {
    self.init()
    let isBound = UnixDatagrams.withAddress(path) { bind(descriptor, $0, $1) == 0 }
    precondition(isBound, "cannot bind \(path)")
  }

  deinit { close(descriptor) }

  /// Sends to this path from now on.
  /// - Returns: whether there is a receiver.
  public func connect(to path: String) -> Bool {
    UnixDatagrams.withAddress(path) { Glibc.connect(descriptor, $0, $1) == 0 }
  }

  /// Sends one datagram to a path without blocking; false if it is not accepted.
  public func send(_ bytes: [UInt8], to path: String) -> Bool {
    UnixDatagrams.withAddress(path) {
      sendto(descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT), $0, $1) == bytes.count
    }
  }

  /// The next datagram as text; nil if there is none.
  public func receive() -> String? {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
    return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
  }

  private static func withAddress<Result>(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    return withUnsafePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
