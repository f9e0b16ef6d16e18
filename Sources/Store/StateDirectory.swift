import Glibc
public import Series
public import System

/// The directory that keeps a daemon's state, held by one process at a time.
///
/// It contains `checkpoint`, the previous one as `checkpoint.old`, while one is being written
/// `checkpoint.new`, after damage `checkpoint.damaged`, of an unknown format `checkpoint.version-N`
/// (more of them `checkpoint.version-N.2`, ...), snapshots (``ModelLibrary``), small files and their
/// previous content (`silences`, `silences.old`), and `lock`.
public final class StateDirectory: Sendable {
  /// The path as it was given.
  public let path: String
  let directory: Directory
  private let lock: Descriptor

  /// Locks a directory until this object goes, or the process ends. Where only the last part of
  /// the path is missing, that directory is created, for its owner only.
  /// - Throws: ``StoreError/inUse(path:processID:)`` where another process holds it;
  ///   ``StoreError/system(_:)`` where it cannot be opened or written to.
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
    // Only for the message of a second daemon, which names no process where the disk is full.
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

  /// Begins a checkpoint; nothing changes before it is committed. What an interrupted one left
  /// behind is overwritten.
  /// - Parameter moment: when it is made.
  public func beginCheckpoint(at moment: Timestamp) throws(FileError) -> CheckpointWriter {
    try CheckpointWriter(directory: self, at: moment)
  }

  /// Begins a checkpoint that another thread writes; there must be no other one under way.
  /// - Parameters:
  ///   - snapshot: the name of a snapshot that it becomes as well; see ``ModelLibrary``.
  ///   - isWhole: whether it becomes the newest checkpoint; false for a snapshot of some metrics.
  public func beginBackgroundCheckpoint(
    at moment: Timestamp, snapshot: String? = nil, isWhole: Bool = true
  ) throws(FileError) -> BackgroundCheckpoint {
    precondition(isWhole || snapshot != nil, "what is not whole is a snapshot")
    return try BackgroundCheckpoint(
      directory: self, at: moment,
      as: isWhole ? .newest(snapshot: snapshot) : .snapshot(snapshot ?? ""))
  }

  /// Reads the newest usable checkpoint, record by record. A checkpoint is checked from its
  /// beginning to its end before the first record is handed out.
  ///
  /// If the newest is not usable, it is renamed to `checkpoint.damaged` (unless it could not be
  /// read), and the previous one is read. If only some of its records are unusable, those come from
  /// the previous one, and the newest is kept as `checkpoint.damaged` beside those to come. One of an
  /// unknown version is renamed in any case, to `checkpoint.version-N`, so that no checkpoint of this
  /// version ever replaces it.
  /// - Parameter body: receives each undamaged record, in the order of writing, and then those from the
  ///   previous checkpoint. Returns whether it can use it.
  /// - Returns: what was restored, and what was lost; nil where there is no checkpoint at all.
  /// - Throws: ``StoreError/nothingUsable(newest:previous:)`` where there is one and none is usable.
  public func restoreEach(
    _ body: (CheckpointRecord) -> Bool
  ) throws(StoreError) -> RestoreReport? {
    // The records are handed out outside of the catches: if one that passed its check fails now,
    // another checkpoint must not be handed out on top of it.
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

  /// Hands out those records of the previous checkpoint that are unusable in the newest.
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
      // Without a previous checkpoint they are lost, which the report says.
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

/// Small files of the state directory beside the checkpoints: what must be on the disk before a caller
/// gets an answer.
///
/// The bytes are followed by their checksum, CRC-32C. A file is replaced as a whole; the previous
/// content stays as `NAME.old`.
extension StateDirectory {
  /// Content that was loaded.
  public struct Loaded: Equatable {
    /// What was saved.
    public var bytes: [UInt8]
    /// Why this is the content before the last change; nil: it is the newest.
    public var fault: StoreError?
  }

  /// Replaces the content of a file; when this returns, neither a crash nor a power failure undoes
  /// it.
  /// - Throws: ``FileError``; the old content is there then.
  public func save(_ bytes: [UInt8], as name: String) throws(FileError) {
    var writer = ByteWriter(capacity: bytes.count + 4)
    writer.write(raw: bytes)
    writer.write(CRC32C.checksum(of: bytes))
    // Without hard links on the file system there is no previous content.
    if directory.has(name) { directory.link(name, as: name + ".old") }
    try directory.replaceFile(name, with: writer.bytes.span.bytes)
  }

  /// The content of a file; nil where there is none. One that is not what was saved is renamed to
  /// `NAME.damaged`, and the content before the last change is used.
  /// - Parameter maximumBytes: the most that it can have been.
  /// - Throws: ``StoreError/damaged(path:_:)`` where neither is usable; ``StoreError/system(_:)``
  ///   where it cannot be read.
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
      let file = try directory.open(name, O_RDONLY | O_NOFOLLOW)
      return try attempt("read", directory.path(of: name), try file.readAll(at: 0, count: count))
    } catch {
      if error.isMissingFile { return nil }
      throw .system(error)
    }
  }
}
