/// Where the bytes of a recorded file come from: the file itself, or gzip(1) that decompresses it.
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

  /// Hands the next bytes to a decoder.
  /// - Returns: how many; 0 at the end.
  /// - Throws: ``CSVFileError`` where it cannot be read, ``CSVFileError/hasChanged(path:)`` where it is
  ///   not what it was.
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
