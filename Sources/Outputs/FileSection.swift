public import Config
import Glibc
import System

/// `[Output NAME]` with `Type=file`.
public struct FileSection: OutputSection {
  /// `Type=`.
  public static let typeName = "file"
  /// What it is.
  public static let summary = "a file of JSON lines"
  /// The manual's introduction.
  public static let manual =
    "A file to which incidents and their events are appended, one JSON object per line."

  /// `Path=`: the file; absolute.
  public var path = ""
  /// `Members=`: on by default, since the file is a record.
  public var members = true
  /// `Heartbeat=`.
  public var heartbeat: Duration?
  /// Maximum size, number of rotated files, and syncing.
  public var keeping = FileKeeping()

  /// The defaults; `path` must still be set.
  public init() {}

  /// The output `name`.
  public func make(name: String, in surroundings: OutputSurroundings) -> any Output {
    FileOutput(name: name, path: path, keeping: keeping, clock: surroundings.clock)
  }

  /// The type and the path.
  public func target(name: String) -> String { "file \(path)" }

  /// The path is required.
  public func check(_ check: inout SectionCheck) {
    check.require(
      "Path", isMissing: path.isEmpty, expected: "the absolute path of the file to write")
  }

  /// A file has one writer, or it would hold each event twice.
  public func conflict(with earlier: FileSection) -> SectionConflict? {
    guard path == earlier.path, !path.isEmpty else { return nil }
    return SectionConflict(key: "Path", reason: "both write \(path)")
  }

  /// The keys.
  public static let keys: [Key<FileSection>] = [
    Key(
      "Path",
      \.path,
      .absolutePath,
      "The file to which events are appended, one JSON object per line; required. Reopened on "
        + "reload, for logrotate.",
      example: "/var/log/anomalyd/events.jsonl"
    ),
    Key(
      "MaximumBytes",
      \.keeping.maximumBytes,
      .byteSizeOrInfinity(4096...(1 << 50)),
      "The size at which the file is renamed to PATH.1 and a new one is started. infinity: never."
    ),
    Key(
      "KeepFiles",
      \.keeping.keptFiles,
      .wholeNumber(0...1000),
      "Number of rotated files to keep; PATH.1 is the newest. 0: none."
    ),
    Key(
      "Sync",
      \.keeping.sync,
      .choice(),
      "When lines are synced to disk: always, before an event counts as delivered; interval, "
        + "within 5 s; no, whenever the system decides. Events lost in a power failure are still "
        + "in the daemon's own history."
    ),
    membersKey(\.members),
    heartbeatKey(\.heartbeat, "It is a line of kind heartbeat."),
  ]
}

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
