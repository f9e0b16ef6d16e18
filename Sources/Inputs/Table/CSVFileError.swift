public import System

/// Why a CSV file cannot be read.
public enum CSVFileError: Error, Equatable, CustomStringConvertible {
  /// The system refused to open it.
  case cannotOpen(path: String, errno: Errno)
  /// Opening it would use descriptors that are reserved for everything but inputs.
  case noDescriptor(path: String, DescriptorLimit)
  /// The system refused to read it.
  case cannotRead(path: String, errno: Errno)
  /// It is a directory, a FIFO or the like.
  case notRegular(path: String, found: String)
  /// It was truncated or overwritten while it was read.
  case hasChanged(path: String)
  /// It is compressed and therefore cannot be followed.
  case isCompressed(path: String, by: String)
  /// gzip is missing or failed to decompress it.
  case cannotDecompress(path: String, reason: String)
  /// It is being renamed right now; the next look will find it settled.
  case isChanging
  /// Its first lines do not match the configuration.
  case layout(path: String, CSVLayoutError)

  /// One sentence for the user.
  public var description: String {
    switch self {
    case .cannotOpen(let path, let errno):
      "\(path): cannot open: \(errno)\(FileAccess.explanation(of: path, errno, isRead: true))"
    case .noDescriptor(let path, let limit):
      "\(path): not opened, \(limit)"
    case .cannotRead(let path, let errno):
      "\(path): cannot read: \(errno)"
    case .notRegular(let path, let found): "\(path): expected a regular file, found \(found)"
    case .hasChanged(let path):
      "\(path): expected a file that only grows, found that it was truncated or overwritten "
        + "while it was read"
    case .isCompressed(let path, let program):
      "\(path): expected text, found a file compressed by \(program); inputs follow uncompressed "
        + "files only, .gz files are read by 'anomalyctl backtest'"
    case .cannotDecompress(let path, let reason):
      "\(path): cannot be decompressed by gzip: \(reason)"
    case .isChanging: "files are being renamed, trying again"
    case .layout(let path, let error): "\(path): \(error)"
    }
  }
}
