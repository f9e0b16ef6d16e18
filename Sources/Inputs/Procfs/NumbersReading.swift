/// The numbers of a file with one line of them, such as /proc/sys/fs/file-nr.
package struct NumbersReading: ProcfsReading {
  private let expected: Int
  private var values = InlineArray<3, Int64>(repeating: 0)
  private var isValid = false

  /// - Parameter expected: how many numbers the line begins with, 1...3.
  package init(_ expected: Int = 1) {
    precondition((1...3).contains(expected), "expected one to three numbers a line")
    self.expected = expected
  }

  /// The number at an index below `expected`; nil if the line was malformed.
  package subscript(position: Int) -> Int64? { isValid ? values[position] : nil }

  package mutating func parse(_ bytes: UnsafeRawBufferPointer, _ complaints: inout Complaints) {
    isValid = false
    var lines = TextLines(bytes)
    guard let line = lines.next(&complaints) else { return }
    var fields = TextFields(line)
    for position in 0..<expected {
      guard let value = fields.next()?.signed else {
        complaints.malformed(
          line: lines.number,
          expected: expected == 1 ? "a number" : "\(expected) numbers",
          found: line
        )
        return
      }
      values[position] = value
    }
    isValid = true
  }
}
