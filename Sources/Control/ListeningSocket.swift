internal import CSystemd
internal import Glibc
public import System

/// A Unix socket that accepts connections at a path, and its file.
struct ListeningSocket: ~Copyable {
  let descriptor: Descriptor
  private let path: String
  private let file: FileIdentity

  /// Listens at `path`: the owner and its group may connect, and so may another group, whose
  /// members need not be in the first one. A stale socket file is replaced, unless a daemon still
  /// answers there. If only the last directory is missing, it is created.
  /// - Parameter admins: that group.
  init(path: String, admins: UInt32?) throws(ControlServerError) {
    guard let address = UnixAddress(path: path) else {
      throw .badPath(path, maximum: UnixAddress.maximumLength)
    }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      let folder = String(path[..<slash])
      if mkdir(folder, 0o755) != 0, errno != EEXIST {
        throw .system(operation: "create the directory of", path: path, errno: .last)
      }
    }
    let descriptor: Descriptor
    do throws(Errno) {
      descriptor = try Descriptor(unixSocket: .stream)
    } catch {
      throw .system(operation: "create a socket for", path: path, errno: error)
    }
    // Linux gives the file the mode of the socket minus the umask: it is never wider than this, not
    // even for a moment.
    fchmod(descriptor.number, 0o660)
    let file: SocketFile
    do throws(UnixBindError) {
      try address.bindReplacingStale(descriptor, .stream)
      file = try SocketFile(boundAt: path)
    } catch {
      switch error {
      case .inUse: throw .alreadyServed(path)
      case .notASocket: throw .notASocket(path)
      case .system(let call, let errno): throw .system(operation: call, path: path, errno: errno)
      }
    }
    do throws(Errno) {
      try file.setMode(0o660)
      if let admins { try ListeningSocket.admit(admins, to: file) }
      let number = descriptor.number
      try uninterrupted { listen(number, 16) }
    } catch {
      throw .system(operation: "listen at", path: path, errno: error)
    }
    self.descriptor = descriptor
    self.path = path
    self.file = file.identity
  }

  /// Adds an entry for a group to the file's access control list, as systemd-tmpfiles does for the
  /// journal; does nothing on file systems without such lists.
  private static func admit(_ group: UInt32, to file: borrowing SocketFile) throws(Errno) {
    // The format of acl(5) in an attribute: version 2, then tag, permissions and id of each entry.
    let (read, write) = (UInt16(4), UInt16(2))
    let none = UInt32.max
    let entries: [(tag: UInt16, permissions: UInt16, id: UInt32)] = [
      (0x01, read | write, none), (0x04, read | write, none), (0x08, read | write, group),
      (0x10, read | write, none), (0x20, 0, none),
    ]
    var bytes: [UInt8] = [2, 0, 0, 0]
    for entry in entries {
      withUnsafeBytes(of: entry.tag.littleEndian) { bytes += $0 }
      withUnsafeBytes(of: entry.permissions.littleEndian) { bytes += $0 }
      withUnsafeBytes(of: entry.id.littleEndian) { bytes += $0 }
    }
    do throws(Errno) {
      try file.setAttribute("system.posix_acl_access", bytes)
    } catch EOPNOTSUPP {
      return
    }
  }

  /// Closes the socket and removes its file, unless another daemon has replaced it since.
  consuming func close() {
    if FileIdentity(at: path) == file { unlink(path) }
  }
}

/// Why the control socket could not be opened.
public enum ControlServerError: Error, Equatable, CustomStringConvertible {
  /// The path is empty, contains a NUL or is longer than a Unix socket's may be.
  case badPath(String, maximum: Int)
  /// Another daemon answers there.
  case alreadyServed(String)
  /// A file at the path is not a socket.
  case notASocket(String)
  /// A system call failed.
  case system(operation: String, path: String, errno: Errno)

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .badPath(let path, let maximum):
      "'\(path)' is not a valid socket path: expected 1 to \(maximum) bytes"
    case .alreadyServed(let path):
      "another anomalyd already answers at \(path)"
    case .notASocket(let path):
      "\(path) exists and is no socket; remove it or choose another path"
    case .system(let operation, let path, let errno):
      "cannot \(operation) \(path): \(errno)"
    }
  }
}
