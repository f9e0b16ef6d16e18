internal import Glibc

/// The scores of several runs with different seeds on the same series.
public struct NABTotal: Equatable, Sendable {
  /// The score of each run over all series.
  public let runs: [NABScore]

  /// The total of these runs, at least one.
  public init(runs: [NABScore]) {
    precondition(!runs.isEmpty, "a total needs at least one run")
    self.runs = runs
  }

  /// Mean of the normalised scores, nil if nothing is labelled.
  public var mean: Double? { average { $0.normalised } }

  /// Sample standard deviation of the normalised scores; nil for a single run.
  public var deviation: Double? {
    guard runs.count > 1, let mean else { return nil }
    let squares = runs.compactMap(\.normalised).map { ($0 - mean) * ($0 - mean) }
    return sqrt(squares.reduce(0, +) / Double(squares.count - 1))
  }

  /// Labelled anomalies found, mean over runs.
  public var detectedWindows: Double { average { Double($0.detectedWindows) } ?? 0 }

  /// False alarms, mean over runs.
  public var falseAlarms: Double { average { Double($0.falseAlarms) } ?? 0 }

  private func average(_ value: (NABScore) -> Double?) -> Double? {
    let values = runs.compactMap(value)
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}
