/// The values at which a device itself says that it is in trouble, in the metric's unit.
public struct HardwareLimits: Equatable, Sendable {
  /// Above this it is near its limit.
  public let high: Double
  /// Above this it fails or switches off; > ``high``.
  public let critical: Double

  /// These limits.
  public init(high: Double, critical: Double) {
    precondition(high < critical, "a device is near its limit before it is beyond it")
    self.high = high
    self.critical = critical
  }
}
