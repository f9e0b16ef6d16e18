/// Undelivered entries, oldest first, bounded in number and in bytes.
struct OutputQueue {
  /// The maximum number of entries.
  let maximumEntries: Int
  /// The maximum total size of entries in bytes.
  let maximumBytes: Int
  /// Total size of entries in bytes.
  private(set) var bytes = 0

  // A queue in an array: `head` advances and the consumed front is cut off now and then.
  private var entries: [[UInt8]] = []
  private var head = 0

  init(maximumEntries: Int, maximumBytes: Int) {
    self.maximumEntries = maximumEntries
    self.maximumBytes = maximumBytes
  }

  var count: Int { entries.count - head }
  var isEmpty: Bool { count == 0 }
  var first: [UInt8]? { isEmpty ? nil : entries[head] }
  var all: ArraySlice<[UInt8]> { entries[head...] }

  /// Appends an entry, dropping the oldest ones to make room.
  /// - Parameter keepingFirst: the oldest entry is partially delivered and must not be dropped.
  /// - Returns: how many were dropped; `entry` itself is among them if there is no room at all.
  mutating func append(_ entry: [UInt8], keepingFirst: Bool) -> Int {
    let kept = keepingFirst ? 1 : 0
    var dropped = 0
    while count > kept, !hasRoom(for: entry) {
      entries.swapAt(head, head + kept)
      removeFirst()
      dropped += 1
    }
    guard hasRoom(for: entry) else { return dropped + 1 }
    entries.append(entry)
    bytes += entry.count
    return dropped
  }

  /// Removes the oldest entry; there must be one.
  mutating func removeFirst() {
    bytes -= entries[head].count
    entries[head] = []
    head += 1
    if head == entries.count || head > 64 && head * 2 > entries.count {
      entries.removeFirst(head)
      head = 0
    }
  }

  private func hasRoom(for entry: [UInt8]) -> Bool {
    count < maximumEntries && bytes + entry.count <= maximumBytes
  }
}
