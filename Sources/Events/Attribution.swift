import Series

/// A unit, slice or container that accounts for a significant part of a change when an incident
/// opened.
///
/// Properties that did not change, or are unknown, are nil. Rates are averages over the time around
/// the opening, minus those of the preceding minutes.
public struct Attribution: Codable, Equatable, Sendable {
  /// Maximum number per incident.
  public static let maximum = 8

  /// Its name, such as `apt-daily.service`.
  public var unit: String
  /// Additional processors that it used, >= 0.
  public var cpu: Double?
  /// All processors of the host; nil if unknown.
  public var processors: Double?
  /// Additional bytes per second that it read, >= 0.
  public var readRate: Double?
  /// Additional bytes per second that it wrote, >= 0.
  public var writeRate: Double?
  /// Bytes by which its memory grew, >= 0.
  public var memory: Double?

  /// The usage that a unit accounts for.
  public init(
    unit: String, cpu: Double? = nil, of processors: Double? = nil, readRate: Double? = nil,
    writeRate: Double? = nil,
    memory: Double? = nil
  ) {
    self.unit = unit
    self.cpu = cpu
    self.processors = processors
    self.readRate = readRate
    self.writeRate = writeRate
    self.memory = memory
  }

  /// Its part of an incident's sentence, such as `apt-daily.service: 0.9 of 2 processors, 210
  /// MB/s read`.
  public var sentence: String {
    func bytes(_ count: Double) -> String { HumanNumber.bytes(Int(max(0, min(count, 1e18)))) }
    let total = processors.map { " of \(HumanNumber.count(Int($0)))" } ?? ""
    let parts = [
      cpu.map { "\(HumanNumber.fixed($0, decimals: 1))\(total) processors" },
      readRate.map { "\(bytes($0))/s read" }, writeRate.map { "\(bytes($0))/s written" },
      memory.map { "memory grew by \(bytes($0))" },
    ].compactMap(\.self)
    return parts.isEmpty ? unit : "\(unit): \(parts.joined(separator: ", "))"
  }
}

extension Attribution {
  func encode(to writer: inout ByteWriter) {
    writer.write(unit)
    for number in [cpu, processors, readRate, writeRate, memory] { writer.write(number ?? .nan) }
  }

  init(from reader: inout ByteReader) throws(ByteReaderError) {
    unit = try reader.readString()
    func number() throws(ByteReaderError) -> Double? {
      let number = try reader.readDouble()
      return number.isFinite ? number : nil
    }
    cpu = try number()
    processors = try number()
    readRate = try number()
    writeRate = try number()
    memory = try number()
  }
}
