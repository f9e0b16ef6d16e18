import Glibc
public import Monitor
public import Series
import System

/// The snapshots of a state directory, each a file `snapshot.NAME` in the format of a checkpoint.
///
/// A snapshot of all metrics is another name of a checkpoint (link(2)), which is never modified
/// once in place: it takes no time, and no space until the checkpoint is replaced. After a crash it
/// exists completely or not at all.
public final class ModelLibrary {
  /// Maximum number of snapshots; users cannot make more.
  public static let mostSnapshots = 1_000
  /// Maximum length of a name in bytes.
  public static let longestName = 64

  private static let prefix = "snapshot."
  private static let (schedulePrefix, incidentPrefix) = ("auto-", "incident-")

  /// The snapshots, oldest state first.
  public private(set) var snapshots: [ModelSnapshot] = []
  private let directory: StateDirectory

  /// The snapshots in a directory; files that cannot be read as snapshots are left out.
  public init(in directory: StateDirectory) {
    self.directory = directory
    for file in (try? directory.directory.names()) ?? [] {
      guard file.hasPrefix(ModelLibrary.prefix) else { continue }
      let name = String(file.dropFirst(ModelLibrary.prefix.count))
      guard ModelLibrary.origin(of: name) != nil else { continue }
      add(name)
    }
  }

  /// Whether a user may give this name: letters, digits, `.`, `_` and `-`, not beginning with a dot
  /// or a hyphen, and not one of the daemon's own names.
  public static func isName(_ name: String) -> Bool { origin(of: name) == .user }

  private static func origin(of name: String) -> ModelSnapshot.Origin? {
    let special = Set("._-".utf8)
    let isPlain = name.utf8.allSatisfy {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
        || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || special.contains($0)
    }
    guard isPlain, (1...longestName).contains(name.utf8.count), let first = name.utf8.first,
      first != UInt8(ascii: "."), first != UInt8(ascii: "-")
    else { return nil }
    if name.hasPrefix(schedulePrefix) { return .schedule }
    return name.hasPrefix(incidentPrefix) ? .incident : .user
  }

  /// Such as `auto-20261130T140207Z`.
  private static func name(_ prefix: String, _ moment: Timestamp) -> String {
    prefix + moment.iso8601.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
  }

  /// A name for a snapshot that is not kept permanently.
  public static func scheduledName(at moment: Timestamp) -> String { name(schedulePrefix, moment) }

  /// The file of a snapshot.
  static func file(of name: String) -> String { prefix + name }

  /// The snapshot of that name.
  public subscript(name: String) -> ModelSnapshot? { snapshots.first { $0.name == name } }

  /// The newest state at or before a given time.
  public func newest(before moment: Timestamp) -> ModelSnapshot? {
    snapshots.last { $0.made <= moment }
  }

  // MARK: Making

  /// Keeps the newest checkpoint as a scheduled snapshot, unless there is one within the last
  /// `interval`.
  /// - Returns: the snapshot; nil if none was due.
  @discardableResult
  public func keepOnSchedule(every interval: Duration, now: Timestamp) -> ModelSnapshot? {
    let last = snapshots.last { $0.origin == .schedule }?.made
    if let last, last <= now, now.elapsed(since: last) < interval { return nil }
    guard let made = time(of: "checkpoint") else { return nil }
    return keep("checkpoint", made: made, as: ModelLibrary.schedulePrefix)
  }

  /// Keeps the checkpoint before an incident: the newest one from before it began, or otherwise the
  /// older one.
  /// - Parameter began: when the first of its events began.
  /// - Returns: the snapshot; nil if there is no checkpoint, or it has been kept already.
  @discardableResult
  public func keepBeforeIncident(began: Timestamp) -> ModelSnapshot? {
    let newest = time(of: "checkpoint"), older = time(of: "checkpoint.old")
    if let newest, newest <= began || older == nil {
      return keep("checkpoint", made: newest, as: ModelLibrary.incidentPrefix)
    }
    guard let older else { return nil }
    return keep("checkpoint.old", made: older, as: ModelLibrary.incidentPrefix)
  }

  private func keep(_ file: String, made: Timestamp, as prefix: String) -> ModelSnapshot? {
    guard !snapshots.contains(where: { $0.made == made && $0.origin != .user }) else { return nil }
    let name = ModelLibrary.name(prefix, made)
    guard self[name] == nil,
      directory.directory.link(file, as: ModelLibrary.file(of: name))
    else { return nil }
    add(name)
    return self[name]
  }

  /// Adds a snapshot that was written under its name.
  public func add(_ name: String) {
    let file = ModelLibrary.file(of: name)
    guard let origin = ModelLibrary.origin(of: name), let made = time(of: file),
      let bytes = directory.size(of: file)
    else { return }
    snapshots.removeAll { $0.name == name }
    let place = snapshots.firstIndex { $0.made > made } ?? snapshots.count
    snapshots.insert(
      ModelSnapshot(name: name, origin: origin, made: made, bytes: bytes), at: place)
  }

  // MARK: Removing

  /// Deletes a snapshot.
  public func delete(_ name: String) {
    directory.directory.remove(ModelLibrary.file(of: name))
    snapshots.removeAll { $0.name == name }
  }

  /// Deletes the oldest automatic snapshots until they are within `maximumBytes`.
  /// - Returns: the deleted ones.
  public func trim(to maximumBytes: Int) -> [ModelSnapshot] {
    var bytes = snapshots.reduce(0) { $1.origin == .user ? $0 : $0 + $1.bytes }
    var deleted: [ModelSnapshot] = []
    for snapshot in snapshots where snapshot.origin != .user && bytes > maximumBytes {
      bytes -= snapshot.bytes
      deleted.append(snapshot)
    }
    for snapshot in deleted { delete(snapshot.name) }
    return deleted
  }

  // MARK: Reading

  /// Opens a snapshot for reading.
  public func open(_ name: String) throws(StoreError) -> SnapshotReader {
    try SnapshotReader(directory, file: ModelLibrary.file(of: name))
  }

  private func time(of file: String) -> Timestamp? {
    CheckpointReader.time(of: file, in: directory)
  }
}

extension StateDirectory {
  /// The size of a file in bytes; nil if there is none.
  fileprivate func size(of name: String) -> Int? {
    guard let file = try? directory.open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) else {
      return nil
    }
    return try? file.regularSize(name)
  }
}

/// Reads a snapshot in pieces, so that a loop need not wait for all of it: first
/// ``verify(until:)``, then ``next(_:)``.
public final class SnapshotReader {
  private let reader: CheckpointReader

  init(_ directory: StateDirectory, file: String) throws(StoreError) {
    reader = try CheckpointReader(unverified: file, in: directory)
  }

  /// The time of the state.
  public var made: Timestamp { reader.made }

  /// Verifies the structure until the end or until time is up; reading then begins with the first
  /// record.
  /// - Parameter isOver: whether time is up; called for each record.
  /// - Returns: whether all of it has been verified.
  /// - Throws: ``StoreError/damaged(path:_:)``.
  public func verify(until isOver: () -> Bool) throws(StoreError) -> Bool {
    while try reader.skip() { if isOver() { return false } }
    try reader.rewind()
    return true
  }

  /// A step of reading.
  public enum Step {
    /// A wanted metric: its name and stored state, nil if that is damaged.
    case metric(String, [UInt8]?)
    /// Something else.
    case other
    /// The end.
    case end
  }

  /// Reads the next record.
  /// - Parameter isWanted: whether to read the stored state of the metric of that name.
  public func next(where isWanted: (String) -> Bool) throws(StoreError) -> Step {
    try reader.next(where: isWanted)
  }
}
