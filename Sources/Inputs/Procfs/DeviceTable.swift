internal import Glibc

/// The devices of one file by name, in file order, watched or not.
///
/// Files list devices in the same order at every poll, so the next lookup is nearly always for the
/// device after the last one found: it compares one name and allocates nothing.
struct DeviceTable<Device: AnyObject> {
  enum Entry {
    case watched(Device)
    case unwatched
    case unknown
  }

  private struct Row {
    let name: [UInt8]
    let device: Device?
    var pass: Int

    func isNamed(_ other: UnsafeRawBufferPointer) -> Bool {
      guard name.count == other.count, let base = other.baseAddress else { return false }
      return name.withUnsafeBytes { bytes in
        bytes.baseAddress.map { memcmp($0, base, other.count) == 0 } ?? false
      }
    }
  }

  /// How many devices are watched.
  private(set) var watchedCount = 0

  private let maximumUnwatched: Int
  private var rows: [Row] = []
  private var pass = 0
  private var expected = 0
  private var seen = 0

  /// - Parameter maximumUnwatched: how many unwanted names are remembered; the others are filtered
  ///   again at every poll.
  init(maximumUnwatched: Int) {
    self.maximumUnwatched = maximumUnwatched
  }

  /// Starts a new pass over the file.
  mutating func beginPass() {
    pass += 1
    expected = 0
    seen = 0
  }

  /// The device of this name, marked as seen in this pass.
  mutating func find(_ name: UnsafeRawBufferPointer) -> Entry {
    for offset in 0..<rows.count {
      let index =
        expected + offset < rows.count ? expected + offset : expected + offset - rows.count
      guard rows[index].isNamed(name) else { continue }
      if rows[index].pass != pass { seen += 1 }
      rows[index].pass = pass
      expected = index + 1
      return rows[index].device.map(Entry.watched) ?? .unwatched
    }
    return .unknown
  }

  /// Inserts an unknown device in file order; nil means that it is not watched.
  mutating func insert(_ name: UnsafeRawBufferPointer, _ device: Device?) {
    if device == nil, rows.count - watchedCount >= maximumUnwatched { return }
    rows.insert(Row(name: Array(name), device: device, pass: pass), at: expected)
    expected += 1
    seen += 1
    if device != nil { watchedCount += 1 }
  }

  /// Drops all devices that were not seen in this pass.
  mutating func forgetUnseen() {
    guard seen < rows.count else { return }
    let current = pass
    rows.removeAll { $0.pass != current }
    watchedCount = rows.reduce(0) { $0 + ($1.device == nil ? 0 : 1) }
  }
}
