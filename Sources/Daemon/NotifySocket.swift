import CSystemd
import Glibc

/// The service manager's socket, for messages that may be delayed: sd_notify(3) blocks while the
/// manager is busy, for instance with a reload of all units, and the loop must not.
package final class NotifySocket {
  private let descriptor: Int32
  private var address = sockaddr_un()
  private let length: socklen_t

  /// - Parameter path: the value of `NOTIFY_SOCKET`: a path, or `@` and an abstract name.
  /// - Returns: nil if there is no service manager, or it cannot be reached in this way.
  package init?(_ path: String?) {
    guard let path, let first = path.utf8.first, first == 0x2F || first == 0x40 else { return nil }
    var bytes = Array(path.utf8)
    if first == 0x40 { bytes[0] = 0 }
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let header = MemoryLayout<sockaddr_un>.size - MemoryLayout.size(ofValue: address.sun_path)
    length = socklen_t(header + bytes.count)
    let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    descriptor = socket(AF_UNIX, type, 0)
    guard descriptor >= 0 else { return nil }
  }

  /// Sends a message if that is possible without blocking.
  /// - Returns: whether it was accepted.
  package func offer(_ message: String) -> Bool {
    let bytes = Array(message.utf8)
    let sent = withUnsafePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
      }
    }
    return sent == bytes.count
  }

  deinit { close(descriptor) }
}
