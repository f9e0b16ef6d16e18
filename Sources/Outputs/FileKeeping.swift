import Glibc
import System

/// How a file output manages its file: maximum size, number of rotated files, when it is synced.
public struct FileKeeping: Equatable, Sendable {
  /// `Sync=`: when written data is synced to disk.
  public enum Sync: String, CaseIterable, Sendable {
    /// Before it counts as delivered.
    case always
    /// Some seconds after it was written, ``FileKeeping/syncInterval``.
    case interval
    /// When the system chooses.
    case no
  }

  /// `MaximumBytes=`: the size above which the file is rotated before the next line, 4 KiB to 1
  /// PiB; nil (`infinity`): never.
  public var maximumBytes: Int?
  /// `KeepFiles=`: how many rotated files are kept, 0...1,000: `PATH.1` is the newest.
  public var keptFiles = 5
  /// `Sync=`: when it is synced.
  public var sync = Sync.interval

  /// The maximum delay of ``Sync/interval``.
  public static let syncInterval = Duration.seconds(5)

  /// Never rotated, synced at intervals.
  public init() {}

  /// Renames the file at `path` to `path.1`, and rotated ones to the next number.
  ///
  /// If killed in the middle, it leaves a gap in the numbers, which the next rotation closes: no
  /// file that should be kept is lost.
  func putAway(_ path: String) throws(AppendFileError) {
    guard keptFiles > 0 else {
      guard unlink(path) == 0 else { throw AppendFileError(operation: .rotate, errno: .last) }
      return
    }
    // Only those below the first gap have to move; if there is none, the oldest is removed.
    let hole = (1...keptFiles).first { access("\(path).\($0)", F_OK) != 0 } ?? keptFiles
    for number in stride(from: hole - 1, through: 1, by: -1) {
      try move("\(path).\(number)", "\(path).\(number + 1)")
    }
    try move(path, path + ".1")
  }

  private func move(_ from: String, _ to: String) throws(AppendFileError) {
    guard rename(from, to) == 0 else { throw AppendFileError(operation: .rotate, errno: .last) }
  }
}
