internal import Glibc
public import System

/// A Unix socket that accepts connections at a path, and its file.
struct ListeningSocket: ~Copyable {
  let descriptor: Descriptor
  private let path: String
  private let file: FileIdentity?

  /// Listens at `path` with file mode 0660. A file left behind by another daemon is replaced,
  /// unless that daemon still answers. If only the last directory is missing, it is created.
  init(path: String) throws(ControlServerError) {
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
    // Linux gives the file the mode of the socket less the umask: it is never wider than this, not
    // even for a moment.
    fchmod(descriptor.number, 0o660)
    do throws(UnixBindError) {
      try address.bindReplacingStale(descriptor, .stream)
    } catch {
      switch error {
      case .inUse: throw .alreadyServed(path)
      case .notASocket: throw .notASocket(path)
      case .system(let call, let errno): throw .system(operation: call, path: path, errno: errno)
      }
    }
    guard chmod(path, 0o660) == 0, listen(descriptor.number, 16) == 0 else {
      throw .system(operation: "listen at", path: path, errno: .last)
    }
    self.descriptor = descriptor
    self.path = path
    file = FileIdentity(at: path)
  }

  /// Closes the socket and removes its file, unless another daemon has put its own there since
  /// then.
  consuming func close() {
    if let file, FileIdentity(at: path) == file { unlink(path) }
  }
}

/// Why the control socket could not be opened.
public enum ControlServerError: Error, Equatable, CustomStringConvertible {
  /// The path is empty, contains a NUL or is longer than a Unix socket's may be.
  case badPath(String, maximum: Int)
  /// Another daemon answers there.
  case alreadyServed(String)
  /// A file that is no socket has the path.
  case notASocket(String)
  /// A system call failed.
  case system(operation: String, path: String, errno: Errno)

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .badPath(let path, let maximum):
      "'\(path)' is not usable as the path of a socket: expected 1 to \(maximum) bytes"
    case .alreadyServed(let path):
      "another anomalyd already answers at \(path)"
    case .notASocket(let path):
      "\(path) exists and is no socket; remove it or choose another path"
    case .system(let operation, let path, let errno):
      "cannot \(operation) \(path): \(errno)"
    }
  }
}
