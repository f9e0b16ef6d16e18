import Series

/// One metric as sent, and its data in this interval.
struct SocketSeries {
  /// Its kind; fixed for as long as the series is known.
  enum Kind: UInt8 {
    /// Occurrences, reported as a rate per second.
    case counter
    /// A state.
    case gauge
    /// Measurements, reported as four metrics.
    case timer
    /// Members, of which the distinct ones are counted.
    case set
    /// A field of the line protocol, delivered on arrival.
    case field
    /// A metric of a timer, present only to reserve its name.
    case part
    /// A stream of events, each delivered on arrival.
    case event

    /// The kind in words, after "expected" and "found".
    var words: String {
      switch self {
      case .counter: "a counter"
      case .gauge: "a gauge"
      case .timer: "a timer"
      case .set: "a set"
      case .field: "a field of the line protocol"
      case .part: "a metric of a timer"
      case .event: "a stream of events"
      }
    }

    /// How many metrics it has.
    var metrics: Int {
      switch self {
      case .timer: SocketSeries.timerParts.count
      case .part: 0
      default: 1
      }
    }
  }

  /// The metrics of a timer, in the order of ``metrics``: measurements per second, their mean, the
  /// value that 95% of them do not exceed, and the largest.
  static let timerParts: [StaticString] = [".rate", ".mean", ".p95", ".max"]

  /// The name as bytes; for a timer that of its metrics without their parts.
  let key: [UInt8]
  /// The offset of the tags in it.
  let stem: Int
  let kind: Kind
  /// The user who sent it first.
  let owner: UInt32
  /// Its metrics.
  var metrics: [MetricSlot]
  /// When it was last sent, by the daemon's clock.
  var lastSeen: Timestamp
  /// Whether it was sent in this interval.
  var isFresh = false
  /// A counter's events in this interval, or a gauge's state.
  var value = 0.0
  /// A field's newest time stamp.
  var newest = Timestamp(nanoseconds: .min)
  /// A timer's measurements.
  let timer: TimerWindow?
  /// A set's members.
  let distinct: DistinctCount?

  init(
    key: [UInt8],
    stem: Int,
    kind: Kind,
    owner: UInt32,
    lastSeen: Timestamp
  ) throws(SocketFault) {
    self.key = key
    self.stem = stem
    self.kind = kind
    self.owner = owner
    self.lastSeen = lastSeen
    switch kind {
    case .timer:
      var metrics: [MetricSlot] = []
      for part in SocketSeries.timerParts {
        metrics.append(
          MetricSlot(try SocketName.metricName(SocketName.key(key, stem: stem, part: part))))
      }
      self.metrics = metrics
    case .part: metrics = []
    default: metrics = [MetricSlot(try SocketName.metricName(key))]
    }
    timer = kind == .timer ? TimerWindow(seed: UInt64(key.count) &+ 88_172_645_463_325_252) : nil
    distinct = kind == .set ? DistinctCount() : nil
  }
}
