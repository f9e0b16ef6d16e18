/// The wanted keys of a file with one `key value` per line; raw values are 0, 1, 2, ...
package protocol ProcfsKey: CaseIterable, RawRepresentable<Int>, Sendable {
  /// The key as written in the file.
  var text: StaticString { get }
  /// Whether its absence is a complaint.
  var isRequired: Bool { get }
  /// What follows the key: a colon in /proc/meminfo, a space in /proc/vmstat.
  static var separator: UInt8 { get }
}

/// The wanted values of a file with one `key value` per line.
package struct KeyedReading<Key: ProcfsKey>: ProcfsReading {
  private let keys = Array(Key.allCases)
  private var values = [UInt64?](repeating: nil, count: Key.allCases.count)

  package init() {}

  /// The value of a key, in bytes if the file gives kB; nil if it is missing.
  package subscript(key: Key) -> UInt64? { values[key.rawValue] }

  package mutating func parse(_ bytes: UnsafeRawBufferPointer, _ complaints: inout Complaints) {
    for index in values.indices { values[index] = nil }
    let complaintsBefore = complaints.count
    var lines = TextLines(bytes)
    while let line = lines.next(&complaints) {
      guard let end = line.firstIndex(of: Key.separator) else { continue }
      let name = UnsafeRawBufferPointer(rebasing: line[..<end])
      guard let key = keys.first(where: { name.equals($0.text) }) else { continue }
      if let value = KeyedReading.value(line.dropping(end + 1)) {
        values[key.rawValue] = value
      } else {
        complaints.malformed(
          line: lines.number,
          expected: "a name and a number, in kB or without unit",
          found: line
        )
      }
    }
    guard complaints.count == complaintsBefore else { return }
    for key in keys where key.isRequired && self[key] == nil {
      complaints.missing("a line that starts with \"\(key.text)\"")
    }
  }

  private static func value(_ text: UnsafeRawBufferPointer) -> UInt64? {
    var fields = TextFields(text)
    guard let value = fields.unsigned() else { return nil }
    guard let unit = fields.next() else { return value }
    let (bytes, overflow) = value.multipliedReportingOverflow(by: 1024)
    guard unit.equals("kB"), !overflow, fields.next() == nil else { return nil }
    return bytes
  }
}
