import Glibc

/// A configuration file on disk.
enum SettingsFile {
  /// The most bytes of one file.
  static let maximumBytes = 1 << 20
  /// The device number of /dev/null, major 1 and minor 3.
  private static let nullDevice: dev_t = 0x103
  /// The most drop-in files.
  static let maximumDropIns = 256

  /// The text of a file. A link to /dev/null reads as an empty file.
  /// - Throws: where it cannot be read, is no file, too large, or no text.
  static func read(_ path: String) throws(SettingsError) -> String {
    let bytes = try bytes(of: path)
    if let offset = bytes.firstIndex(of: 0) {
      throw SettingsError(
        file: path,
        line: line(of: offset, in: bytes),
        .nulByte(offset: offset)
      )
    }
    do {
      _ = try UTF8Span(validating: bytes.span)
    } catch {
      let offset = error.byteOffsets.lowerBound
      throw SettingsError(
        file: path,
        line: line(of: offset, in: bytes),
        .notUTF8(offset: offset)
      )
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether something has that path.
  static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// The names in a directory that end in `.conf`; empty where there is no directory.
  static func dropIns(in directory: String) throws(SettingsError) -> [String] {
    guard let stream = opendir(directory) else {
      guard errno == ENOENT else {
        throw SettingsError(file: directory, .unreadable(errno: errno))
      }
      return []
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasSuffix(".conf"), !name.hasPrefix(".") { names.append(name) }
    }
    guard names.count <= maximumDropIns else {
      throw SettingsError(
        file: directory,
        .tooManyFiles(count: names.count, maximum: maximumDropIns)
      )
    }
    return names
  }

  private static func bytes(of path: String) throws(SettingsError) -> [UInt8] {
    // Non-blocking, so that a pipe is seen for what it is instead of waited for.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else {
      throw SettingsError(file: path, .unreadable(errno: errno))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw SettingsError(file: path, .unreadable(errno: errno))
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFCHR where status.st_rdev == nullDevice: return []
    case S_IFDIR: throw SettingsError(file: path, .notAFile(found: "a directory"))
    case S_IFIFO: throw SettingsError(file: path, .notAFile(found: "a pipe"))
    default: throw SettingsError(file: path, .notAFile(found: "a device"))
    }
    guard status.st_size <= maximumBytes else {
      throw SettingsError(
        file: path,
        .tooLarge(bytes: Int(status.st_size), maximumBytes: maximumBytes)
      )
    }
    return try contents(of: descriptor, path: path)
  }

  /// Reads to the end, but never more than the limit, even where the file grows meanwhile.
  private static func contents(of descriptor: Int32, path: String) throws(SettingsError) -> [UInt8]
  {
    var result: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { return result }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw SettingsError(file: path, .unreadable(errno: errno))
      }
      result.append(contentsOf: chunk[..<count])
      guard result.count <= maximumBytes else {
        throw SettingsError(
          file: path,
          .tooLarge(bytes: result.count, maximumBytes: maximumBytes)
        )
      }
    }
  }

  private static func line(of offset: Int, in bytes: [UInt8]) -> Int {
    1 + bytes[..<offset].count { $0 == UInt8(ascii: "\n") }
  }
}
