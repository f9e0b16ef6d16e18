import Glibc
import Series

/// Turns the time between two events of a stream into a number suitable for learning: its
/// logarithm.
///
/// The first intervals determine the clock's tick (the least positive one) and, through ``Scaler``, the
/// usual range; y = ln(1 + interval / tick), so that events within one tick have a finite distance.
struct EventClock {
  /// Intervals from which tick and range are taken.
  static let primingIntervals = 100

  /// Memory of ``mean``, in intervals.
  private static let memory = 2000.0

  /// Mean interval in nanoseconds; 0 before the first.
  private(set) var mean = 0.0
  /// Nanoseconds in a tick; 0 until primed.
  private(set) var tick = 0.0
  private var scaler = Scaler()
  private var seen = 0
  private var priming: [Double] = []

  init() {
    priming.reserveCapacity(EventClock.primingIntervals)
  }

  /// Whether intervals are meaningful yet.
  var isReady: Bool { tick > 0 }
  /// Change of ``scaled(_:)`` by y, > 0.
  var slope: Double { 1 / scaler.deviation }

  /// y of an interval in nanoseconds, >= 0.
  func logarithm(_ interval: Double) -> Double { log1p(interval / tick) }

  /// The interval in nanoseconds that has this y.
  func interval(_ y: Double) -> Double { tick * expm1(y) }

  /// The network's view of y: about 0 with a spread of about 1.
  func scaled(_ y: Double) -> Float { Float((y - scaler.mean) * slope) }

  /// y of a number on the network's scale; inverse of ``scaled(_:)``.
  func unscaled(_ z: Double) -> Double { scaler.mean + z * scaler.deviation }

  /// Learns an interval in nanoseconds, >= 0.
  mutating func learn(_ interval: Double) {
    mean += (interval - mean) / min(Double(seen + 1), EventClock.memory)
    guard isReady else { return prime(interval) }
    scaler.learn(logarithm(interval), seen: seen)
    seen += 1
  }

  private mutating func prime(_ interval: Double) {
    priming.append(interval)
    seen += 1
    guard seen == EventClock.primingIntervals else { return }
    tick = priming.reduce(Double.infinity) { $1 > 0 ? min($0, $1) : $0 }
    if tick == .infinity { tick = 1_000_000 }
    scaler.prime(priming.map(logarithm))
    priming = []
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    try coder.code(&mean)
    try coder.code(&tick)
    try scaler.code(&coder)
    try coder.code(count: &seen, "intervals")
    try coder.code(&priming, maximum: EventClock.primingIntervals)
  }
}
