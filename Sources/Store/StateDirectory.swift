import Glibc
public import Series

/// The directory of a daemon's state, owned by one process at a time.
///
/// It holds `checkpoint`, the previous one as `checkpoint.old`, one being written as
/// `checkpoint.new`, a damaged one as `checkpoint.damaged`, and `lock`.
public final class StateDirectory {
  /// The path as given.
  public let path: String
  let directory: FileDescriptor
  private let lock: FileDescriptor

  /// Takes ownership of a directory until deinit or the end of the process. If only the last
  /// component of the path is missing, that directory is created, accessible to its owner only.
  /// - Throws: ``StoreError/inUse(path:processID:)`` if another process owns it;
  ///   ``StoreError/system(operation:path:errno:)`` if it cannot be opened or written.
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
    // Only for the message of a second daemon: on a full disk it names no process.
    let text = Array("\(getpid())\n".utf8)
    if ftruncate(lock.raw, 0) == 0 { _ = pwrite(lock.raw, text, text.count, 0) }
  }

  deinit {
    // Unlock explicitly: a forked child that has not called execve(2) yet may still hold the
    // descriptor.
    flock(lock.raw, LOCK_UN)
  }

  /// Begins a checkpoint; existing ones do not change before it is committed. Leftovers of an
  /// interrupted one are overwritten.
  /// - Parameter moment: its time.
  public func beginCheckpoint(at moment: Timestamp) throws(StoreError) -> CheckpointWriter {
    try CheckpointWriter(directory: self, at: moment)
  }

  /// Begins a checkpoint that another thread writes; there must be no other in progress.
  public func beginBackgroundCheckpoint(
    at moment: Timestamp
  ) throws(StoreError) -> BackgroundCheckpoint {
    try BackgroundCheckpoint(directory: self, at: moment)
  }

  /// Reads the newest usable checkpoint, record by record. A checkpoint is checked from beginning
  /// to end before the first record is passed on.
  ///
  /// If the newest is not usable, it is set aside as `checkpoint.damaged` (unless it could not be
  /// read, or is of another version), and the previous one is used.
  /// - Parameter body: receives each intact record, in the order of writing.
  /// - Returns: what was read, and what was lost; nil if there is no checkpoint at all.
  /// - Throws: ``StoreError/nothingUsable(newest:previous:)`` if there is one and none is usable.
  public func restore(_ body: (CheckpointRecord) -> Void) throws(StoreError) -> RestoreReport? {
    // The records are passed on outside of the catches: if a fully checked file then fails, under
    // the lock, another checkpoint must not be read on top.
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
      // Otherwise the next checkpoint would replace the good previous one with the damaged one.
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
