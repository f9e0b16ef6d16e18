import Glibc
public import Series

/// The directory that keeps a daemon's state, held by one process at a time.
///
/// It holds `checkpoint`, the one before as `checkpoint.old`, while one is being written
/// `checkpoint.new`, after damage `checkpoint.damaged`, and `lock`.
public final class StateDirectory {
  /// The path as it was given.
  public let path: String
  let directory: FileDescriptor
  private let lock: FileDescriptor

  /// Takes possession of a directory until this object goes, or the process ends. Where only the
  /// last part of the path is missing, that directory is made, for its owner only.
  /// - Throws: ``StoreError/inUse(path:processID:)`` where another process has it;
  ///   ``StoreError/system(operation:path:errno:)`` where it cannot be opened or written to.
  public init(path: String) throws(StoreError) {
    self.path = path
    if mkdir(path, 0o700) != 0, errno != EEXIST {
      throw .system(operation: "mkdir", path: path, errno: errno)
    }
    directory = try FileDescriptor(path, flags: O_RDONLY | O_DIRECTORY, path: path)
    let lockPath = path + "/lock"
    lock = try FileDescriptor(
      "lock", in: directory.raw, flags: O_RDWR | O_CREAT | O_NOFOLLOW, path: lockPath)
    while flock(lock.raw, LOCK_EX | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      guard errno == EWOULDBLOCK else {
        throw .system(operation: "flock", path: lockPath, errno: errno)
      }
      throw .inUse(path: path, processID: StateDirectory.holder(lock))
    }
    // Only for the message that a second daemon gives: on a full disk it names no process.
    let text = Array("\(getpid())\n".utf8)
    if ftruncate(lock.raw, 0) == 0 { _ = pwrite(lock.raw, text, text.count, 0) }
  }

  deinit {
    // Said aloud: a child that has not come to its execve(2) yet would hold the lock after us.
    flock(lock.raw, LOCK_UN)
  }

  /// Begins a checkpoint; nothing that is there changes before it is committed. What an
  /// interrupted one left behind is overwritten.
  /// - Parameter moment: when it is made.
  public func beginCheckpoint(at moment: Timestamp) throws(StoreError) -> CheckpointWriter {
    try CheckpointWriter(directory: self, at: moment)
  }

  /// Begins a checkpoint that another thread writes; there must be no other one under way.
  public func beginBackgroundCheckpoint(
    at moment: Timestamp
  ) throws(StoreError) -> BackgroundCheckpoint {
    try BackgroundCheckpoint(directory: self, at: moment)
  }

  /// Reads the newest checkpoint that can be used, record by record. A checkpoint is checked from
  /// its beginning to its end before the first record is handed out.
  ///
  /// Where the newest cannot be used, it is set aside as `checkpoint.damaged` (unless it could
  /// not be read, or is of another version), and the one before is taken.
  /// - Parameter body: receives each record that is as it was written, in the order of writing.
  /// - Returns: what was read, and what was lost; nil where there is no checkpoint at all.
  /// - Throws: ``StoreError/nothingUsable(newest:previous:)`` where there is one and none can be
  ///   used.
  public func restore(_ body: (CheckpointRecord) -> Void) throws(StoreError) -> RestoreReport? {
    // The records are handed out outside of the catches: what has been checked from end to end
    // and then fails, under the lock, is no reason to hand out another checkpoint on top.
    let reader: CheckpointReader
    var newest: CheckpointFault?
    do throws(StoreError) {
      reader = try CheckpointReader(directory: self, name: "checkpoint")
    } catch {
      let fault = CheckpointFault(error)
      newest = fault
      do throws(StoreError) {
        reader = try CheckpointReader(directory: self, name: "checkpoint.old")
      } catch {
        let previous = CheckpointFault(error)
        if fault == .missing, previous == .missing { return nil }
        throw .nothingUsable(newest: fault, previous: previous)
      }
    }
    var report = try reader.report(body)
    report.newestUnusable = newest
    if let newest, newest.isWorthSettingAside {
      // Else the next checkpoint would put the damaged one in the place of the good one before.
      renameat(directory.raw, "checkpoint", directory.raw, "checkpoint.damaged")
    }
    return report
  }

  private static func holder(_ lock: borrowing FileDescriptor) -> Int32? {
    var text = [UInt8](repeating: 0, count: 16)
    let count = pread(lock.raw, &text, text.count, 0)
    guard count > 0 else { return nil }
    return Int32(String(decoding: text[..<count].prefix { $0 != 0x0A }, as: UTF8.self))
  }
}

extension CheckpointFault {
  fileprivate init(_ error: StoreError) {
    switch error {
    case .system("open", _, ENOENT): self = .missing
    case .system(let operation, _, let number):
      self = .unreadable(operation: operation, errno: number)
    case .damaged(_, let damage): self = .damaged(damage)
    case .nothingUsable(let newest, _): self = newest
    case .inUse: self = .unreadable(operation: "flock", errno: EWOULDBLOCK)
    }
  }

  fileprivate var isWorthSettingAside: Bool {
    switch self {
    case .missing, .unreadable, .damaged(.unsupportedVersion): false
    case .damaged: true
    }
  }
}
