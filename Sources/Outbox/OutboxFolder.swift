import Glibc
public import Series

/// The messages for one endpoint: a maildir, written by the daemon and emptied by the delivery
/// program.
///
/// `tmp` holds files being written, `new` waiting messages, `firing` delivered ones that must be
/// repeated until the event closes, `failed` rejected ones, `state` the state of delivery. The
/// daemon owns all of it. The delivery program may change the contents of the last four, but not
/// the directory itself, so that it cannot redirect the daemon's writes.
public struct OutboxFolder: Sendable {
  /// The subdirectories that hold entries.
  public enum Part: String, CaseIterable, Sendable {
    /// Messages waiting to be sent.
    case new
    /// Messages that were sent and are repeated until the event closes.
    case firing
    /// Messages that the endpoint rejected for good.
    case failed
  }

  /// The directory of all outboxes.
  public let root: String
  /// The path of this one.
  public let path: String

  /// The outbox of the output `name` below `root`; does not access the disk yet.
  public init(root: String, name: String) {
    self.root = root
    path = root + "/" + name
  }

  /// Creates the directory, its subdirectories and missing parents except the first.
  public func make() throws(OutboxError) {
    try FolderHandle.make(root, 0o750)
    try FolderHandle.make(path, 0o750)
    try FolderHandle.make(path + "/tmp", 0o700)
    try FolderHandle.make(path + "/state", 0o770)
    for part in Part.allCases { try FolderHandle.make(folder(part), 0o770) }
  }

  /// Writes an entry to a temporary file, syncs it, and renames it into ``Part/new``, replacing its
  /// waiting duplicate. When this returns, it is durable.
  public func write(_ entry: OutboxEntry, _ content: [UInt8]) throws(OutboxError) {
    let name = entry.fileName
    let tmp = try FolderHandle(path + "/tmp")
    let new = try FolderHandle(folder(.new))
    try tmp.writeFile(name, content, mode: 0o640)
    guard renameat(tmp.raw, name, new.raw, name) == 0 else {
      throw OutboxError("written", new.path + "/" + name)
    }
    guard fsync(new.raw) == 0 else { throw OutboxError("synced", new.path) }
  }

  /// The entries of a part in sending order; files with other names are ignored.
  public func entries(_ part: Part) throws(OutboxError) -> [OutboxEntry] {
    try FolderHandle(folder(part)).names().compactMap { OutboxEntry(fileName: $0) }.sorted()
  }

  /// The number of entries in a part; 0 if it does not exist.
  public func count(_ part: Part) -> Int {
    guard let names = try? FolderHandle(folder(part)).names() else { return 0 }
    return names.count { OutboxEntry(fileName: $0) != nil }
  }

  /// Size and age of an entry; nil if it is gone.
  public func facts(_ entry: OutboxEntry, _ part: Part = .new) -> (bytes: Int, written: Timestamp)?
  {
    var status = stat()
    guard lstat(folder(part) + "/" + entry.fileName, &status) == 0 else { return nil }
    let time = status.st_mtim
    return (
      Int(status.st_size),
      Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    )
  }

  /// The content of an entry; nil if it is gone.
  public func read(_ entry: OutboxEntry, _ part: Part = .new) throws(OutboxError) -> [UInt8]? {
    try FolderHandle(folder(part)).readFile(entry.fileName, maximumBytes: 1 << 20)
  }

  /// The daemon's memory of this outbox, line by line; empty if there is none, or it cannot be
  /// read.
  public func memory() -> [String] {
    guard let handle = try? FolderHandle(path),
      let bytes = try? handle.readFile("told", maximumBytes: 1 << 20)
    else { return [] }
    return bytes.split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Replaces the daemon's memory of this outbox atomically.
  public func remember(_ lines: [String]) throws(OutboxError) {
    let handle = try FolderHandle(path)
    let text = lines.map { $0 + "\n" }.joined()
    try handle.writeFile("told.new", Array(text.utf8), mode: 0o640, syncs: false)
    guard renameat(handle.raw, "told.new", handle.raw, "told") == 0 else {
      throw OutboxError("written", path + "/told")
    }
  }

  /// Removes an entry; does nothing if it is gone.
  public func remove(_ entry: OutboxEntry, _ part: Part = .new) throws(OutboxError) {
    let path = folder(part) + "/" + entry.fileName
    guard unlink(path) == 0 || errno == ENOENT else { throw OutboxError("removed", path) }
  }

  /// Moves an entry from one part to another; does nothing if it is gone.
  public func move(_ entry: OutboxEntry, from: Part = .new, to: Part) throws(OutboxError) {
    let path = folder(from) + "/" + entry.fileName
    guard rename(path, folder(to) + "/" + entry.fileName) == 0 || errno == ENOENT else {
      throw OutboxError("moved", path)
    }
  }

  /// The path of a part.
  public func folder(_ part: Part) -> String { path + "/" + part.rawValue }

}
