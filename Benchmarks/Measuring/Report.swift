import FoundationEssentials

/// Collects what is measured, and prints each measurement as a line of a table when it is known.
public struct Report {
  /// What was measured, in order.
  public private(set) var measurements: [Measurement] = []
  private var section = ""
  private let print: (String) -> Void

  /// A report that is empty.
  /// - Parameter print: where lines of the table go.
  public init(print: @escaping (String) -> Void) {
    self.print = print
  }

  /// Begins a section of the table.
  /// - Parameter title: what is measured in it, and how.
  public mutating func begin(_ section: String, _ title: String) {
    self.section = section
    print("")
    print("\(section): \(title)")
  }

  /// Notes a measurement.
  /// - Parameter remark: what to print behind it.
  public mutating func note(
    _ name: String, _ values: [Double], _ unit: String, remark: String = ""
  ) {
    guard let spread = keep(name, values, unit) else { return }
    let padding = String(repeating: " ", count: max(1, 36 - name.count))
    let line = "  \(name)\(padding)\(spread.text) \(unit)"
    print(remark.isEmpty ? line : "\(line)\(pad(line, to: 72))\(remark)")
  }

  /// Notes a measurement that the table has no line of its own for.
  @discardableResult
  public mutating func keep(_ name: String, _ values: [Double], _ unit: String) -> Spread? {
    guard !values.isEmpty else { return nil }
    let spread = Spread(values)
    measurements.append(Measurement(section: section, name: name, unit: unit, value: spread))
    return spread
  }

  /// Says why something was not measured.
  public func skip(_ name: String, because reason: String) {
    print("  \(name)\(String(repeating: " ", count: max(1, 36 - name.count)))skipped: \(reason)")
  }

  /// All measurements as a JSON array.
  public func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    return try Array(encoder.encode(measurements))
  }

  private func pad(_ line: String, to width: Int) -> String {
    String(repeating: " ", count: max(2, width - line.count))
  }
}
