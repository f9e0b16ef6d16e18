/// A number identified by a group and its own name within that group.
package protocol ProtocolKey: CaseIterable, RawRepresentable<Int>, Sendable {
  /// The first word of its lines, colon included.
  var group: StaticString { get }
  /// Its name.
  var text: StaticString { get }
  /// Whether its absence is a complaint.
  var isRequired: Bool { get }
}

/// The layout of a file of named numbers.
package enum ProtocolLayout: Sendable {
  /// /proc/net/snmp: `Tcp: InSegs OutSegs` on one line, `Tcp: 14031 10214` on the next.
  case headings
  /// /proc/net/sockstat: `TCP: inuse 1 orphan 0` on one line.
  case pairs
}

/// The wanted numbers of a file of per-protocol counters.
package struct ProtocolReading<Key: ProtocolKey>: ProcfsReading {
  private let layout: ProtocolLayout
  private let keys = Array(Key.allCases)
  private var values = [UInt64?](repeating: nil, count: Key.allCases.count)

  package init(_ layout: ProtocolLayout) {
    self.layout = layout
  }

  /// The value of a key; nil if it is missing.
  package subscript(key: Key) -> UInt64? { values[key.rawValue] }

  package mutating func parse(_ bytes: UnsafeRawBufferPointer, _ complaints: inout Complaints) {
    for index in values.indices { values[index] = nil }
    let complaintsBefore = complaints.count
    var lines = TextLines(bytes)
    while let line = lines.next(&complaints) {
      switch layout {
      case .pairs: takePairs(line, lines.number, &complaints)
      case .headings:
        guard let numbers = lines.next(&complaints) else {
          complaints.malformed(
            line: lines.number, expected: "a line of numbers below it", found: line)
          break
        }
        takeNumbers(numbers, named: line, lines.number, &complaints)
      }
    }
    guard complaints.count == complaintsBefore else { return }
    for key in keys where key.isRequired && self[key] == nil {
      complaints.missing("\"\(key.text)\" in a line that starts with \"\(key.group)\"")
    }
  }

  private mutating func takePairs(
    _ line: UnsafeRawBufferPointer,
    _ number: Int,
    _ complaints: inout Complaints
  ) {
    var fields = TextFields(line)
    guard let group = fields.next() else { return }
    while let name = fields.next() {
      guard let field = fields.next(), take(field, group, name) else {
        complaints.malformed(
          line: number, expected: "a name and pairs of names and numbers", found: line)
        return
      }
    }
  }

  private mutating func takeNumbers(
    _ line: UnsafeRawBufferPointer,
    named heading: UnsafeRawBufferPointer,
    _ number: Int,
    _ complaints: inout Complaints
  ) {
    var names = TextFields(heading)
    var fields = TextFields(line)
    if let group = names.next(), let other = fields.next(), group.elementsEqual(other) {
      while let name = names.next() {
        guard let field = fields.next(), take(field, group, name) else { break }
        if fields.isAtEnd, names.isAtEnd { return }
      }
    }
    complaints.malformed(
      line: number, expected: "as many numbers as the line above has names", found: line)
  }

  /// Stores a number if it is wanted; false if a wanted one is malformed.
  private mutating func take(
    _ field: UnsafeRawBufferPointer,
    _ group: UnsafeRawBufferPointer,
    _ name: UnsafeRawBufferPointer
  ) -> Bool {
    for key in keys where name.equals(key.text) && group.equals(key.group) {
      guard let value = field.unsigned else { return false }
      values[key.rawValue] = value
    }
    return true
  }
}
