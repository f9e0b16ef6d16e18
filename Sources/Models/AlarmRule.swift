import Detection
import Glibc
import Series

/// Decides which distances alarm.
package struct AlarmRule: Sendable {
  /// How the threshold is determined.
  package enum Form: Equatable, Sendable {
    /// By online calibration: one alarm in this many normal rows.
    case calibrated(budget: Double)
    /// A fixed threshold: a quantile of the training distances, times a factor.
    case quantile(Double, factor: Double)
    /// A fixed threshold chosen by the user.
    case fixed(Double)
    /// A fixed threshold: the one with the highest point F1 on labelled training rows.
    case labelled
  }

  /// How the threshold is determined.
  package private(set) var form: Form
  /// The threshold of distances if it is fixed.
  private var threshold = 0.0
  private var calibrator = TailCalibrator(.fast)

  /// A rule that has seen nothing.
  package init(_ form: Form) {
    self.form = form
  }

  /// Learns the usual distances from distances in order; NaN if unknown.
  /// - Parameter labels: 1 for an anomalous row, 0 for a normal one, NaN if unknown; empty if there
  ///   are none.
  package mutating func fit(_ distances: [Double], labels: [Float] = []) {
    let known = distances.filter(\.isFinite)
    switch form {
    case .calibrated: for distance in known { _ = calibrator.surprise(distance) }
    case .quantile(let share, let factor):
      let sorted = known.sorted()
      guard !sorted.isEmpty else { return threshold = .infinity }
      let place = share * Double(sorted.count - 1)
      let below = Int(place)
      let above = min(below + 1, sorted.count - 1)
      threshold = sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
      threshold *= factor
    case .fixed(let value): threshold = value
    case .labelled:
      let rows = zip(distances, labels).filter { $0.isFinite && $1.isFinite }
      threshold = LabelledThreshold.best(rows.map { ($0, $1 == 1) }) ?? .infinity
    }
  }

  /// The threshold of distances; nil if calibration continues.
  package var fixedThreshold: Double? {
    if case .calibrated = form { return nil }
    return threshold
  }

  /// The score of the next row's distance; 1 and above alarms.
  package mutating func score(_ distance: Double) -> Double {
    guard distance.isFinite else { return 0 }
    switch form {
    case .calibrated(let budget): return Double(calibrator.surprise(distance)) / log10(budget)
    case .quantile, .fixed, .labelled:
      return threshold > 0 ? distance / threshold : distance > threshold ? .infinity : 0
    }
  }

  mutating func code(_ coder: inout some StateCoder) throws(StateDecodingError) {
    var (kind, first, second) = (0, 0.0, 0.0)
    switch form {
    case .calibrated(let budget): (kind, first) = (0, budget)
    case .quantile(let share, let factor): (kind, first, second) = (1, share, factor)
    case .fixed(let value): (kind, first) = (2, value)
    case .labelled: kind = 3
    }
    try coder.code(&kind, in: 0...3, "kind of an alarm rule")
    try coder.code(&first)
    try coder.code(&second)
    guard first.isFinite, second.isFinite, kind != 0 || first > 1, kind != 1 || first <= 1 else {
      throw .outOfRange(field: "parameter of an alarm rule", found: kind, expected: 0...3)
    }
    switch kind {
    case 0: form = .calibrated(budget: first)
    case 1: form = .quantile(max(0, first), factor: second)
    case 2: form = .fixed(first)
    default: form = .labelled
    }
    try coder.code(&threshold)
    try calibrator.code(&coder)
  }
}
