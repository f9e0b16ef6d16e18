import Glibc
public import Series
public import System

/// The directory that holds a daemon's state, locked by one process at a time.
///
/// It contains `checkpoint`; the previous one as `checkpoint.old`; the one being written as
/// `checkpoint.new`; damaged ones as `checkpoint.damaged`; those of an unknown format as
/// `checkpoint.version-N` (`checkpoint.version-N.2`, ...); snapshots (``ModelLibrary``); small
/// files and their previous content (`silences`, `silences.old`); and `lock`.
public final class StateDirectory: Sendable {
  /// The path as given.
  public let path: String
  let directory: Directory
  private let lock: Descriptor

  /// Locks a directory until this object is released or the process ends. If only the last
  /// component of the path is missing, that directory is created, accessible by its owner only.
  /// - Throws: ``StoreError/inUse(path:processID:)`` if another process holds it;
  ///   ``StoreError/system(_:)`` if it cannot be opened or written to.
  public init(path: String) throws(StoreError) {
    if mkdir(path, 0o700) != 0, errno != EEXIST {
      throw .system(FileError(operation: "mkdir", path: path, errno: .last))
    }
    let directory = try stored(try Directory(path, followsLink: true))
    let lock = try stored(try directory.open("lock", O_RDWR | O_CREAT | O_NOFOLLOW))
    let number = lock.number
    do throws(Errno) {
      try uninterrupted { flock(number, LOCK_EX | LOCK_NB) }
    } catch EWOULDBLOCK {
      throw .inUse(path: path, processID: StateDirectory.holder(lock))
    } catch {
      throw .system(FileError(operation: "flock", path: path + "/lock", errno: error))
    }
    // Only for the message of a second daemon, which names no process if the disk is full.
    let text = Array("\(getpid())\n".utf8)
    if (try? lock.truncate(to: 0)) != nil { try? lock.writeAll(text.span.bytes, at: 0) }
    self.path = path
    self.directory = directory
    self.lock = lock
  }

  deinit {
    // Unlock explicitly: a child between fork and exec still has the descriptor.
    flock(lock.number, LOCK_UN)
  }

  /// Begins a checkpoint; nothing changes until it is committed. Remains of an interrupted one are
  /// overwritten.
  /// - Parameter moment: its time.
  public func beginCheckpoint(at moment: Timestamp) throws(FileError) -> CheckpointWriter {
    try CheckpointWriter(directory: self, at: moment)
  }

  /// Begins a checkpoint that another thread writes; no other one may be in progress.
  /// - Parameters:
  ///   - snapshot: the name of a snapshot to create as well; see ``ModelLibrary``.
  ///   - isWhole: whether it becomes the newest checkpoint; false for a snapshot of some metrics.
  public func beginBackgroundCheckpoint(
    at moment: Timestamp, snapshot: String? = nil, isWhole: Bool = true
  ) throws(FileError) -> BackgroundCheckpoint {
    precondition(isWhole || snapshot != nil, "what is not whole is a snapshot")
    return try BackgroundCheckpoint(
      directory: self, at: moment,
      as: isWhole ? .newest(snapshot: snapshot) : .snapshot(snapshot ?? ""))
  }

  /// Reads the newest usable checkpoint, record by record. A checkpoint is verified completely
  /// before the first record is passed on.
  ///
  /// If the newest is unusable, it is renamed to `checkpoint.damaged` (unless it could not be
  /// read), and the previous one is read. If only some of its records are unusable, those come from
  /// the previous one, and the newest is kept as `checkpoint.damaged`. One of an unknown version is
  /// renamed in any case, to `checkpoint.version-N`, so that no checkpoint of this version ever
  /// replaces it.
  /// - Parameter body: receives each undamaged record in the order of writing, then those from the
  ///   previous checkpoint. Returns whether it can use the record.
  /// - Returns: what was restored, and what was lost; nil if there is no checkpoint at all.
  /// - Throws: ``StoreError/nothingUsable(newest:previous:)`` if there is one and none is usable.
  public func restoreEach(
    _ body: (CheckpointRecord) -> Bool
  ) throws(StoreError) -> RestoreReport? {
    // Records are passed on outside the catches: if one that was verified fails now, another
    // checkpoint must not be restored on top of it.
    let reader: CheckpointReader
    var newest: CheckpointFault?
    do throws(StoreError) {
      reader = try CheckpointReader(directory: self, name: "checkpoint")
      setAsideOtherVersion("checkpoint.old")
    } catch {
      let fault = CheckpointFault(error)
      newest = fault
      setAsideOtherVersion("checkpoint")
      do throws(StoreError) {
        reader = try CheckpointReader(directory: self, name: "checkpoint.old")
      } catch {
        let previous = CheckpointFault(error)
        setAsideOtherVersion("checkpoint.old")
        if fault == .missing, previous == .missing { return nil }
        throw .nothingUsable(newest: fault, previous: previous)
      }
    }
    var (used, unusable) = try reader.read(body)
    var report = RestoreReport(made: reader.made, newestUnusable: newest)
    if newest == nil, !unusable.isEmpty {
      directory.link("checkpoint", as: "checkpoint.damaged")
      recover(&unusable, &report, body)
      used += report.recovered
    }
    report.records = used
    let lost = unusable.filter(\.isDamaged)
    report.lost = lost.count
    report.lostNames = lost.prefix(RestoreReport.maximumNamed).map(\.name)
    if let newest, newest.isWorthSettingAside {
      // Otherwise the next checkpoint would replace the good previous one by the damaged one.
      try? directory.rename("checkpoint", to: "checkpoint.damaged")
    }
    return report
  }

