package import Glibc

/// An open directory. Names are looked up relative to it, so that replacing the directory redirects
/// nothing.
package struct Directory: ~Copyable, Sendable {
  /// The path by which it was opened.
  package let path: String
  /// For system calls that take a directory.
  package let descriptor: Descriptor

  /// Opens the directory at `path`.
  /// - Parameter followsLink: whether `path` may be a symbolic link.
  package init(_ path: String, followsLink: Bool = false) throws(FileError) {
    let flags = O_RDONLY | O_DIRECTORY | (followsLink ? 0 : O_NOFOLLOW)
    descriptor = try attempt("open", path, try Descriptor(opening: path, flags))
    self.path = path
  }

  /// Creates a directory with this mode, whatever the umask; leaves an existing one unchanged.
  ///
  /// Its group is that of the parent directory if that has the set-group-ID bit.
  package static func create(_ path: String, mode: mode_t) throws(FileError) {
    guard mkdir(path, mode) == 0 else {
      guard errno == EEXIST else {
        throw FileError(operation: "mkdir", path: path, errno: .last)
      }
      return
    }
    var facts = stat()
    // If the umask removed nothing, chmod(2) would only clear a set-group-ID bit.
    guard stat(path, &facts) == 0, facts.st_mode & 0o777 != mode else { return }
    try attempt("chmod", path, try uninterrupted { chmod(path, mode) })
  }

  /// The path of a file in it, for messages.
  package borrowing func path(of name: String) -> String { path + "/" + name }

  /// Opens a file in it.
  /// - Parameter mode: of a new file, before the umask.
  package borrowing func open(
    _ name: String, _ flags: Int32, mode: mode_t = 0o600
  ) throws(FileError) -> Descriptor {
    let number = descriptor.number
    return try attempt(
      "open", path(of: name), try Descriptor(opening: name, in: number, flags, mode: mode))
  }

  /// The content of a regular file; nil if there is none.
  /// - Throws: ``FileError``; with EFBIG for one larger than `maximumBytes`, and if it is not a
  ///   regular file.
  package borrowing func readFile(
    _ name: String, maximumBytes: Int
  ) throws(FileError) -> [UInt8]? {
    let path = path(of: name)
    do throws(FileError) {
      // Non-blocking, so that a pipe put there does not block until it has a writer.
      let file = try open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
      let facts = try attempt("fstat", path, try file.facts())
      guard facts.st_mode & S_IFMT == S_IFREG, facts.st_size <= maximumBytes else {
        throw FileError(operation: "read", path: path, errno: Errno(EFBIG))
      }
      return try attempt("read", path, try file.readAll(at: 0, count: Int(facts.st_size)))
    } catch {
      if error.isMissingFile { return nil }
      throw error
    }
  }

  /// The names in it, unordered, without those that begin with a dot.
  package borrowing func names() throws(FileError) -> [String] {
    // The stream closes the descriptor that it is given, so it gets its own.
    let own = openat(descriptor.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard own >= 0, let stream = fdopendir(own) else {
      throw FileError(operation: "opendir", path: path, errno: .last)
    }
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

  /// Renames a file in it, replacing one with the new name.
  package borrowing func rename(_ name: String, to newName: String) throws(FileError) {
    let number = descriptor.number
    try attempt(
      "rename", path(of: name), try uninterrupted { renameat(number, name, number, newName) })
  }

  /// Gives a file in it a second name, replacing a file of that name; false if that is impossible.
  @discardableResult
  package borrowing func link(_ name: String, as secondName: String) -> Bool {
    remove(secondName)
    return linkat(descriptor.number, name, descriptor.number, secondName, 0) == 0
  }

  /// Whether it contains something of this name.
  package borrowing func has(_ name: String) -> Bool {
    faccessat(descriptor.number, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0
  }

  /// Removes a file in it, if it exists and can be removed.
  package borrowing func remove(_ name: String) {
    unlinkat(descriptor.number, name, 0)
  }

  /// Waits until created, renamed and removed names are on disk.
  package borrowing func synchronize() throws(FileError) {
    try attempt("fsync", path, try descriptor.synchronize())
  }
}
