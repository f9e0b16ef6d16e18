/// One measurement, as in the table and the JSON.
public struct Measurement: Equatable, Sendable, Encodable {
  /// Its section, such as `kernels`.
  public let section: String
  /// Its name, unique in the section, such as `step avx512 16`.
  public let name: String
  /// Its unit, such as `ns` or `µs/sample`.
  public let unit: String
  /// The numbers.
  public let value: Spread

  /// Creates a measurement.
  public init(section: String, name: String, unit: String, value: Spread) {
    self.section = section
    self.name = name
    self.unit = unit
    self.value = value
  }
}
