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
      guard let count = try decoder.fill(from: file, limit: .max) else {
        throw .hasChanged(path: path)
      }
      return count
    case .compressed(let stream): return try decoder.fill(from: stream, limit: .max) ?? 0
    }
  }
}
