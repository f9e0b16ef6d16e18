internal import Detection
internal import Glibc
internal import Monitor
public import Series

/// Our detector on a series of the benchmark: one metric of its own with a fixed alarm budget.
public struct NABTrial: Sendable {
  /// Normal samples per alarm.
  public let budget: Double

  /// Budgets tried in hindsight: 600 to 160,000 samples per alarm in steps of a tenth.
  private static let budgets = (0...60).map { pow(10, 2.8 + 0.04 * Double($0)) }

  /// A trial with this budget.
  public init(budget: Double) {
    self.budget = budget
  }

  /// Runs the detector over all rows.
  /// - Parameter seed: of the network's initial weights.
  public func run(_ samples: [Sample], seed: UInt64) -> NABOutcome.Run {
    var alarms: [Int] = []
    let replay = replay(samples, seed: seed) { alarms.append($0) }
    return NABOutcome.Run(
      alarms: alarms, alternatives: NABTrial.budgets.map { replay.alarms(budget: $0) })
  }

  /// The verdicts on all rows.
  /// - Parameter opened: called with each row at which an event would have opened.
  package func replay(
    _ samples: [Sample], seed: UInt64, opened: (Int) -> Void = { _ in }
  ) -> AlarmReplay {
    let configuration = DetectorConfiguration(seed: seed, alarmBudget: budget)
    let monitor = HostMonitor(limits: .init(metrics: 1, history: 256), hostSeed: 0) { _ in
      .watch(configuration)
    }
    let name = MetricName(sanitizing: "value")
    var replay = AlarmReplay()
    guard let metric = monitor.metric(named: name) else { return replay }
    for (index, sample) in samples.enumerated() {
      monitor.receive(sample, of: metric)
      guard let verdict = monitor[name]?.verdict else { continue }
      replay.append(verdict)
      if verdict.opensEvent { opened(index) }
    }
    return replay
  }
}
