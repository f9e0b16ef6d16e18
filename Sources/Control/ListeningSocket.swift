internal import Glibc

/// A Unix socket that takes connections at a path, and its file.
struct ListeningSocket: ~Copyable {
  let descriptor: Descriptor
  private let path: String
  private let file: FileIdentity?

  /// Listens at `path` with file mode 0660. A file left by a daemon that is gone is replaced; one
  /// behind which someone answers is not. A missing last folder is made.
  init(path: String) throws(ControlServerError) {
    guard let address = UnixAddress(path: path) else {
      throw .badPath(path, maximum: UnixAddress.maximumLength)
    }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      let folder = String(path[..<slash])
      if mkdir(folder, 0o755) != 0, errno != EEXIST {
        throw .system(operation: "make the folder of", path: path, code: errno)
      }
    }
    let descriptor: Descriptor
    do {
      descriptor = try UnixAddress.socket()
    } catch {
      throw .system(operation: "make a socket for", path: path, code: error.value)
    }
    // Linux gives the file the mode of the socket less the umask, so that it is never wider than
    // this, not even for a moment.
    fchmod(descriptor.number, 0o660)
    var code = address.bind(descriptor)
    if code == EADDRINUSE {
      try ListeningSocket.removeStale(path, address)
      code = address.bind(descriptor)
    }
    guard code == 0 else { throw .system(operation: "bind", path: path, code: code) }
    guard chmod(path, 0o660) == 0, listen(descriptor.number, 16) == 0 else {
      throw .system(operation: "listen at", path: path, code: errno)
    }
    self.descriptor = descriptor
    self.path = path
    file = FileIdentity(path)
  }

  /// Closes the socket and removes its file, unless another daemon has put its own there since.
  consuming func close() {
    if let file, FileIdentity(path) == file { unlink(path) }
  }

  private static func removeStale(
    _ path: String,
    _ address: UnixAddress
  ) throws(ControlServerError) {
    var facts = stat()
    guard lstat(path, &facts) == 0 else { return }
    guard facts.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path) }
    let probe: Descriptor
    do {
      probe = try UnixAddress.socket()
    } catch {
      throw .system(operation: "make a socket for", path: path, code: error.value)
    }
    // Only a refusal says that nobody listens: a full queue (EAGAIN) is somebody too.
    guard address.connect(probe) == ECONNREFUSED else { throw .alreadyServed(path) }
    guard unlink(path) == 0 else {
      throw .system(operation: "remove the stale", path: path, code: errno)
    }
  }
}

/// Which file a path leads to.
private struct FileIdentity: Equatable {
  let device: UInt
  let inode: UInt

  init?(_ path: String) {
    var facts = stat()
    guard lstat(path, &facts) == 0 else { return nil }
    device = UInt(facts.st_dev)
    inode = UInt(facts.st_ino)
  }
}

/// Why the daemon cannot listen for control calls.
public enum ControlServerError: Error, Equatable, CustomStringConvertible {
  /// The path is empty, holds a NUL or is longer than a Unix socket's may be.
  case badPath(String, maximum: Int)
  /// Another daemon answers there.
  case alreadyServed(String)
  /// Something that is no socket is in the way.
  case notASocket(String)
  /// The system refused.
  case system(operation: String, path: String, code: Int32)

  /// One sentence for a person.
  public var description: String {
    switch self {
    case .badPath(let path, let maximum):
      "'\(path)' cannot be the path of a socket: expected 1 to \(maximum) bytes"
    case .alreadyServed(let path):
      "another anomalyd already answers at \(path)"
    case .notASocket(let path):
      "\(path) is in the way and is no socket; remove it or choose another path"
    case .system(let operation, let path, let code):
      "cannot \(operation) \(path): \(SystemCode.words(for: code))"
    }
  }
}
