import Evaluation

/// The results of a backtest.
struct BacktestResult: Sendable {
  /// How many files were to be read.
  var fileCount: Int
  /// The monitor's decisions.
  var outcome = ReplayOutcome()
  /// Unreadable lines.
  var malformed = 0
  /// Remarks, one line each.
  var notices: [String] = []
  /// Failures, one line each.
  var failures: [String] = []
  /// Files that could not be read completely, or not used as a whole.
  var failedFiles = 0

  /// Records that a file could not be used.
  mutating func fail(_ reason: String) {
    failedFiles += 1
    failures.append(reason)
  }

  /// Samples of all metrics, including missing ones.
  var samples: Int { outcome.metrics.reduce(0) { $0 + $1.samples } }
  /// Samples without a finite value.
  var gaps: Int { outcome.metrics.reduce(0) { $0 + $1.missing } }
  /// Incidents that outputs would have been notified of.
  var notifiedIncidents: Int { outcome.incidents.count { $0.isNotified } }
  /// Notified incidents a day; nil if no time has passed.
  var alarmsPerDay: Double? {
    outcome.days > 0 ? Double(notifiedIncidents) / outcome.days : nil
  }
}
