import Glibc
import System

/// The service manager's socket, for messages that may be delayed: sd_notify(3) blocks while the
/// manager is busy, for instance with a reload of all units, and the loop must not.
package final class NotifySocket {
  private let socket: Descriptor
  private let address: UnixAddress

  /// - Parameter path: the value of `NOTIFY_SOCKET`: a path, or `@` and an abstract name.
  /// - Returns: nil if there is no service manager, or if it cannot be reached this way.
  package init?(_ path: String?) {
    guard let path else { return nil }
    let address =
      switch path.utf8.first {
      case UInt8(ascii: "/"): UnixAddress(path: path)
      case UInt8(ascii: "@"): UnixAddress(abstractName: String(path.dropFirst()))
      default: UnixAddress?.none
      }
    guard let address, let socket = try? Descriptor(unixSocket: .datagram) else { return nil }
    self.address = address
    self.socket = socket
  }

  /// Sends a message if that is possible without blocking.
  /// - Returns: whether it was sent.
  package func offer(_ message: String) -> Bool {
    (try? address.send(Array(message.utf8), from: socket)) != nil
  }
}
