/// What a control group and all below it have used, as the kernel counts it; nil where a controller is
/// not enabled for it.
struct UnitUsage {
  /// Processor time since it was created, in seconds.
  var cpu: Double?
  /// Bytes read from devices since it was created.
  var read: Double?
  /// Bytes written to devices since it was created.
  var written: Double?
  /// Bytes of memory now, cache of its files included.
  var memory: Double?

  /// Nothing known.
  init() {}

  /// The differences; what is not known of both is nil. A counter that was reset counts from zero.
  static func - (new: UnitUsage, old: UnitUsage) -> UnitUsage {
    func counted(_ path: KeyPath<UnitUsage, Double?>) -> Double? {
      guard let now = new[keyPath: path], let before = old[keyPath: path] else { return nil }
      return now >= before ? now - before : now
    }
    var result = UnitUsage()
    result.cpu = counted(\.cpu)
    result.read = counted(\.read)
    result.written = counted(\.written)
    if let now = new.memory, let before = old.memory { result.memory = now - before }
    return result
  }

  /// Adds what is known.
  static func += (sum: inout UnitUsage, other: UnitUsage) {
    for path in [\UnitUsage.cpu, \.read, \.written, \.memory] {
      if let value = other[keyPath: path] { sum[keyPath: path] = (sum[keyPath: path] ?? 0) + value }
    }
  }

  /// What remains without the parts; never less than nothing.
  func without(_ parts: UnitUsage) -> UnitUsage {
    var result = self
    for path in [\UnitUsage.cpu, \.read, \.written] {
      if let value = self[keyPath: path] {
        result[keyPath: path] = max(0, value - (parts[keyPath: path] ?? 0))
      }
    }
    if let memory { result.memory = memory - (parts.memory ?? 0) }
    return result
  }
}
