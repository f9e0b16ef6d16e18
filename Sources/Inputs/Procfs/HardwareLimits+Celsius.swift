import Series

extension HardwareLimits {
  /// The plausible range of a device's limit. Drivers report unset registers as 0, 127 or 255
  /// degrees.
  private static let plausible = 30.0...125

  /// The limits of a device that states these temperatures, in degrees; nil if neither is
  /// plausible.
  ///
  /// Many processors state as their maximum a temperature that any long computation reaches. It
  /// counts only if it is close to the critical temperature, as for disks.
  init?(maximum: Double?, critical: Double?) {
    func plausible(_ celsius: Double?) -> Double? {
      celsius.flatMap { HardwareLimits.plausible.contains($0) ? $0 : nil }
    }
    switch (plausible(maximum), plausible(critical)) {
    case (let maximum?, let critical?) where maximum < critical && maximum >= critical - 15:
      self.init(high: maximum, critical: critical)
    case (_, let critical?): self.init(high: critical - 5, critical: critical)
    case (let maximum?, nil): self.init(high: maximum, critical: max(108, maximum + 10))
    case (nil, nil): return nil
    }
  }
}
