/// The resource usage of a control group and all below it, as counted by the kernel; nil if a
/// controller is not enabled for it.
struct UnitUsage {
  /// Processor time since it was created, in seconds.
  var cpu: Double?
  /// Bytes read from devices since it was created.
  var read: Double?
  /// Bytes written to devices since it was created.
  var written: Double?
  /// Present memory in bytes, including the cache of its files.
  var memory: Double?

  /// Nothing known.
  init() {}

  /// The differences of the counters; nil unless both are known. A counter that was reset counts
  /// from zero.
  static func - (new: UnitUsage, old: UnitUsage) -> UnitUsage {
    func counted(_ path: KeyPath<UnitUsage, Double?>) -> Double? {
      guard let now = new[keyPath: path], let before = old[keyPath: path] else { return nil }
      return now >= before ? now - before : now
    }
    var result = UnitUsage()
    result.cpu = counted(\.cpu)
    result.read = counted(\.read)
    result.written = counted(\.written)
    return result
  }

  /// Adds the known counters.
  static func += (sum: inout UnitUsage, other: UnitUsage) {
    for path in [\UnitUsage.cpu, \.read, \.written] {
      if let value = other[keyPath: path] { sum[keyPath: path] = (sum[keyPath: path] ?? 0) + value }
    }
  }

  /// Takes over the counters that are also known for another group.
  mutating func take(accountedIn other: UnitUsage) -> UnitUsage {
    var taken = UnitUsage()
    for path in [\UnitUsage.cpu, \.read, \.written] where other[keyPath: path] != nil {
      taken[keyPath: path] = self[keyPath: path]
      self[keyPath: path] = nil
    }
    return taken
  }

  /// The counters minus those of the parts; at least zero.
  func without(_ parts: UnitUsage) -> UnitUsage {
    var result = self
    for path in [\UnitUsage.cpu, \.read, \.written] {
      if let value = self[keyPath: path] {
        result[keyPath: path] = max(0, value - (parts[keyPath: path] ?? 0))
      }
    }
    return result
  }
}

/// User-visible names of control groups.
package enum UnitName {
  private static let kinds = [".service", ".scope", ".slice", ".socket", ".mount", ".swap"]

  /// The unit or container that a control group belongs to; nil for the root.
  /// - Parameter path: below the root of the hierarchy, such as `/system.slice/cron.service`.
  package static func name(of path: String) -> String? {
    let parts = path.split(separator: "/").map(String.init)
    guard let last = parts.last else { return nil }
    guard let index = parts.lastIndex(where: { part in kinds.contains { part.hasSuffix($0) } })
    else {
      // Without systemd: `docker/ID`, `kubepods/burstable/podID/ID`, `lxc.payload.NAME`.
      return parts.suffix(2).map(shortened).joined(separator: "/")
    }
    // Every user's manager has a scope of that name.
    if parts[index] == "init.scope", index > 0 { return shortened(parts[index - 1]) }
    return shortened(last == parts[index] ? last : parts[index])
  }

  /// Container ids, 64 hexadecimal digits, shortened to the usual 12.
  private static func shortened(_ part: String) -> String {
    var result = ""
    var run = ""
    for character in part + "\n" {
      if character.isHexDigit {
        run.append(character)
        continue
      }
      result += run.count == 64 ? String(run.prefix(12)) : run
      run = ""
      if character != "\n" { result.append(character) }
    }
    return result
  }
}

/// How much more a unit uses than before.
public struct UnitChange: Equatable, Sendable {
  /// Its name, such as `apt-daily.service`.
  public var unit: String
  /// Additional processors, >= 0.
  public var cpu: Double
  /// Additional bytes per second read, >= 0.
  public var readRate: Double
  /// Additional bytes per second written, >= 0.
  public var writeRate: Double
  /// Additional bytes of memory, >= 0.
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

  /// Below these amounts no unit is named: any daemon uses a twentieth of a processor.
  private static let least = UnitChange(
    unit: "", cpu: 0.1, readRate: 1e6, writeRate: 1e6, memory: 32e6)
  /// The share of the total increase from which a unit accounts for it.
  private static let share = 0.25

  /// The units that account for most of the change in any resource, in descending order. Amounts
  /// that are not part of the change are 0.
  /// - Parameter maximum: maximum number of units.
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
  /// Keeps the larger of both counters.
  mutating func raise(to other: UnitUsage) {
    for path in [\UnitUsage.cpu, \.read, \.written] {
      if let value = other[keyPath: path] {
        self[keyPath: path] = max(self[keyPath: path] ?? 0, value)
      }
    }
  }

  /// The counters as rates.
  func divided(by seconds: Double) -> UnitUsage {
    var result = self
    for path in [\UnitUsage.cpu, \.read, \.written] {
      if let value = self[keyPath: path] { result[keyPath: path] = value / seconds }
    }
    return result
  }
}
