import Glibc
public import Series

/// What waits for one endpoint: a maildir, written by the daemon and emptied by the program that
/// delivers.
///
/// `tmp` holds what is being written, `new` what waits, `firing` what was delivered and must be
/// repeated until it is over, `failed` what the endpoint will never take, `state` how delivery
/// goes. The daemon owns all of it. The delivering program may change what is in the last four,
/// but not the folder itself, so that it can lead the daemon's writes nowhere else.
public struct OutboxFolder: Sendable {
  /// The parts of the folder that hold entries.
  public enum Part: String, CaseIterable, Sendable {
    /// What waits to be sent.
    case new
    /// What was sent and is repeated until it is over.
    case firing
    /// What the endpoint refused for good.
    case failed
  }

  /// The folder of all outboxes.
  public let root: String
  /// Where this one lies.
  public let path: String

  /// The outbox of the output `name` below `root`; nothing is touched yet.
  public init(root: String, name: String) {
    self.root = root
    path = root + "/" + name
  }

  /// Makes the folder and its parts where they are missing, and those above it but for the first.
  public func make() throws(OutboxError) {
    try FolderHandle.make(root, 0o750)
    try FolderHandle.make(path, 0o750)
    try FolderHandle.make(path + "/tmp", 0o700)
    try FolderHandle.make(path + "/state", 0o770)
    for part in Part.allCases { try FolderHandle.make(folder(part), 0o770) }
  }

  /// Writes an entry beside, syncs it, and renames it into ``Part/new``, in the place of the same
  /// one that waits already. When this returns, it is there to stay.
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

  /// The entries of a part in the order in which they are sent; files of other names are left out.
  public func entries(_ part: Part) throws(OutboxError) -> [OutboxEntry] {
    try FolderHandle(folder(part)).names().compactMap { OutboxEntry(fileName: $0) }.sorted()
  }

  /// How many entries a part has; 0 where it is not there.
  public func count(_ part: Part) -> Int {
    guard let names = try? FolderHandle(folder(part)).names() else { return 0 }
    return names.count { OutboxEntry(fileName: $0) != nil }
  }

  /// Size and age of an entry; nil where it is gone.
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

  /// The content of an entry; nil where it is gone.
  public func read(_ entry: OutboxEntry, _ part: Part = .new) throws(OutboxError) -> [UInt8]? {
    try FolderHandle(folder(part)).readFile(entry.fileName, maximumBytes: 1 << 20)
  }

  /// What the daemon remembers of this outbox, line by line; empty where there is nothing yet, or
  /// nothing that can be read.
  public func memory() -> [String] {
    guard let handle = try? FolderHandle(path),
      let bytes = try? handle.readFile("told", maximumBytes: 1 << 20)
    else { return [] }
    return bytes.split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Writes down what the daemon remembers of this outbox, in one step.
  public func remember(_ lines: [String]) throws(OutboxError) {
    let handle = try FolderHandle(path)
    let text = lines.map { $0 + "\n" }.joined()
    try handle.writeFile("told.new", Array(text.utf8), mode: 0o640, syncs: false)
    guard renameat(handle.raw, "told.new", handle.raw, "told") == 0 else {
      throw OutboxError("written", path + "/told")
    }
  }

  /// Takes an entry away; nothing happens where it is gone.
  public func remove(_ entry: OutboxEntry, _ part: Part = .new) throws(OutboxError) {
    let path = folder(part) + "/" + entry.fileName
    guard unlink(path) == 0 || errno == ENOENT else { throw OutboxError("removed", path) }
  }

  /// Moves an entry from one part to another; nothing happens where it is gone.
  public func move(_ entry: OutboxEntry, from: Part = .new, to: Part) throws(OutboxError) {
    let path = folder(from) + "/" + entry.fileName
    guard rename(path, folder(to) + "/" + entry.fileName) == 0 || errno == ENOENT else {
      throw OutboxError("moved", path)
    }
  }

  /// Where a part lies.
  public func folder(_ part: Part) -> String { path + "/" + part.rawValue }

}
