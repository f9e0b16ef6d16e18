import Detection
import Events
import Series

/// What a backtest of one file found.
struct BacktestResult: Sendable {
  /// The file.
  var path: String
  /// What one column of it gave, in the order of the columns.
  var metrics: [Metric] = []
  /// Lines that could not be understood.
  var malformed = 0
  /// What a person should hear of, one line each.
  var notices: [String] = []
  /// Why the file could not be read to its end; nil when it was.
  var failure: String?

  /// One series.
  struct Metric: Sendable {
    /// Its name.
    var name: MetricName
    /// Samples, gaps included.
    var samples = 0
    /// Samples without a value.
    var gaps = 0
    /// Time of the first sample.
    var first: Timestamp?
    /// Time of the newest sample.
    var last: Timestamp?
    /// In the order in which they opened; the last one may still be open.
    var events: [Event] = []

    /// Time from the first to the newest sample in days, 0 where the clock ran backwards.
    var days: Double {
      guard let first, let last else { return 0 }
      return max(0, last.seconds - first.seconds) / 86_400
    }

    /// Takes one sample and what it did to the events.
    /// - Parameter open: the event that is open after it.
    mutating func take(_ sample: Sample, _ transitions: [EventTransition], open: Event?) {
      samples += 1
      if !sample.value.isFinite { gaps += 1 }
      if first == nil { first = sample.timestamp }
      last = sample.timestamp
      for transition in transitions {
        switch transition {
        case .opened(let event): events.append(event)
        case .updated(let event), .closed(let event): replaceNewest(event)
        }
      }
      if let open { replaceNewest(open) }
    }

    private mutating func replaceNewest(_ event: Event) {
      if !events.isEmpty { events[events.count - 1] = event }
    }
  }
}

/// The sums over all files of a backtest.
struct BacktestTotal: Sendable {
  /// Files that were read to their end.
  var files = 0
  /// Files that were not.
  var failedFiles = 0
  /// Series.
  var metrics = 0
  /// Samples of all series, gaps included.
  var samples = 0
  /// Samples without a value.
  var gaps = 0
  /// Lines that could not be understood.
  var malformed = 0
  /// Events.
  var events = 0
  /// Events that had not ended with their series.
  var openEvents = 0
  /// Days that the series span, added up.
  var days = 0.0

  /// The sums over `results`.
  init(_ results: [BacktestResult]) {
    for result in results {
      if result.failure == nil { files += 1 } else { failedFiles += 1 }
      malformed += result.malformed
      for metric in result.metrics {
        metrics += 1
        samples += metric.samples
        gaps += metric.gaps
        events += metric.events.count
        openEvents += metric.events.count { $0.closed == nil }
        days += metric.days
      }
    }
  }

  /// Events per series and day; nil where no time has passed.
  var alarmsPerDay: Double? { days > 0 ? Double(events) / days : nil }
}
