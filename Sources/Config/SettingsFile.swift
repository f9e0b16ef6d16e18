import Glibc
import System

/// A configuration file on disk.
enum SettingsFile {
  /// Maximum size of a file in bytes.
  static let maximumBytes = 1 << 20
  /// The device number of /dev/null, major 1 and minor 3.
  private static let nullDevice: dev_t = 0x103
  /// Maximum number of drop-in files.
  static let maximumDropIns = 256

  /// The text of a file. A link to /dev/null reads as an empty file.
  /// - Throws: if it cannot be read, is not a file, is too large, or is not text.
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

  /// Whether the path exists.
  static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// The names in a directory that end in `.conf`; empty if the directory does not exist.
  static func dropIns(in directory: String) throws(SettingsError) -> [String] {
    guard let stream = opendir(directory) else {
      guard errno == ENOENT else {
        throw SettingsError(file: directory, .unreadable(errno: .last))
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
    // Non-blocking, so that a pipe is recognised instead of waited for.
    let file = try readable(path, try Descriptor(opening: path, O_RDONLY | O_NONBLOCK))
    let status = try readable(path, try file.facts())
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
    // One byte more than allowed, to notice a file that grows meanwhile.
    let bytes = try readable(path, try file.readAll(atMost: maximumBytes + 1))
    guard bytes.count <= maximumBytes else {
      throw SettingsError(
        file: path, .tooLarge(bytes: bytes.count, maximumBytes: maximumBytes))
    }
    return bytes
  }

  /// The result of a call; its error as one about the file at `path`.
  private static func readable<Outcome: ~Copyable>(
    _ path: String, _ call: @autoclosure () throws(Errno) -> Outcome
  ) throws(SettingsError) -> Outcome {
    do throws(Errno) {
      return try call()
    } catch {
      throw SettingsError(file: path, .unreadable(errno: error))
    }
  }

  private static func line(of offset: Int, in bytes: [UInt8]) -> Int {
    1 + bytes[..<offset].count { $0 == UInt8(ascii: "\n") }
  }
}
