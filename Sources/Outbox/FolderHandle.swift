import Glibc

/// An open folder, closed when this goes away. Files in it are opened as such: links, pipes and
/// devices that another program put in their place are errors.
struct FolderHandle: ~Copyable {
  let raw: Int32
  let path: String

  init(_ path: String) throws(OutboxError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw OutboxError("opened", path) }
    raw = descriptor
    self.path = path
  }

  /// Makes a folder with this mode, whatever the process's mask is; one that is there stays as it
  /// is. Its group is that of the folder above where that has the set-group-id bit.
  static func make(_ path: String, _ mode: mode_t) throws(OutboxError) {
    guard mkdir(path, mode) == 0 else {
      guard errno == EEXIST else { throw OutboxError("made", path) }
      return
    }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & 0o777 != mode else { return }
    guard chmod(path, mode) == 0 else { throw OutboxError("made", path) }
  }

  /// Writes a new file in the place of one that is there, and syncs it unless told otherwise.
  borrowing func writeFile(
    _ name: String, _ content: [UInt8], mode: mode_t, syncs: Bool = true
  ) throws(OutboxError) {
    unlinkat(raw, name, 0)
    let file = openat(raw, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
    guard file >= 0 else { throw OutboxError("written", path + "/" + name) }
    defer { close(file) }
    // Whatever the process's mask is: the other program must be able to read it.
    guard fchmod(file, mode) == 0 else { throw failed("written", name) }
    var rest = content[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failed("written", name) }
      rest = rest.dropFirst(count)
    }
    guard !syncs || fsync(file) == 0 else { throw failed("synced", name) }
  }

  /// The content of a file; nil where there is none.
  borrowing func readFile(_ name: String, maximumBytes: Int) throws(OutboxError) -> [UInt8]? {
    let file = openat(raw, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    if file < 0, errno == ENOENT { return nil }
    guard file >= 0 else { throw OutboxError("read", path + "/" + name) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw OutboxError("read", path + "/" + name) }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= maximumBytes else {
      throw OutboxError("read", path + "/" + name, EFBIG)
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        Glibc.read(file, $0.baseAddress.map { $0 + filled }, $0.count - filled)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw OutboxError("read", path + "/" + name) }
      if count == 0 { break }
      filled += count
    }
    return Array(bytes[..<filled])
  }

  /// The names in the folder, in no order, without those that begin with a dot.
  borrowing func names() throws(OutboxError) -> [String] {
    // The stream takes a descriptor of its own, as it closes it.
    let own = openat(raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard own >= 0, let stream = fdopendir(own) else { throw OutboxError("read", path) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }

  /// The error of the call before, and the unfinished file removed.
  private borrowing func failed(_ operation: String, _ name: String) -> OutboxError {
    let error = OutboxError(operation, path + "/" + name)
    unlinkat(raw, name, 0)
    return error
  }

  deinit { close(raw) }
}
