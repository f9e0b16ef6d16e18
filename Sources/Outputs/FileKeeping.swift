import Glibc
import System

/// How a file output keeps its file: how large it grows, how many older ones stay, when it is on the
/// disk.
public struct FileKeeping: Equatable, Sendable {
  /// `Sync=`: when what was written is forced to the disk.
  public enum Sync: String, CaseIterable, Sendable {
    /// Before it counts as delivered.
    case always
    /// Some seconds after it was written, ``FileKeeping/syncInterval``.
    case interval
    /// When the system chooses.
    case no
  }

  /// `MaximumBytes=`: the size above which the file is put away before the next line, 4 KiB to 1 PiB;
  /// nil (`infinity`): never.
  public var maximumBytes: Int?
  /// `KeepFiles=`: how many files are kept that were put away, 0...1,000: `PATH.1` is the newest.
  public var keptFiles = 5
  /// `Sync=`: when it is on the disk.
  public var sync = Sync.interval

  /// How long ``Sync/interval`` waits at most.
  public static let syncInterval = Duration.seconds(5)

  /// Never rotated, synchronised at intervals.
  public init() {}

  /// Puts the file at `path` away as `path.1`, and those before one further.
  ///
  /// Killed in the middle, it leaves a hole in the numbers, which the next time closes: no file is
  /// lost that is to be kept.
  func putAway(_ path: String) throws(AppendFileError) {
    guard keptFiles > 0 else {
      guard unlink(path) == 0 else { throw AppendFileError(operation: .rotate, errno: .last) }
      return
    }
    // Only those below the first hole have to move; where there is none, the oldest goes.
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
