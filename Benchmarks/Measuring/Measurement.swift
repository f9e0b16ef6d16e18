/// One thing that was measured, as the table and the JSON have it.
public struct Measurement: Equatable, Sendable, Encodable {
  /// What it belongs to, such as `kernels`.
  public let section: String
  /// What it is, unique in its section, such as `step avx512 16`.
  public let name: String
  /// What its numbers count, such as `ns` or `µs/sample`.
  public let unit: String
  /// The numbers.
  public let value: Spread

  /// A measurement of these parts.
  public init(section: String, name: String, unit: String, value: Spread) {
    self.section = section
    self.name = name
    self.unit = unit
    self.value = value
  }
}
