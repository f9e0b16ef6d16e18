import Glibc
public import Series
public import System

/// The queue of messages for one endpoint: a maildir, filled by the daemon and emptied by the
/// delivery program.
///
/// `tmp` contains messages being written, `new` waiting ones, `firing` delivered ones that are
/// repeated until the event ends, `failed` those that the endpoint rejected for good, `state` the
/// delivery state. All of it belongs to the daemon. The delivery program may change the contents of
/// the last four, but not the folder itself, so that it cannot redirect the daemon's writes.
public struct OutboxFolder: Sendable {
  /// The parts of the folder that hold entries.
  public enum Part: String, CaseIterable, Sendable {
    /// Messages waiting to be sent.
    case new
    /// Messages that were sent and are repeated until the event ends.
    case firing
    /// Messages that the endpoint rejected for good.
    case failed
  }

  /// The folder of all outboxes.
  public let root: String
  /// The folder of this one.
  public let path: String

  /// The outbox of the output `name` below `root`; touches no files.
  public init(root: String, name: String) {
    self.root = root
    path = root + "/" + name
  }

  /// Creates the root, the folder and its parts if they are missing.
  public func make() throws(FileError) {
    try Directory.create(root, mode: 0o750)
    try Directory.create(path, mode: 0o750)
    try Directory.create(path + "/tmp", mode: 0o700)
    try Directory.create(path + "/state", mode: 0o770)
    for part in Part.allCases { try Directory.create(folder(part), mode: 0o770) }
  }

  /// Writes an entry into ``Part/new`` atomically; it replaces an entry of the same name. When this
  /// returns, it survives a crash and a power failure.
  /// - Parameter time: by the clock that never steps, for ``age(of:at:_:)``; nil: the file's time
  ///   is used.
  public func write(
    _ entry: OutboxEntry, _ content: [UInt8], at time: MonotonicTime? = nil
  ) throws(FileError) {
    let content = time.map { OutboxStamp($0).added(to: content) } ?? content
    let tmp = try Directory(path + "/tmp")
    let new = try Directory(folder(.new))
    let file = try ReplacementFile(entry.fileName, in: tmp, mode: 0o640)
    try file.setMode(0o640)
    try file.write(content.span.bytes)
    try file.synchronize()
    try file.move(to: entry.fileName, in: new)
    try new.synchronize()
  }

  /// The entries of a part in the order in which they are sent; other files are ignored.
  public func entries(_ part: Part) throws(FileError) -> [OutboxEntry] {
    try Directory(folder(part)).names().compactMap { OutboxEntry(fileName: $0) }.sorted()
  }

  /// The number of entries in a part; 0 if the part does not exist.
  public func count(_ part: Part) -> Int {
    guard let names = try? Directory(folder(part)).names() else { return 0 }
    return names.count { OutboxEntry(fileName: $0) != nil }
  }

  /// Size and time of an entry; nil if it is gone.
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
  public func read(_ entry: OutboxEntry, _ part: Part = .new) throws(FileError) -> [UInt8]? {
    try Directory(folder(part)).readFile(entry.fileName, maximumBytes: 1 << 20)
      .map { OutboxStamp.split($0).message }
  }

  /// The daemon's notes about this outbox, line by line; empty if they do not exist yet or cannot
  /// be read.
  public func memory() -> [String] {
    guard let handle = try? Directory(path),
      let bytes = try? handle.readFile("told", maximumBytes: 1 << 20)
    else { return [] }
    return bytes.split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Saves the daemon's notes about this outbox, atomically.
  public func remember(_ lines: [String]) throws(FileError) {
    let text = Array(lines.map { $0 + "\n" }.joined().utf8)
    try Directory(path).replaceFile("told", with: text.span.bytes, sharedAs: 0o640)
  }

  /// Removes an entry, if it is still there.
  public func remove(_ entry: OutboxEntry, _ part: Part = .new) throws(FileError) {
    let path = folder(part) + "/" + entry.fileName
    guard unlink(path) == 0 || errno == ENOENT else {
      throw FileError(operation: "unlink", path: path, errno: .last)
    }
  }

  /// Moves an entry from one part to another, if it is still there.
  public func move(_ entry: OutboxEntry, from: Part = .new, to: Part) throws(FileError) {
    let path = folder(from) + "/" + entry.fileName
    guard rename(path, folder(to) + "/" + entry.fileName) == 0 || errno == ENOENT else {
      throw FileError(operation: "rename", path: path, errno: .last)
    }
  }

  /// The directory of a part.
  public func folder(_ part: Part) -> String { path + "/" + part.rawValue }
}
