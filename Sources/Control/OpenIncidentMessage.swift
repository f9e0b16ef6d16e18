/// An incident: events that overlap in time.
public struct OpenIncidentMessage: Codable, Equatable, Sendable {
  /// The most metrics that are named; `size` counts all events.
  public static let maximumMetrics = 8

  /// Its id: that of the event with which it opened.
  public var id: String
  /// When the evidence of its earliest event began.
  public var began: Moment
  /// How grave the gravest of its events is: `info`, `warning`, `error` or `critical`.
  public var severity: String
  /// How many events it has had.
  public var size: Int
  /// How many of them are open.
  public var open: Int
  /// Metrics of its events in the order in which they began, at most ``maximumMetrics``.
  public var metrics: [String]

  /// An incident with these facts.
  public init(
    id: String, began: Moment, severity: String, size: Int, open: Int, metrics: [String]
  ) {
    self.id = id
    self.began = began
    self.severity = severity
    self.size = size
    self.open = open
    self.metrics = metrics
  }
}
