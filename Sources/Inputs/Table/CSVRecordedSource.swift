/// The source of a recorded file's bytes: the file itself, or gzip(1) decompressing it.
enum CSVRecordedSource {
  case plain(CSVFileHandle)
  case compressed(CSVGzipStream)

  /// Opens the file at `path`.
  init(path: String) throws(CSVFileError) {
    let file = try CSVFileHandle(path: path)
    if try CSVGzipStream.isNeeded(for: file, path: path) {
      self = .compressed(try CSVGzipStream(of: file, path: path))
    } else {
      self = .plain(file)
    }
  }

  /// Passes the next bytes to a decoder.
  /// - Returns: the number of bytes; 0 at the end.
  /// - Throws: ``CSVFileError`` if it cannot be read, ``CSVFileError/hasChanged(path:)`` if it was
  ///   modified.
  func fill(_ decoder: inout CSVDecoder, path: String) throws(CSVFileError) -> Int {
    switch self {
    case .plain(let file):
      try decoder.skipHole(in: file)
      guard let count = try decoder.fill(from: file, limit: .max) else {
        throw .hasChanged(path: path)
      }
      return count
    case .compressed(let stream): return try decoder.fill(from: stream, limit: .max) ?? 0
    }
  }
}

/// How a file is compressed, judged by its first bytes.
enum CSVCompression: String, CaseIterable {
  case gzip, xz, zstd, bzip2

  private var magic: [UInt8] {
    switch self {
    case .gzip: [0x1F, 0x8B]
    case .xz: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]
    case .zstd: [0x28, 0xB5, 0x2F, 0xFD]
    // Followed by a digit; the first three bytes alone could begin a table.
    case .bzip2: [0x42, 0x5A, 0x68]
    }
  }

  private static let blockOfBzip2: [UInt8] = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]

  /// Identifies a file's compression; nil if it is not compressed or the format is unknown.
  init?(of file: CSVFileHandle) throws(CSVFileError) {
    let bytes = try file.bytes(in: 0..<10)
    let found = CSVCompression.allCases.first { kind in
      bytes.starts(with: kind.magic)
        && (kind != .bzip2 || bytes.dropFirst(4).elementsEqual(CSVCompression.blockOfBzip2))
    }
    guard let found else { return nil }
    self = found
  }
}
