/// An incident: events that overlap in time.
public struct OpenIncidentMessage: Codable, Equatable, Sendable {
  /// The maximum number of metrics listed; `size` counts all events.
  public static let maximumMetrics = 8

  /// Its id: that of the event that opened it.
  public var id: String
  /// When the evidence of its earliest event began.
  public var began: Moment
  /// The highest severity of its events: `info`, `warning`, `error` or `critical`.
  public var severity: String
  /// How many events it has had.
  public var size: Int
  /// How many of them are open.
  public var open: Int
  /// Metrics of its events in the order in which they began, at most ``maximumMetrics``.
  public var metrics: [String]

  /// Creates an incident.
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
