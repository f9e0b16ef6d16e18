/// What could not be delivered yet, oldest first, bounded in number and in bytes.
struct OutputQueue {
  /// The most entries it holds.
  let maximumEntries: Int
  /// The most bytes that all entries together may have.
  let maximumBytes: Int
  /// Bytes in all entries together.
  private(set) var bytes = 0

  // A queue in an array: `head` walks up and the dead front is cut off now and then.
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

  /// Appends an entry; makes room by giving up the oldest ones.
  /// - Parameter keepingFirst: the oldest entry is half delivered and must not be given up.
  /// - Returns: how many were given up; `entry` itself is among them when there is no room at all.
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

  /// Takes the oldest entry off; there must be one.
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
