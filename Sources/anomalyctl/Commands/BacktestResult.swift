import Evaluation

/// What a backtest found.
struct BacktestResult: Sendable {
  /// How many files were to be read.
  var fileCount: Int
  /// What the monitor decided.
  var outcome = ReplayOutcome()
  /// Lines that could not be read.
  var malformed = 0
  /// Remarks, one line each.
  var notices: [String] = []
  /// What went wrong, one line each.
  var failures: [String] = []
  /// Files that could not be read to their end, or not be taken as a whole.
  var failedFiles = 0

  /// Notes that a file could not be taken.
  mutating func fail(_ reason: String) {
    failedFiles += 1
    failures.append(reason)
  }

  /// Samples of all metrics, missing ones included.
  var samples: Int { outcome.metrics.reduce(0) { $0 + $1.samples } }
  /// Samples without a finite value.
  var gaps: Int { outcome.metrics.reduce(0) { $0 + $1.missing } }
  /// Incidents of which outputs would have been notified.
  var notifiedIncidents: Int { outcome.incidents.count { $0.isNotified } }
  /// Notified incidents a day; nil if no time has passed.
  var alarmsPerDay: Double? {
    outcome.days > 0 ? Double(notifiedIncidents) / outcome.days : nil
  }
}
