import FoundationEssentials

/// Collects measurements and prints each as a table line as soon as it is made.
public struct Report {
  /// The measurements in order.
  public private(set) var measurements: [Measurement] = []
  private var section = ""
  private let print: (String) -> Void

  /// An empty report.
  /// - Parameter print: receives the lines of the table.
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

  /// Adds a measurement and prints it.
  /// - Parameter remark: printed after it.
  public mutating func note(
    _ name: String, _ values: [Double], _ unit: String, remark: String = ""
  ) {
    guard let spread = keep(name, values, unit) else { return }
    let padding = String(repeating: " ", count: max(1, 36 - name.count))
    let line = "  \(name)\(padding)\(spread.text) \(unit)"
    print(remark.isEmpty ? line : "\(line)\(pad(line, to: 72))\(remark)")
  }

  /// Adds a measurement without a table line of its own.
  @discardableResult
  public mutating func keep(_ name: String, _ values: [Double], _ unit: String) -> Spread? {
    guard !values.isEmpty else { return nil }
    let spread = Spread(values)
    measurements.append(Measurement(section: section, name: name, unit: unit, value: spread))
    return spread
  }

  /// Reports why something was not measured.
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
