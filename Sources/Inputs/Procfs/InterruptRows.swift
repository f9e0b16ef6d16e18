/// The rows of /proc/interrupts and /proc/softirqs, summed over all processors.
///
/// Both begin with a line listing the processors. Each further line has a label, one number for
/// each of these (or a single one), and text. The label is a number for the lines of devices;
/// their text ends with the names of the handlers, if any, after at least two blanks
/// (the kernel's kernel/irq/proc.c). All others have a descriptive label and an explanation.
package struct InterruptRows {
  /// One line.
  package struct Row {
    /// Before the colon: `24`, `LOC`, `NET_RX`. 1...``maximumLabelLength`` bytes.
    package var label: UnsafeRawBufferPointer
    /// Its handlers, such as `nvme0q1` or `ehci_hcd:usb1, i801_smbus`; empty if the label is not a
    /// number or there is no handler.
    package var handlers: UnsafeRawBufferPointer
    /// The sum over all processors, modulo 2^32 as each of them is.
    package var count: UInt64
  }

  /// The longest label; the kernel has none longer than 12 bytes.
  package static let maximumLabelLength = 20

  /// The number of processors listed; 0 before the first line was read.
  package private(set) var processors = 0

  private var lines: TextLines

  package init(_ bytes: UnsafeRawBufferPointer) {
    lines = TextLines(bytes)
  }

  /// The next row; nil at the end. Malformed lines are recorded as complaints and skipped.
  package mutating func next(_ complaints: inout Complaints) -> Row? {
    while let line = lines.next(&complaints) {
      if lines.number == 1 {
        processors = InterruptRows.processors(line)
        if processors > 0 { continue }
        complaints.malformed(line: 1, expected: "\"CPU0\" and so on", found: line)
        return nil
      }
      if let row = InterruptRows.parse(line, processors) { return row }
      complaints.malformed(
        line: lines.number, expected: "a label, a colon and a number for each processor",
        found: line)
    }
    return nil
  }

  /// The number of processors that a line lists; 0 for any other line.
  private static func processors(_ line: UnsafeRawBufferPointer) -> Int {
    var fields = TextFields(line)
    var count = 0
    while let field = fields.next() {
      guard field.starts(with: "CPU"), field.dropping(3).unsigned != nil else { return 0 }
      count += 1
    }
    return count
  }

  private static func parse(_ line: UnsafeRawBufferPointer, _ processors: Int) -> Row? {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    var labels = TextFields(UnsafeRawBufferPointer(rebasing: line[..<colon]))
    guard let label = labels.next(), labels.isAtEnd, label.count <= maximumLabelLength else {
      return nil
    }
    var rest = line.dropping(colon + 1)
    var sum: UInt64 = 0
    var columns = 0
    while columns < processors {
      var fields = TextFields(rest)
      guard let value = fields.next()?.unsigned else { break }
      sum &+= value
      columns += 1
      rest = fields.rest
    }
    // Errors have a single count, not one per processor.
    guard columns == processors || columns == 1 else { return nil }
    let isDevice = label.unsigned != nil
    return Row(
      label: label, handlers: isDevice ? handlers(rest) : rest.dropping(rest.count),
      count: sum & 0xFFFF_FFFF)
  }

  /// The text after the last two blanks of a line that does not end in one.
  private static func handlers(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let blank = UInt8(ascii: " ")
    var start = text.count
    guard start > 0, text[start - 1] != blank else { return text.dropping(text.count) }
    while start >= 2, text[start - 1] != blank || text[start - 2] != blank { start -= 1 }
    return start >= 2 ? text.dropping(start) : text.dropping(text.count)
  }
}