  /// Like ``restoreEach(_:)``, for a body that can use everything.
  public func restore(_ body: (CheckpointRecord) -> Void) throws(StoreError) -> RestoreReport? {
    try restoreEach {
      body($0)
      return true
    }
  }

  /// Passes on those records of the previous checkpoint that are unusable in the newest.
  private func recover(
    _ unusable: inout [CheckpointReader.Unusable], _ report: inout RestoreReport,
    _ body: (CheckpointRecord) -> Bool
  ) {
    var found: Set<String> = []
    do throws(StoreError) {
      let previous = try CheckpointReader(directory: self, name: "checkpoint.old")
      _ = try previous.read(only: unusable) { record in
        guard body(record) else { return false }
        report.recovered += 1
        if report.firstRecovered == nil { report.firstRecovered = record.name }
        found.insert("\(record.kind.rawValue) \(record.name)")
        return true
      }
    } catch {
      // Without a previous checkpoint they are lost, which the report states.
    }
    unusable.removeAll { found.contains("\($0.kind) \($0.name)") }
  }

  /// Renames a checkpoint of an unknown version so that nothing replaces it.
  private func setAsideOtherVersion(_ name: String) {
    guard let version = CheckpointReader.otherVersion(of: name, in: self) else { return }
    let kept = CheckpointFormat.name(ofVersion: version)
    let free = ([kept] + (2..<100).map { "\(kept).\($0)" }).first { !directory.has($0) }
    if let free { try? directory.rename(name, to: free) }
  }

  private static func holder(_ lock: borrowing Descriptor) -> Int32? {
    guard let text = try? lock.readAll(at: 0, count: 16) else { return nil }
    return Int32(String(decoding: text.prefix { $0 != 0x0A }, as: UTF8.self))
  }
}

extension CheckpointFault {
  fileprivate init(_ error: StoreError) {
    switch error {
    case .system(let error) where error.isMissingFile: self = .missing
    case .system(let error):
      self = .unreadable(operation: error.operation, errno: error.errno)
    case .damaged(_, let damage): self = .damaged(damage)
    case .nothingUsable(let newest, _): self = newest
    case .inUse: self = .unreadable(operation: "flock", errno: Errno(EWOULDBLOCK))
    }
  }

  fileprivate var isWorthSettingAside: Bool {
    switch self {
    case .missing, .unreadable, .damaged(.unsupportedVersion): false
    case .damaged: true
    }
  }
}

/// Small files of the state directory besides the checkpoints, which must be on disk before a
/// caller gets a reply.
///
/// The content is followed by its checksum, CRC-32C. A file is replaced as a whole; the previous
/// content stays as `NAME.old`.
extension StateDirectory {
  /// Content that was loaded.
  public struct Loaded: Equatable {
    /// What was saved.
    public var bytes: [UInt8]
    /// Why this is the previous content; nil: it is the newest.
    public var fault: StoreError?
  }

  /// Replaces the content of a file; when this returns, the change survives a crash and a power
  /// failure.
  /// - Throws: ``FileError``; the old content is kept then.
  public func save(_ bytes: [UInt8], as name: String) throws(FileError) {
    var writer = ByteWriter(capacity: bytes.count + 4)
    writer.write(raw: bytes)
    writer.write(CRC32C.checksum(of: bytes))
    // On a file system without hard links no previous content is kept.
    if directory.has(name) { directory.link(name, as: name + ".old") }
    try directory.replaceFile(name, with: writer.bytes.span.bytes)
  }

  /// The content of a file; nil if there is none. A damaged file is renamed to `NAME.damaged`, and
  /// the previous content is used.
  /// - Parameter maximumBytes: the maximum possible size.
  /// - Throws: ``StoreError/damaged(path:_:)`` if neither is usable; ``StoreError/system(_:)`` if
  ///   it cannot be read.
  public func load(_ name: String, maximumBytes: Int) throws(StoreError) -> Loaded? {
    do throws(StoreError) {
      return try intact(name, maximumBytes).map { Loaded(bytes: $0) }
    } catch {
      guard case .damaged = error else { throw error }
      try? directory.rename(name, to: name + ".damaged")
      guard let old = try? intact(name + ".old", maximumBytes) else { throw error }
      return Loaded(bytes: old, fault: error)
    }
  }

  private func intact(_ name: String, _ maximumBytes: Int) throws(StoreError) -> [UInt8]? {
    guard let bytes = try content(name, atMost: maximumBytes + 5) else { return nil }
    let content = Array(bytes.dropLast(4))
    var reader = ByteReader(Array(bytes.suffix(4)))
    let expected = (try? reader.readUInt32()) ?? 0
    let found = CRC32C.checksum(of: content)
    guard bytes.count >= 4, content.count <= maximumBytes, expected == found else {
      throw .damaged(
        path: directory.path(of: name),
        .checksumMismatch(section: .payload, offset: 0, expected: expected, found: found))
    }
    return content
  }

  private func content(_ name: String, atMost count: Int) throws(StoreError) -> [UInt8]? {
    do throws(FileError) {
      let path = directory.path(of: name)
      // Non-blocking, so that a pipe in its place is an error instead of a wait for a writer.
      let file = try directory.open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
      _ = try file.regularSize(path)
      return try attempt("read", path, try file.readAll(at: 0, count: count))
    } catch {
      if error.isMissingFile { return nil }
      throw .system(error)
    }
  }
}
