/// How much more a unit uses than before.
public struct UnitChange: Equatable, Sendable {
  /// Its name, such as `apt-daily.service`.
  public var unit: String
  /// Processors more, >= 0.
  public var cpu: Double
  /// Bytes per second read more, >= 0.
  public var readRate: Double
  /// Bytes per second written more, >= 0.
  public var writeRate: Double
  /// Bytes of memory more, >= 0.
  public var memory: Double

  /// A change of these amounts.
  public init(
    unit: String, cpu: Double = 0, readRate: Double = 0, writeRate: Double = 0, memory: Double = 0
  ) {
    self.unit = unit
    self.cpu = cpu
    self.readRate = readRate
    self.writeRate = writeRate
    self.memory = memory
  }

  /// Below these amounts nobody is to blame: a twentieth of a processor is what any daemon uses.
  private static let least = UnitChange(
    unit: "", cpu: 0.1, readRate: 1e6, writeRate: 1e6, memory: 32e6)
  /// The share of all that was used more from which a unit accounts for it.
  private static let share = 0.25

  /// The units that account for most of the change in any resource, those that account for most of
  /// it first. Amounts that are not part of the change are 0.
  /// - Parameter maximum: how many at most.
  public static func leading(_ changes: [UnitChange], maximum: Int) -> [UnitChange] {
    let paths: [WritableKeyPath<UnitChange, Double>] = [\.cpu, \.readRate, \.writeRate, \.memory]
    let sums = paths.map { path in changes.reduce(0) { $0 + $1[keyPath: path] } }
    var result: [(change: UnitChange, weight: Double)] = []
    for change in changes {
      var kept = UnitChange(unit: change.unit)
      var weight = 0.0
      for (path, sum) in zip(paths, sums) {
        let amount = change[keyPath: path]
        guard amount >= least[keyPath: path], amount >= share * sum else { continue }
        kept[keyPath: path] = amount
        weight = max(weight, amount / sum)
      }
      if weight > 0 { result.append((kept, weight)) }
    }
    return result.sorted { ($1.weight, $0.change.unit) < ($0.weight, $1.change.unit) }
      .prefix(maximum).map(\.change)
  }
}

extension UnitUsage {
  /// Keeps the greater of both.
  mutating func raise(to other: UnitUsage) {
    for path in [\UnitUsage.cpu, \.read, \.written] {
      if let value = other[keyPath: path] {
        self[keyPath: path] = max(self[keyPath: path] ?? 0, value)
      }
    }
  }

  /// Amounts as rates; memory is no rate.
  func divided(by seconds: Double) -> UnitUsage {
    var result = self
    for path in [\UnitUsage.cpu, \.read, \.written] {
      if let value = self[keyPath: path] { result[keyPath: path] = value / seconds }
    }
    return result
  }
}
